"""The consumers of a collector: for each sink its decoder, its delivery, its cutters, and what sampling needs."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from taskscope.app.components import WINDOWS
from taskscope.app.delivery.enrichment import make_enrichment
from taskscope.app.processes.context import Context
from taskscope.app.settings.sinks import check_targets, make_sink
from taskscope.clock import MILLISECOND, SECOND, system_clock
from taskscope.model.batch import Signal
from taskscope.pipeline.aggregate.config import AggregateConfig
from taskscope.pipeline.consumer import Consumer
from taskscope.pipeline.cutting import BatchCutter, Cutter, WindowCutter
from taskscope.pipeline.decode import Decoder
from taskscope.pipeline.deliver import Delivery
from taskscope.pipeline.enrich import TaskAddresses
from taskscope.pipeline.observe import Observer, carries_spans
from taskscope.pipeline.quarantine import Quarantine
from taskscope.pipeline.ranges import RangeReader
from taskscope.pipeline.sample import SamplingConfig, TailSampler
from taskscope.pipeline.waiting import WaitingCutter
from taskscope.sinks.api import Sink
from taskscope.spool.frame import Kind
from taskscope.spool.reader import LaneReader

_WORKERS: Final = 2
"""Of each sink: two insert clients store 1.6 times what one does, more bring nothing on two cores."""
_ENOUGH_BYTES: Final = 4 << 20
_MOST_BYTES: Final = 32 << 20
_FORWARDED_BYTES: Final = 8 << 20
"""Of a piece for a sink that forwards: a sidecar has little memory, and AWS takes 1 MB in a call anyway."""
_WAIT: Final = 200 * MILLISECOND
_FROM_AWS: Final = frozenset({Kind.LOG_EVENTS, Kind.PERFORMANCE_EVENTS, Kind.METRIC_DATA})
"""What watching reads is kept, and not sent on: sinks would write it to the very groups that it was read from."""


class Consumers:
    """A consumer for the store, if there is one, and for each sink that is asked for."""

    def __init__(
        self,
        context: Context,
        stop: threading.Event,
        *,
        store: Sink | None = None,
        addresses: TaskAddresses | None = None,
    ) -> None:
        """
        Open the sinks and the cursors.

        Raises:
            UsageError: A sink is not as it should be.
        """
        self._context = context
        self._stop = stop
        self._addresses = addresses
        self._enrichment = make_enrichment(addresses)
        self._quarantine = Quarantine(context.folders.quarantine, context.counters)
        self._window_ns = round(context.server.statsd_interval_seconds * SECOND)
        self._sampling = context.plan.component(SamplingConfig, "sampling")
        self._sampler = TailSampler(self._sampling, context.counters) if self._sampling.is_on else None
        self._observer = (
            Observer(context.spool, self._sampler.learn, clock=system_clock) if self._sampler is not None else None
        )
        targets = check_targets(context.server.to)
        sinks = [(make_sink(target), round(WINDOWS.get(target.name, 0) * SECOND)) for target in targets]
        everyone = sinks if store is None else [(store, 0), *sinks]
        unclaimed = frozenset(Signal) - frozenset().union(*(sink.signals for sink, _ in everyone))
        self.all: Final = [
            self._consumer(
                sink,
                unclaimed=frozenset() if number else unclaimed,
                is_first=not number,
                is_store=sink is store,
                window_ns=window_ns,
            )
            for number, (sink, window_ns) in enumerate(everyone)
        ]

    def start(self) -> None:
        """Begin to deliver; with sampling, when the traces that are in the spool already have been looked at."""
        if self._observer is not None:
            self._observer.start(self.all)
            self._observer.wait(self._sampling.wait_seconds)
        for consumer in self.all:
            consumer.start()

    def drain(self, deadline: float) -> None:
        """Deliver what is there, until a monotonic time."""
        with ThreadPoolExecutor(len(self.all)) as pool:
            list(pool.map(lambda each: each.drain(deadline), self.all))

    def stop(self) -> None:
        """End after what is under way."""
        self._stop.set()
        for consumer in self.all:
            consumer.stop()
        if self._observer is not None:
            self._observer.stop()

    def _consumer(
        self, sink: Sink, *, unclaimed: frozenset[Signal], is_first: bool, is_store: bool, window_ns: int
    ) -> Consumer:
        context = self._context
        decoder = Decoder(
            signals=sink.signals,
            encoded=sink.encoded,
            quarantine=self._quarantine,
            counters=context.counters,
            enrichment=self._enrichment,
            selection=self._sampler,
            learn=self._addresses.learn if self._addresses is not None and is_first else None,
            unclaimed=unclaimed,
            piece_bytes=None if is_store else _FORWARDED_BYTES,
            left_out=frozenset() if is_store else _FROM_AWS,
        )
        ranges = RangeReader(
            decoder,
            signals=sink.signals,
            config=context.plan.component(AggregateConfig, "aggregation"),
            window_ns=self._window_ns,
            quarantine=self._quarantine,
            counters=context.counters,
            enrichment=self._enrichment,
        )
        return Consumer(
            sink.name,
            spool=context.spool,
            ranges=ranges,
            delivery=Delivery(sink, self._quarantine, context.counters, self._stop),
            cutters=partial(self._cutter, most_bytes=_MOST_BYTES if is_store else _ENOUGH_BYTES, window_ns=window_ns),
            counters=context.counters,
            workers=_WORKERS,
            stop=self._stop,
        )

    def _cutter(self, lane: str, reader: LaneReader, *, most_bytes: int, window_ns: int) -> Cutter:
        if RangeReader.in_turn(lane):
            return WindowCutter(reader, window_ns=self._window_ns, clock=system_clock)
        if window_ns:
            return WindowCutter(reader, window_ns=window_ns, clock=system_clock)
        cutter = BatchCutter(
            reader, enough_bytes=_ENOUGH_BYTES, most_bytes=most_bytes, wait_ns=_WAIT, clock=system_clock
        )
        if self._observer is None or not carries_spans(lane):
            return cutter
        observer, wait_ns = self._observer, round(self._sampling.wait_seconds * SECOND)
        return WaitingCutter(cutter, reader, wait_ns=wait_ns, seen_ns=lambda: observer.seen_ns, clock=system_clock)
