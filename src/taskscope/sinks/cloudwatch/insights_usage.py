"""What tasks and containers used over a batch of readings: averages, last values, and rates of their counters."""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from typing import Final, NamedTuple

from taskscope.clock import SECOND
from taskscope.model.container_metrics import CONTAINER_NAME, MEASURED_BY, NAMES, TASK_ARN
from taskscope.model.metric import Datapoint, Metric
from taskscope.model.resource import Resource
from taskscope.wire.emf.values import MAX_NUMBER

_MOST_SERIES: Final = 100_000
"""Counters whose last value is remembered; beyond, the one that was silent longest is forgotten."""
_LONGEST_NS: Final = 300 * SECOND
"""A rate over more time than this says nothing of the minute that it is told for."""


class Subject(NamedTuple):
    """A task, or one of its containers."""

    task: str
    """Its ARN."""
    container: str
    """Id or name; empty of the task itself."""


class _Value(NamedTuple):
    time_ns: int
    start_ns: int
    value: float


class Usage:
    """All readings of one subject in a batch."""

    def __init__(self, subject: Subject, resource: Resource) -> None:
        self.subject: Final = subject
        self.resource: Final = resource
        self.rows: Final[list[int]] = []
        """Positions in the batch."""
        self.time_ns = 0
        """Of the newest reading."""
        self.since_ns = 0
        """When the first of its counters began; 0 where nothing says it."""
        self._values: Final[dict[str, dict[frozenset[tuple[str, object]], list[_Value]]]] = {}
        self._before: Final[dict[tuple[str, frozenset[tuple[str, object]]], _Value]] = {}

    def take(self, position: int, point: Datapoint, value: float) -> None:
        """Add a row."""
        self.rows.append(position)
        self.time_ns = max(self.time_ns, point.time_ns)
        self.since_ns = min(filter(None, (self.since_ns, point.start_ns)), default=0)
        series = frozenset(point.attributes.items())
        values = self._values.setdefault(point.metric.name, {}).setdefault(series, [])
        values.append(_Value(point.time_ns, point.start_ns, value))

    def average(self, metric: Metric) -> float | None:
        """Return the mean of all readings."""
        values = [each.value for series in self._series(metric) for each in series]
        return sum(values) / len(values) if values else None

    def last(self, metric: Metric) -> float | None:
        """Return the newest value."""
        found = [each for series in self._series(metric) for each in series]
        return max(found).value if found else None

    def total(self, metric: Metric, name: str, direction: str) -> float | None:
        """Return what the series of a direction have counted until now, together."""
        found = self._directed(metric, name, direction).values()
        return sum(max(values).value for values in found) if found else None

    def rate(self, metric: Metric, name: str, direction: str) -> float | None:
        """Return how much the series of a direction grew each second, together; None before two readings of one."""
        rates = [
            rate
            for series, values in self._directed(metric, name, direction).items()
            if (rate := _rate(values, self._before.get((metric.name, series)))) is not None
        ]
        return sum(rates) if rates else None

    def remember(self, memory: "OrderedDict[Hashable, _Value]") -> None:
        """Learn the last values of earlier batches, and leave those of this one."""
        for name, every in self._values.items():
            for series, values in every.items():
                key = (self.subject, name, series)
                if (before := memory.get(key)) is not None:
                    self._before[name, series] = before
                memory[key] = max(values if before is None else [*values, before])
                memory.move_to_end(key)

    def _series(self, metric: Metric) -> Iterator[list[_Value]]:
        yield from self._values.get(metric.name, {}).values()

    def _directed(self, metric: Metric, name: str, direction: str) -> dict[frozenset[tuple[str, object]], list[_Value]]:
        every = self._values.get(metric.name, {})
        return {series: values for series, values in every.items() if (name, direction) in series}


class Memory:
    """The last value of each counter, so that a rate needs but one reading in a batch; it is lost with the process."""

    def __init__(self) -> None:
        self._last: OrderedDict[Hashable, _Value] = OrderedDict()
        self._lock = threading.Lock()

    def usages(self, datapoints: Sequence[tuple[int, Datapoint]]) -> list[Usage]:
        """Put the rows of each subject together; what is no metric of a container, or no number, is in none."""
        found: dict[Subject, Usage] = {}
        for position, point in datapoints:
            subject = _subject(point)
            if subject is not None and isinstance(point.value, float | int) and abs(point.value) <= MAX_NUMBER:
                usage = found.setdefault(subject, Usage(subject, point.resource))
                usage.take(position, point, point.value)
        with self._lock:
            for usage in found.values():
                usage.remember(self._last)
            while len(self._last) > _MOST_SERIES:
                self._last.popitem(last=False)
        return list(found.values())


def _subject(point: Datapoint) -> Subject | None:
    said = point.resource.attributes
    task = said.get(TASK_ARN)
    if point.metric.name not in NAMES or MEASURED_BY in said or not isinstance(task, str) or not task:
        return None
    container = said.get("container.id") or said.get(CONTAINER_NAME) or ""
    return Subject(task, str(container))


def _rate(values: Sequence[_Value], before: _Value | None) -> float | None:
    """Return the growth each second from the first value to the last; from what it began anew, where it did."""
    ordered = sorted(values if before is None else [before, *values])
    last = ordered[-1]
    fitting = [
        each for each in ordered if each.start_ns == last.start_ns and last.time_ns - each.time_ns <= _LONGEST_NS
    ]
    grown = fitting[-1].value - fitting[0].value
    seconds = (fitting[-1].time_ns - fitting[0].time_ns) / SECOND
    return grown / seconds if seconds > 0 and grown >= 0 else None
