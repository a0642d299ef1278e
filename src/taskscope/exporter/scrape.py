"""One scrape: how long it may take, what it says, in which format."""

import gzip
import math
import threading
from collections.abc import Callable, Iterable, Iterator
from email.message import Message
from http import HTTPStatus
from typing import Final

from prometheus_client import Metric
from prometheus_client.exposition import choose_encoder, gzip_accepted
from prometheus_client.registry import Collector

from taskscope.exporter.flight import SharedReading
from taskscope.exporter.metrics.families import families
from taskscope.exporter.server.answer import Answer

MAX_SECONDS: Final = 7.0
"""How long a scrape waits for the endpoint at most: Prometheus waits for 10 s by default."""
_OFFSET_SECONDS: Final = 0.5
"""What is left of Prometheus' patience for everything beside the endpoint."""
_GZIP_LEVEL: Final = 1
"""The text of ten containers becomes a tenth at any level, and level 9 takes four times the CPU of this one."""


class Scrape(Collector):
    """Answers scrapes: what the task metadata endpoint says, and what the exporter says of itself."""

    def __init__(self, reading: SharedReading, *, sets: frozenset[str], own: Iterable[Collector]) -> None:
        self._reading = reading
        self._sets = sets
        self._own = tuple(own)
        self._writing = threading.Lock()

    def answer(self, headers: Message) -> Answer:
        """Answer a scrape, with 200 also where nothing could be read."""
        outcome = self._reading.ask(patience_seconds(headers.get("X-Prometheus-Scrape-Timeout-Seconds")))
        encode, content_type = _encoder(headers.get("Accept") or "")
        with self._writing:  # a hundred texts written at once would need memory for all, and take as long
            body = encode(_Families([*families(outcome, sets=self._sets), *self.collect()]))
        if not gzip_accepted(headers.get("Accept-Encoding") or ""):
            return Answer(HTTPStatus.OK, body, content_type, {"Vary": "Accept, Accept-Encoding"})
        packed = {"Content-Encoding": "gzip", "Vary": "Accept, Accept-Encoding"}
        return Answer(HTTPStatus.OK, gzip.compress(body, _GZIP_LEVEL), content_type, packed)

    def collect(self) -> Iterator[Metric]:
        """Yield the exporter's own families."""
        for each in self._own:
            yield from each.collect()


class _Families(Collector):
    """What an encoder takes."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        return self._found


def _encoder(accept: str) -> tuple[Callable[[Collector], bytes], str]:
    """Return what writes the format that is asked for, and its content type; the oldest where the header is odd."""
    try:
        return choose_encoder(accept)
    except (TypeError, ValueError):  # a version that is no number
        return choose_encoder("")


def patience_seconds(asked: str | None) -> float:
    """Return how long a scrape may wait for the endpoint, whose scraper said how long it waits itself (in seconds)."""
    try:
        seconds = float(asked or "")
    except ValueError:
        return MAX_SECONDS
    if not math.isfinite(seconds) or seconds <= 0:
        return MAX_SECONDS
    return min(MAX_SECONDS, max(seconds - _OFFSET_SECONDS, seconds / 2))
