"""Exporters in this process, as `run.serve` makes them."""

import http.client
import logging
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from prometheus_client.parser import text_string_to_metric_families

from taskscope.exporter.addresses import Address
from taskscope.exporter.config import ExporterConfig
from taskscope.exporter.metrics.families import SETS
from taskscope.exporter.run import serve
from tests.unit.exporter.misbehaving import Endpoint, endpoint


class Got(NamedTuple):
    """An answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def samples(self) -> dict[str, float]:
        """Values of samples, by name and labels but for those that all samples of the compatible set have."""
        found = {}
        for family in text_string_to_metric_families(self.body.decode()):
            for sample in family.samples:
                labels = {name: value for name, value in sample.labels.items() if name.islower()}
                if "ContainerName" in sample.labels:
                    labels["ContainerName"] = sample.labels["ContainerName"]
                text = ",".join(f'{name}="{value}"' for name, value in labels.items())
                found[f"{sample.name}{{{text}}}" if text else sample.name] = sample.value
        return found


class Running:
    """An exporter that answers."""

    def __init__(self, port: int) -> None:
        self.port = port

    def connect(self, tls: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
        """Open a connection."""
        if tls is not None:
            return http.client.HTTPSConnection("localhost", self.port, timeout=20, context=tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def get(
        self,
        path: str = "/metrics",
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        tls: ssl.SSLContext | None = None,
    ) -> Got:
        """Make a request on a connection of its own."""
        connection = self.connect(tls)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            answer = connection.getresponse()
            return Got(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


class StartExporter:
    """Starts exporters, and stops them."""

    def __init__(self, usual: ExporterConfig, log: "Log") -> None:
        self._usual = usual
        self._log = log
        self._stack = ExitStack()

    def __call__(self, **settings: Any) -> Running:
        """Start one, with settings of ``ExporterConfig``."""
        return self._stack.enter_context(_running(replace(self._usual, **settings), self._log))

    def stop_all(self) -> None:
        """Stop those that run."""
        self._stack.close()


@contextmanager
def _running(config: ExporterConfig, log: "Log") -> Iterator[Running]:
    stop = threading.Event()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            serve(config, lambda: bool(stop.wait(50)))  # type: ignore[arg-type] # what it returns is not asked
        except BaseException as error:  # noqa: BLE001 (raised below)
            failed.append(error)
            log.changed.set()

    thread = threading.Thread(target=run)
    begun = len(log.records)
    thread.start()
    try:
        while not failed and not (told := log.fields("listening", since=begun)):
            log.changed.wait(10)
            log.changed.clear()
        if failed:
            raise failed[0]
        yield Running(int(told[0]["address"].rpartition(":")[2]))
    finally:
        stop.set()
        thread.join(10)


class Log(logging.Handler):
    """What the exporter logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []
        self.changed = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.records.append(record)
        self.changed.set()

    def fields(self, message: str, *, since: int = 0) -> list[Mapping[str, Any]]:
        """Return the fields of the lines with a message."""
        found = [each for each in self.records[since:] if each.getMessage() == message]
        return [getattr(each, "fields", {}) for each in found]

    def messages(self, least: int = logging.INFO) -> list[str]:
        """Return the messages of a level and above."""
        return [each.getMessage() for each in self.records if each.levelno >= least]


@pytest.fixture
def log() -> Iterator[Log]:
    """Give the log of all exporters of a test."""
    logger, kept = logging.getLogger("taskscope.exporter"), Log()
    before = logger.level
    logger.addHandler(kept)
    logger.setLevel(logging.INFO)
    yield kept
    logger.removeHandler(kept)
    logger.setLevel(before)


@pytest.fixture
def metadata() -> Iterator[Endpoint]:
    """Give an endpoint whose behaviour can be changed."""
    with endpoint() as running:
        yield running


@pytest.fixture
def start_exporter(metadata: Endpoint, log: Log) -> Iterator[StartExporter]:
    """Give a factory of exporters of that endpoint; each ends with the test."""
    start = StartExporter(ExporterConfig(Address("127.0.0.1", 0), metadata.url, SETS), log)
    yield start
    start.stop_all()


@pytest.fixture
def exporter(start_exporter: StartExporter) -> Running:
    """Give an exporter with default settings."""
    return start_exporter()
