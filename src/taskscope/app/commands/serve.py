"""``taskscope serve``."""

import logging
import sys

import click

from taskscope.app.processes.log import start_log
from taskscope.app.serve import server
from taskscope.app.settings.config import ServerConfig
from taskscope.app.settings.in_force import load_settings
from taskscope.cli.setting_options import setting_options


def log_to_stderr() -> None:
    """Write what processes say of themselves to stderr."""
    start_log(logging.StreamHandler(sys.stderr), who="taskscope")


@click.command()
@click.option("--config", metavar="FILE", help="File of settings. [TASKSCOPE_CONFIG; default: taskscope.toml]")
@setting_options(ServerConfig)
def serve(config: str | None, flags: dict[str, object]) -> None:
    """
    Collect, keep and show telemetry.

    Says on start what listens where, and prints the lines that point apps here on stdout. SIGTERM or Ctrl-C ends it:
    what was received is stored and forwarded first, and a receipt tells what became of it.
    """
    log_to_stderr()
    server(load_settings(ServerConfig, flags, config=config)).run()
