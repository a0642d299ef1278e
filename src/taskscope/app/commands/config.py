"""``taskscope config``: what is in force, and whether it is right."""

import json
import sys

import click

from taskscope.app.settings.config import ServerConfig
from taskscope.app.settings.in_force import load_settings, read_token
from taskscope.app.settings.tls import server_context
from taskscope.cli.setting_options import setting_options
from taskscope.config.show import documents, rows
from taskscope.render.table import print_rows

_FILE = click.option("--config", metavar="FILE", help="File of settings. [TASKSCOPE_CONFIG; default: taskscope.toml]")


@click.group()
def config() -> None:
    """Show and check settings."""


@config.command()
@_FILE
@setting_options(ServerConfig)
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="A table, or JSON."
)
def show(config: str | None, output: str, flags: dict[str, object]) -> None:
    """Print every setting that is in force, and where it came from; secrets are masked."""
    settings = load_settings(ServerConfig, flags, config=config)
    server = settings.server
    loaded = settings.with_server(data_dir=server.data_dir or str(server.folder), store=server.dsn).loaded
    if output == "json":
        click.echo(json.dumps(documents(loaded), indent=2))
    else:
        # Values last: they may be long, and only the last column is broken into lines.
        shown = ((each.setting, each.origin, each.value) for each in rows(loaded))
        print_rows(("SETTING", "FROM", "VALUE"), shown, color=False, terminal=sys.stdout.isatty())


@config.command()
@_FILE
@setting_options(ServerConfig)
def validate(config: str | None, flags: dict[str, object]) -> None:
    """
    Read all settings; exit code 2 and the place of the first that is wrong, else 0.

    The files of tokens and of the certificate are read, too. No port is tried.
    """
    settings = load_settings(ServerConfig, flags, config=config)
    server = settings.server
    server.check_exposure(settings.write_token())
    read_token(server.read_token, server.read_token_file)
    server_context(server)
    click.echo("the settings are right", err=True)
