"""How many log records there were, over time and by level."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final, Unpack

from taskscope.errors import UsageError
from taskscope.model.log_line import LogBin
from taskscope.model.window import Window
from taskscope.query.logs.condition import Condition, between
from taskscope.query.logs.filters import LogFilters, plan_filters
from taskscope.query.logs.of_trace import time_of_trace
from taskscope.query.logs.pattern import Pattern
from taskscope.query.logs.scan import Scan
from taskscope.query.logs.statements import statement
from taskscope.store.api import Reader

MAX_BINS: Final = 1_000
_MOST_TRIED: Final = 200_000
_AT_ONCE: Final = 5_000


def log_histogram(
    reader: Reader, window: Window, *, step_ns: int = 0, **filters: Unpack[LogFilters]
) -> tuple[LogBin, ...]:
    """
    Count the records of each step of a window by level; steps without any are left out. By default there are 60 steps.

    Raises:
        UsageError: A filter cannot be read, there are too many steps, or a JSON or column pattern, which is tried
            record by record, would have to be tried on too many.
    """
    step = step_ns or max(1, -(-(window.end_ns - window.start_ns) // 60))
    if step < 1 or (window.end_ns - window.start_ns) / step > MAX_BINS:
        raise UsageError(f"the window has more than {MAX_BINS} steps of {step} ns", hint="make the steps longer")
    plan = plan_filters(filters, time_of_trace(reader, window, filters.get("trace_id", "")))
    counts = _tried(reader, window, step, plan) if plan.matches else _counted(reader, window, step, plan.condition)
    bins: dict[int, dict[str, int]] = defaultdict(dict)
    for number, level, count in counts:
        bins[number][level] = count
    return tuple(LogBin(window.start_ns + number * step, bins[number]) for number in sorted(bins))


def _counted(reader: Reader, window: Window, step: int, condition: Condition) -> Iterable[tuple[int, str, int]]:
    where, parameters = Condition.all(between(*window), condition).bound()
    answer = reader.query(statement("histogram", where=where), parameters | {"start": window.start_ns, "step": step})
    return [(number, level, count) for number, level, count in answer.rows]


def _tried(reader: Reader, window: Window, step: int, plan: Pattern) -> Iterable[tuple[int, str, int]]:
    assert plan.matches is not None  # noqa: S101 (the caller's choice)
    counts: Counter[tuple[int, str]] = Counter()
    tried = 0
    for batch in Scan(reader, window, plan.condition, newest_first=False).batches(None, _AT_ONCE):
        tried += len(batch)
        if tried > _MOST_TRIED:
            raise UsageError(
                f"the window holds more than {_MOST_TRIED} log records on which to try the pattern",
                hint="ask for less time, or name a service or a group",
            )
        lines = [row.line for row in batch if plan.matches(row.line)]
        counts.update(((line.time_ns - window.start_ns) // step, line.severity) for line in lines)
    return [(number, level, count) for (number, level), count in sorted(counts.items())]
