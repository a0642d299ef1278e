"""Consumers, put together: for each sink its decoder, its delivery, its cutters."""

import threading
from collections.abc import Callable
from typing import Final

from taskscope.app.context import Context
from taskscope.app.enrichment import make_enrichment
from taskscope.app.sinks import check_targets, make_sink
from taskscope.clock import MILLISECOND, SECOND, system_clock
from taskscope.model.batch import Signal
from taskscope.pipeline.aggregate.config import AggregateConfig
from taskscope.pipeline.consumer import Consumer
from taskscope.pipeline.cutting import BatchCutter, Cutter, WindowCutter
from taskscope.pipeline.decode import Decoder, Enrichment, Selection
from taskscope.pipeline.deliver import Delivery
from taskscope.pipeline.enrich import TaskAddresses
from taskscope.pipeline.quarantine import Quarantine
from taskscope.pipeline.ranges import RangeReader
from taskscope.sinks.api import Sink
from taskscope.spool.reader import LaneReader

_WORKERS: Final = 2
"""Of each sink: two insert clients store 1.6 times what one does, more bring nothing on two cores."""
_ENOUGH_BYTES: Final = 4 << 20
_MOST_BYTES: Final = 32 << 20
_WAIT: Final = 200 * MILLISECOND


def make_consumers(
    context: Context,
    stop: threading.Event,
    *,
    store: Sink | None = None,
    addresses: TaskAddresses | None = None,
    selection: Selection | None = None,
) -> list[Consumer]:
    """Make a consumer for the store, if there is one, and for each sink that is asked for."""
    sinks = [make_sink(target) for target in check_targets(context.server.to)]
    quarantine = Quarantine(context.folders.quarantine, context.counters)
    everyone = sinks if store is None else [store, *sinks]
    unclaimed = frozenset(Signal) - frozenset().union(*(sink.signals for sink in everyone))
    enrichment = make_enrichment(addresses)
    made = []
    for number, sink in enumerate(everyone):
        decoder = Decoder(
            signals=sink.signals,
            encoded=sink.encoded,
            quarantine=quarantine,
            counters=context.counters,
            enrichment=enrichment,
            selection=selection,
            learn=addresses.learn if addresses is not None and number == 0 else None,
            unclaimed=unclaimed if number == 0 else frozenset(),
        )
        made.append(_make(context, sink, decoder, quarantine, stop, enrichment))
    return made


def _make(
    context: Context,
    sink: Sink,
    decoder: Decoder,
    quarantine: Quarantine,
    stop: threading.Event,
    enrichment: Enrichment | None,
) -> Consumer:
    window_ns = round(context.server.statsd_interval_seconds * SECOND)
    ranges = RangeReader(
        decoder,
        signals=sink.signals,
        config=context.plan.component(AggregateConfig, "aggregation"),
        window_ns=window_ns,
        quarantine=quarantine,
        counters=context.counters,
        enrichment=enrichment,
    )
    return Consumer(
        sink.name,
        spool=context.spool,
        ranges=ranges,
        delivery=Delivery(sink, quarantine, context.counters, stop),
        cutters=_cutters(ranges.in_turn, window_ns),
        counters=context.counters,
        workers=_WORKERS,
        stop=stop,
    )


def _cutters(in_turn: Callable[[str], bool], window_ns: int) -> Callable[[str, LaneReader], Cutter]:
    def make(lane: str, reader: LaneReader) -> Cutter:
        if in_turn(lane):
            return WindowCutter(reader, window_ns=window_ns, clock=system_clock)
        return BatchCutter(
            reader, enough_bytes=_ENOUGH_BYTES, most_bytes=_MOST_BYTES, wait_ns=_WAIT, clock=system_clock
        )

    return make
