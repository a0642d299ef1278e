"""``taskscope collect``, in the place of the X-Ray daemon and of AWS's OpenTelemetry collector."""

import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from typing import Final

import click

from taskscope.app.collect import sidecar
from taskscope.app.processes.log import start_log
from taskscope.app.settings.config import CollectorConfig
from taskscope.app.settings.in_force import load_settings
from taskscope.app.settings.replaced import check_preset, daemon_addresses, daemon_targets, preset_flags, without_effect
from taskscope.app.settings.sinks import check_sinks
from taskscope.cli.setting_options import setting_options
from taskscope.cli.sidecar.daemon_options import DaemonCommand, daemon_options
from taskscope.config.adot import Preset, check_environment, find_preset
from taskscope.config.daemon import DaemonConfig
from taskscope.errors import UsageError

_LEVELS: Final = {
    "dev": logging.DEBUG, "debug": logging.DEBUG, "info": logging.INFO, "prod": logging.INFO,
    "warn": logging.WARNING, "error": logging.ERROR,
}  # fmt: skip
_ROTATE_BYTES: Final = 50 * 1024 * 1024
_SHIPPED: Final = "/etc/"

_logger = logging.getLogger(__name__)


@click.command(cls=DaemonCommand)
@click.option("-c", "--config", metavar="FILE", help="Our file, the daemon's, or a path of AWS's collector.")
@setting_options(CollectorConfig)
@daemon_options
def collect(config: str | None, daemon: DaemonConfig, flags: dict[str, object]) -> None:
    """
    Collect and forward, without a store: a sidecar.

    Takes the flags of AWS's X-Ray daemon, and by --config its file, or the configuration paths that AWS's OpenTelemetry
    collector ships, so that an existing task definition needs another image name only. Without --to it sends segments
    to X-Ray, as the daemon does.
    """
    _log(daemon)
    check_environment(os.environ)
    preset = _preset(config)
    shipped = {} if preset is None else preset_flags(preset, os.environ)
    ours = shipped | daemon_addresses(daemon) | flags
    if preset is not None:
        check_preset(preset, ours)
    settings = load_settings(CollectorConfig, ours, config=config if preset is None else None)
    targets = daemon_targets(settings.server.to, daemon)
    check_sinks(targets)
    for line in without_effect(daemon, targets):
        _logger.warning("%s", line)
    sidecar(settings.with_server(to=targets)).run()


def _preset(config: str | None) -> Preset | None:
    """Return what a path of AWS's collector stands for; nothing for a file of ours."""
    if config is None or not config.removeprefix("file:").startswith(_SHIPPED) or not config.endswith(".yaml"):
        return None
    preset = find_preset(config)
    for line in preset.shortcomings():
        _logger.warning("%s", line)
    return preset


def _log(daemon: DaemonConfig) -> None:
    """Log as the daemon would: to stderr, or to a file that is exchanged at 50 MB."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if daemon.log_path:
        size = _ROTATE_BYTES if daemon.log_rotation else 0
        try:
            handler = RotatingFileHandler(daemon.log_path, maxBytes=size, backupCount=1)
        except OSError as error:
            raise UsageError(f"--log-file {daemon.log_path} cannot be written: {error.strerror}") from None
    start_log(handler, who="taskscope", level=_LEVELS[daemon.log_level])
