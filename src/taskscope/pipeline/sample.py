"""
Trace-aware sampling: whole traces that have an error or are slow, and a rate of the rest.

The choice is made when a trace had time to end: an observer reads ahead in the spool, consumers wait behind it.
"""

import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from taskscope.clock import SECOND
from taskscope.config.setting import setting
from taskscope.counters import Counters
from taskscope.errors import UsageError
from taskscope.model.batch import Row, Signal
from taskscope.model.span import Span, Status

RATE_ATTRIBUTE: Final = "taskscope.sampling.rate"
"""On spans that are kept by the rate alone: each stands for 1 / rate of them. Without it, a span stands for itself."""
_MOST_TRACES: Final = 100_000
"""Ids that are remembered: 15 MB; at 100 bad traces a second a quarter of an hour."""
_HASHES: Final = 1 << 32
_LONGEST_WAIT_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True)
class SamplingConfig:
    """Which traces are kept; by default all."""

    rate: float = setting(1.0, help="Share of traces that are kept of those without an error and not slow; 1 is all.")
    slow_seconds: float = setting(0.0, help="Keep whole traces with a span at least this long; 0 is none for that.")
    keep_errors: bool = setting(default=True, help="Keep whole traces that have a span with an error or a fault.")
    wait_seconds: float = setting(10.0, help="How long spans wait for the rest of their trace before it is chosen.")

    @property
    def is_on(self) -> bool:
        """Whether anything may be left out."""
        return self.rate < 1

    def validate(self) -> None:
        """
        Check what types cannot.

        Raises:
            UsageError: A setting has a value that cannot be; the message names both.
        """
        if not 0 <= self.rate <= 1:
            raise UsageError(f"rate is {self.rate:g}", hint="a share from 0 to 1")
        if not self.slow_seconds >= 0:
            raise UsageError(f"slow_seconds is {self.slow_seconds:g}", hint="0 or more")
        if not 0 < self.wait_seconds <= _LONGEST_WAIT_SECONDS:
            raise UsageError(
                f"wait_seconds is {self.wait_seconds:g}", hint=f"more than 0, at most {_LONGEST_WAIT_SECONDS:g}"
            )


class TailSampler:
    """A ``Selection`` that remembers which traces to keep. May be used by several threads."""

    def __init__(self, config: SamplingConfig, counters: Counters, *, most_traces: int = _MOST_TRACES) -> None:
        """``most_traces`` are remembered; beyond that the oldest are forgotten, and counted."""
        self._config = config
        self._counters = counters
        self._most_traces = most_traces
        self._slow_ns = round(config.slow_seconds * SECOND)
        self._kept: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def learn(self, spans: Iterable[Span]) -> None:
        """Remember the traces of those spans for which a whole trace is kept."""
        traces = {span.trace_id for span in spans if self._matters(span)} - self._kept.keys()
        if not traces:
            return
        with self._lock:
            for trace_id in traces:
                self._kept[trace_id] = None
            excess = len(self._kept) - self._most_traces
            for _ in range(excess):
                self._kept.popitem(last=False)
        if excess > 0:
            self._counters.add("sampling.forgotten", excess)

    def select(self, signal: Signal, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the spans that are kept, and rows of other signals as they are."""
        if signal != Signal.SPANS:
            return rows
        spans = [row for row in rows if isinstance(row, Span)]
        self.learn(spans)
        chosen = [kept for span in spans if (kept := self._choose(span)) is not None]
        if len(chosen) < len(spans):
            self._counters.add("sampled_out.spans", len(spans) - len(chosen))
        return chosen

    def _choose(self, span: Span) -> Span | None:
        if span.trace_id in self._kept:
            return span
        # A hash of its own: upstream samplers choose by the id's bits, and choosing by them again would keep all or
        # nothing of what they left. The same in every process, so that a trace is chosen as a whole.
        if zlib.crc32(span.trace_id) >= self._config.rate * _HASHES:
            return None
        return span._replace(attributes={**span.attributes, RATE_ATTRIBUTE: self._config.rate})

    def _matters(self, span: Span) -> bool:
        if self._config.keep_errors and span.status == Status.ERROR:
            return True
        return 0 < self._slow_ns <= span.end_ns - span.start_ns
