"""``taskscope config``: what is in force, and whether it is right."""

import json
import sys

import click

from taskscope.app.config import ServerConfig
from taskscope.app.settings import load_settings
from taskscope.cli.setting_options import setting_options
from taskscope.config.show import COLUMNS, documents, rows
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
    loaded = load_settings(ServerConfig, flags, config=config).loaded
    if output == "json":
        click.echo(json.dumps(documents(loaded), indent=2))
    else:
        print_rows(COLUMNS, rows(loaded), color=False, terminal=sys.stdout.isatty())


@config.command()
@_FILE
@setting_options(ServerConfig)
def validate(config: str | None, flags: dict[str, object]) -> None:
    """Read all settings; exit code 2 and the place of the first that is wrong, else 0."""
    load_settings(ServerConfig, flags, config=config)
    click.echo("the settings are right", err=True)
