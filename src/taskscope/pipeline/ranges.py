"""What a range of a lane means: most are decoded frame by frame, StatsD's is aggregated as a whole."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from taskscope.counters import Counters
from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Batch, Row, Signal
from taskscope.model.resource import Resource
from taskscope.pipeline.aggregate.config import AggregateConfig
from taskscope.pipeline.aggregate.gauges import GaugeState
from taskscope.pipeline.aggregate.window import aggregate, sender_resource
from taskscope.pipeline.cutting import window_of
from taskscope.pipeline.decode import Decoder, Enrichment
from taskscope.pipeline.piece import Piece, only
from taskscope.pipeline.quarantine import Quarantine
from taskscope.spool.frame import Frame, Kind

_log = logging.getLogger(__name__)

AGGREGATED: str = "statsd"
"""Lanes of this receiver are cut by windows and aggregated."""


def receiver_of(lane: str) -> str:
    """Return the receiver that a lane belongs to: ``otlp`` of ``otlp-1``."""
    return lane.rpartition("-")[0]


@dataclass
class RangeContents:
    """The pieces of a range, and, once they were all taken, what the next range of the lane builds upon."""

    pieces: Iterator[Piece]
    state: Any = field(default=None)


class RangeReader:
    """Makes pieces of ranges for one sink. May be used by several threads."""

    def __init__(
        self,
        decoder: Decoder,
        *,
        signals: frozenset[Signal],
        config: AggregateConfig,
        window_ns: int,
        quarantine: Quarantine,
        counters: Counters,
        enrichment: Enrichment | None = None,
    ) -> None:
        """
        Prepare for a sink.

        Args:
            decoder: For all lanes that are not aggregated.
            signals: What the sink takes.
            config: Of the aggregation.
            window_ns: Its flush interval.
            quarantine: Where unreadable lines go.
            counters: What is dropped is counted here.
            enrichment: Who knows the senders.
        """
        self._decoder = decoder
        self._signals = signals
        self._config = config
        self._window_ns = window_ns
        self._quarantine = quarantine
        self._counters = counters
        self._enrichment = enrichment

    @staticmethod
    def in_turn(lane: str) -> bool:
        """Whether the ranges of a lane build upon one another, so that one must be done before the next."""
        return receiver_of(lane) == AGGREGATED

    def note(self, frames: Iterable[Frame]) -> Any:
        """Return what decides, beside its frames, how a range is read, and has to be the same at each delivery."""
        return self._decoder.known(frames)

    def read(self, lane: str, frames: Iterator[Frame], token: str, state: Any, note: Any = None) -> RangeContents:
        """Return the pieces of a range; ``state`` is what the range before it has left."""
        if not self.in_turn(lane):
            return RangeContents(self._decoder.pieces(frames, token, known=note))
        if not self._signals & {Signal.METRICS, Signal.LOGS}:
            return RangeContents(iter(()))
        contents = RangeContents(iter(()))
        contents.pieces = only(self._signals, self._window(frames, token, state, contents))
        return contents

    def _window(self, frames: Iterator[Frame], token: str, state: Any, contents: RangeContents) -> Iterator[Piece]:
        first = next(frames, None)
        if first is None:
            return
        start_ns, end_ns = window_of(first.received_ns, self._window_ns)
        gauges = self._gauges(state)
        window = aggregate(
            chain([first], frames),
            start_ns=start_ns,
            end_ns=end_ns,
            gauges=gauges,
            config=self._config,
            resource_of=self._resource_of,
        )
        for bad in window.bad_lines:
            self._quarantine.keep(Frame(Kind.STATSD_DATAGRAM, first.received_ns, bad.line), bad.reason)
        self._counters.add("quarantine.full", window.bad_count - len(window.bad_lines))
        self._counters.add("dropped.statsd.limits", window.dropped)
        contents.state = window.gauges.to_json()
        yield from _pieces(Signal.METRICS, window.datapoints, first, token)
        yield from _pieces(Signal.LOGS, window.logs, first, token)

    def set_aside(self, frames: Iterable[Frame], reason: str) -> None:
        """Put the frames of a range into quarantine, since no pieces can be made of it."""
        for frame in frames:
            self._quarantine.keep(frame, reason)

    @staticmethod
    def _gauges(state: Any) -> GaugeState:
        try:
            return GaugeState.from_json(state) if state else GaugeState()
        except MalformedPayloadError as error:
            _log.error("%s; gauges begin anew", error)
            return GaugeState()

    def _resource_of(self, sender: str) -> Resource:
        resource = sender_resource(sender)
        return resource if self._enrichment is None else self._enrichment.enrich(resource, sender)


def _pieces(signal: Signal, rows: Iterable[Row], first: Frame, token: str) -> Iterator[Piece]:
    kept = list(rows)
    if kept:
        yield Piece(Batch(signal, kept, f"{token}:0"), [first] * len(kept))
