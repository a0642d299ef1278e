"""What the containers of a task used, as events of its timeline: the readings that tell something new."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from taskscope.clock import SECOND
from taskscope.model.timeline import Kind, TimelineEvent
from taskscope.model.window import Window
from taskscope.store.api import Reader

MAX_READINGS: Final = 500
_MOVED: Final = 0.1
"""Of its limit: what CPU or memory has to rise or fall by, to be told of again."""
_DOUBLED: Final = 2.0
"""What has no limit is told of again when it has grown so many times, or shrunk."""
_MIB: Final = 1 << 20
_LAST_SECOND: Final = (1 << 32) - 1


class MetricEvents(NamedTuple):
    """Events, and how many there would be."""

    events: list[TimelineEvent]
    total: int


class _Figure(NamedTuple):
    """What is used, and of how much; 0 is no limit."""

    value: float
    limit: float

    def has_moved(self, since: "_Figure") -> bool:
        """Whether it is worth a line after another one."""
        if self.limit:
            return abs(self.value - since.value) >= _MOVED * self.limit
        less, more = sorted((self.value, since.value))
        return more > _DOUBLED * less > 0

    def share(self) -> str:
        """Write its share of the limit."""
        return f" ({100 * self.value / self.limit:.0f}%)" if self.limit else ""


class _Reading(NamedTuple):
    time_ns: int
    cpu: _Figure
    memory: _Figure | None

    def tells_more_than(self, last: "_Reading") -> bool:
        """Whether CPU or memory has moved."""
        if self.cpu.has_moved(last.cpu):
            return True
        return self.memory is not None and (last.memory is None or self.memory.has_moved(last.memory))

    def words(self) -> str:
        """Say it in a line that can be searched."""
        cpu = f"cpu={self.cpu.value:.3g}" + (f" of {self.cpu.limit:.3g}" if self.cpu.limit else "") + self.cpu.share()
        if self.memory is None:
            return cpu
        of = f" of {self.memory.limit / _MIB:.0f}" if self.memory.limit else ""
        return f"{cpu} memory={self.memory.value / _MIB:.0f}{of} MiB{self.memory.share()}"


def task_metrics(reader: Reader, task: str, window: Window, *, limit: int = MAX_READINGS) -> MetricEvents:
    """
    Return readings of each container of a task: the first and the last of a stretch of time, and between them those in
    which CPU or memory has moved by a tenth of its limit since the last one told of.

    ``task`` is an ARN or an id. Of more than ``limit`` the latest.
    """
    parameters = {
        "task": task,
        "start": window.start_ns,
        "end": window.end_ns,
        "first": min(max(0, window.start_ns // SECOND - 60), _LAST_SECOND),
        "last": min(max(0, window.end_ns // SECOND), _LAST_SECOND),
    }
    events: list[TimelineEvent] = []
    for container, cpu_limit, memory_limit, cpu, memory in reader.query(_statement(), parameters).rows:
        bytes_at = dict(memory)
        readings = [
            _Reading(time, _Figure(value, cpu_limit), _memory(bytes_at, time, memory_limit)) for time, value in cpu
        ]
        told = _telling(readings)
        events += [TimelineEvent(each.time_ns, Kind.METRIC, each.words(), container=container) for each in told]
    events.sort(key=lambda event: (event.time, event.container or ""))
    return MetricEvents(events[-limit:], len(events))


def _memory(bytes_at: Mapping[int, float], time: int, limit: float) -> _Figure | None:
    return _Figure(bytes_at[time], limit) if time in bytes_at else None


def _telling(readings: Sequence[_Reading]) -> Iterator[_Reading]:
    last: _Reading | None = None
    for number, each in enumerate(readings, 1):
        if last is None or number == len(readings) or each.tells_more_than(last):
            last = each
            yield each


@cache
def _statement() -> str:
    return (files("taskscope.query") / "sql" / "task_metrics.sql").read_text(encoding="utf-8")
