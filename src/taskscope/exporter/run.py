"""The exporter from its start to its end."""

import logging
from collections.abc import Callable
from functools import partial

from taskscope import __version__
from taskscope.exporter.config import ExporterConfig
from taskscope.exporter.endpoint import read_endpoint
from taskscope.exporter.flight import SharedReading
from taskscope.exporter.own import Own
from taskscope.exporter.scrape import Scrape
from taskscope.exporter.server.answer import Guard, OpenGuard
from taskscope.exporter.server.listener import Listener
from taskscope.exporter.server.tally import Tally
from taskscope.exporter.site import ExporterSite
from taskscope.sockets import listen_tcp

_logger = logging.getLogger(__name__)


def serve(config: ExporterConfig, wait: Callable[[], None]) -> None:
    """
    Answer until ``wait`` returns or raises.

    Raises:
        UsageError: A setting is wrong, or the port cannot be had.
    """
    config.validate()
    guard, tally = _guard(config), Tally()
    site = ExporterSite(_scrape(config, tally).answer, telemetry_path=config.telemetry_path)
    listener = Listener(listen_tcp(*config.address, flag="--port"), site, guard, tally)
    listener.start()
    address = config.address._replace(port=listener.server_address[1])  # the one that it got, where 0 was asked for
    told = {"address": str(address), "path": config.telemetry_path, "endpoint": config.endpoint}
    _logger.info("listening", extra={"fields": {**told, "version": __version__}})
    try:
        wait()
    finally:
        _logger.info("stopping", extra={"fields": {"answers": sum(tally.counts().values())}})
        listener.stop()


def _scrape(config: ExporterConfig, tally: Tally) -> Scrape:
    reading = SharedReading(partial(read_endpoint, config.metadata()))
    own = [Own(answers=tally.counts, readings=reading.counts)] if config.has_own_metrics else []
    return Scrape(reading, sets=config.sets, own=own)


def _guard(config: ExporterConfig) -> Guard:
    if config.web_config is None:
        return OpenGuard()
    from taskscope.exporter.web_config.guard import FileGuard  # noqa: PLC0415 (YAML and bcrypt take 3 MB of memory)

    return FileGuard(config.web_config)
