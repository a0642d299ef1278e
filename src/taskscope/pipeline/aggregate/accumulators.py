"""
What a window holds of one series, by type.

Each ``add`` takes the value's text as it came and raises ValueError where it is no number, before anything is changed:
it is called straight from the loop over lines, where a line costs 1 us, so the bounds are checked in place.
"""

from typing import Protocol

from taskscope.model.metric import ExponentialHistogram, Metric, MetricKind, Temporality
from taskscope.pipeline.aggregate.distribution import Distribution
from taskscope.wire.statsd.sample import MAX_LINE_BYTES, MAX_NUMBER, Kind

_UNITS = {Kind.TIMING: "ms", Kind.SET: "{element}"}


class Accumulator(Protocol):
    """Takes the values of one series and gives one datapoint."""

    def add(self, text: bytes, weight: float) -> None:
        """
        Take a value.

        Raises:
            ValueError: It is no finite number; nothing was taken.
        """
        ...

    def result(self) -> float | ExponentialHistogram:
        """Return the value of the window."""
        ...


class Counter:
    """Sums up; a sum with a negative part is not monotonic."""

    __slots__ = ("is_monotonic", "total")

    def __init__(self) -> None:
        self.total = 0.0
        self.is_monotonic = True

    def add(self, text: bytes, weight: float) -> None:
        """Take a value; see ``Accumulator``."""
        value = float(text)
        if not 0 <= value <= MAX_NUMBER:
            if not -MAX_NUMBER <= value < 0:
                raise ValueError("the value is out of bounds")
            self.is_monotonic = False
        self.total += value * weight

    def result(self) -> float:
        """Return the sum."""
        return self.total


class Gauge:
    """Keeps the last value; with ``relative``, one written with a sign changes the last by so much."""

    __slots__ = ("_relative", "_value")

    def __init__(self, value: float, *, relative: bool) -> None:
        self._value = value
        self._relative = relative

    def add(self, text: bytes, weight: float) -> None:  # noqa: ARG002 (one call for all types; a gauge has no rate)
        """Take a value; see ``Accumulator``."""
        value = float(text)
        if not -MAX_NUMBER <= value <= MAX_NUMBER:
            raise ValueError("the value is out of bounds")
        if self._relative and text[:1] in {b"+", b"-"}:
            self._value += value
        else:
            self._value = value

    def result(self) -> float:
        """Return the last value."""
        return self._value


class UniqueValues:
    """Counts unique values; ``budget`` is shared by all sets of a window."""

    __slots__ = ("_budget", "_members")

    def __init__(self, budget: "Budget") -> None:
        self._members: set[bytes] = set()
        self._budget = budget

    def add(self, text: bytes, weight: float) -> None:  # noqa: ARG002 (one call for all types; a set has no rate)
        """Take a value, any text that fits into a line; see ``Accumulator``."""
        if len(text) > MAX_LINE_BYTES:
            raise ValueError("the value is too long")
        if text not in self._members and self._budget.take():
            self._members.add(text)

    def result(self) -> float:
        """Return how many there were."""
        return float(len(self._members))


class Budget:
    """So many of something in a window, and how many more were asked for."""

    __slots__ = ("left", "refused")

    def __init__(self, left: int) -> None:
        self.left = left
        self.refused = 0

    def take(self) -> bool:
        """Take one, if one is left; else count."""
        if self.left:
            self.left -= 1
            return True
        self.refused += 1
        return False


def make_accumulator(kind: Kind, *, last: float, relative: bool, members: Budget) -> Accumulator:
    """Return an empty accumulator of a type; ``last`` is where a gauge stands."""
    if kind is Kind.COUNTER:
        return Counter()
    if kind is Kind.GAUGE:
        return Gauge(last, relative=relative)
    if kind is Kind.SET:
        return UniqueValues(members)
    return Distribution()


def metric_of(name: str, kind: Kind, *, is_monotonic: bool = True) -> Metric:
    """Say what is measured: counters are delta sums, timings and the like exponential histograms, the rest gauges."""
    if kind is Kind.COUNTER:
        return Metric(name, MetricKind.SUM, temporality=Temporality.DELTA, is_monotonic=is_monotonic)
    unit = _UNITS.get(kind, "")
    if kind in {Kind.GAUGE, Kind.SET}:
        return Metric(name, MetricKind.GAUGE, unit)
    return Metric(name, MetricKind.EXPONENTIAL_HISTOGRAM, unit, temporality=Temporality.DELTA)
