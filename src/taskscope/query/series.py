"""
Rate, errors and durations over time: of services, of an operation, of connections.

Steps of whole minutes are answered of computed minutes, whatever the number of spans; shorter ones of spans, which are
joined for the answer, so that windows are short as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model.series import RedPoint, RedSeries
from taskscope.model.service_map import NodeKey, Statistics, Tally
from taskscope.model.window import Window
from taskscope.query.matching import matching
from taskscope.query.minutes import Joined, Minutes, joined, survey
from taskscope.query.search.ast import Selector
from taskscope.query.totals import TOTALS, statistics_of, tally_of_operation
from taskscope.store.api import Reader
from taskscope.store.minutes import MINUTE_SECONDS, minutes_sql

SHORT_STEPS: Final = (1, 2, 5, 10, 15, 20, 30)
"""Seconds that a step below a minute may have."""
SHORT_WINDOW_SECONDS: Final = 900
"""How long a window of such steps may be."""
_STEP: Final = "intDiv(toUnixTimestamp(Minute), {step:UInt32}) * {step:UInt32} AS step"
_OPERATION: Final = f"""SELECT {_STEP}, sum(Calls), sum(Errors), sum(Throttles), sum(Faults), sum(DurationSum),
    quantilesTDigestMerge(0.5, 0.9, 0.99)(Duration)
FROM spans_by_minute
WHERE ServiceName = {{name:String}} AND SpanName = {{operation:String}}
    AND Minute >= toDateTime({{start:UInt32}}, 'UTC') AND Minute < toDateTime({{end:UInt32}}, 'UTC')
GROUP BY step ORDER BY step"""  # noqa: S608 (values are parameters)


class Step(NamedTuple):
    """What happened in a step of time."""

    start_ns: int
    statistics: Statistics


def service_series(
    reader: Reader,
    window: Window,
    *,
    step_ns: int,
    name: str,
    type: str = "",  # noqa: A002 (it is the word of the map)
    operation: str = "",
    now_ns: int,
) -> RedSeries:
    """
    Return the requests that entered a service; with an operation, all spans of that name of services of that name.

    Steps begin at multiples of their length; those at the ends of the window are whole.

    Raises:
        UsageError: A step has another length than it may, or is too short for the window.
        TaskscopeError: The store does not answer.
    """
    if operation:
        points = _of_operation(reader, window, name, operation, step_ns, now_ns)
        return RedSeries(operation, step_ns, tuple(points))
    steps = service_steps(reader, window, step_ns=step_ns, selected=Selector(name, type), now_ns=now_ns)
    return RedSeries(name, step_ns, tuple(map(_point, steps)))


def edge_series(
    reader: Reader, window: Window, *, step_ns: int, source: NodeKey, target: NodeKey, now_ns: int
) -> RedSeries:
    """
    Return the requests from a node to another, as ``service_series`` does.

    Raises:
        UsageError: A step has another length than it may, or is too short for the window.
        TaskscopeError: The store does not answer.
    """
    steps = edge_steps(
        reader, window, step_ns=step_ns, source=Selector(*source), target=Selector(*target), now_ns=now_ns
    )
    return RedSeries(f"{source.name} → {target.name}", step_ns, tuple(map(_point, steps)))


def service_steps(
    reader: Reader,
    window: Window,
    *,
    step_ns: int,
    selected: Selector,
    expression: str = "",
    groups: Mapping[str, str] | None = None,
    now_ns: int,
) -> Sequence[Step]:
    """
    Return the requests that entered the services that are selected, added up; with an expression, those of the newest
    thousand traces that match it. Steps without requests are left out.

    Raises:
        UsageError: A step has another length than it may, or is too short for the window; the expression does not read.
        TaskscopeError: The store does not answer.
    """
    rows = _rows(reader, window, step_ns, expression, groups, now_ns)
    return _steps(
        reader, rows, "nodes", {"Name": selected.name, "Type": selected.type, "Account": selected.account}, step_ns
    )


def edge_steps(
    reader: Reader,
    window: Window,
    *,
    step_ns: int,
    source: Selector,
    target: Selector,
    expression: str = "",
    groups: Mapping[str, str] | None = None,
    now_ns: int,
) -> Sequence[Step]:
    """
    Return the requests over the connections that are selected by name and type of their ends, like ``service_steps``.

    Raises:
        UsageError: As of ``service_steps``; or an account is selected, which is known of services only.
        TaskscopeError: The store does not answer.
    """
    if source.account is not None or target.account is not None:
        raise UsageError("connections are selected by name and type of their ends, not by account")
    columns = {
        "SourceName": source.name, "SourceType": source.type, "TargetName": target.name, "TargetType": target.type,
    }  # fmt: skip
    rows = _rows(reader, window, step_ns, expression, groups, now_ns)
    return _steps(reader, rows, "edges", columns, step_ns)


def check_step(step_ns: int, window: Window) -> None:
    """
    Check the length of a step.

    Raises:
        UsageError: It is neither some whole minutes nor one of the short ones, or too short for the window.
    """
    if step_ns > 0 and step_ns % (MINUTE_SECONDS * SECOND) == 0:
        return
    if step_ns not in [each * SECOND for each in SHORT_STEPS]:
        seconds = ", ".join(map(str, SHORT_STEPS))
        raise UsageError(
            f"a step of {step_ns / SECOND:g} s: it is some whole minutes, or {seconds} s", hint="write 1m, 5m or 10s"
        )
    if window.end_ns - window.start_ns > SHORT_WINDOW_SECONDS * SECOND:
        raise UsageError(
            f"steps of {step_ns // SECOND} s are for windows of up to {SHORT_WINDOW_SECONDS // MINUTE_SECONDS} minutes",
            hint="take a shorter window, or steps of a minute",
        )


def _rows(
    reader: Reader,
    window: Window,
    step_ns: int,
    expression: str,
    groups: Mapping[str, str] | None,
    now_ns: int,
) -> Minutes | Joined:
    check_step(step_ns, window)
    seconds = min(MINUTE_SECONDS, step_ns // SECOND)
    if expression:
        return matching(reader, window, expression=expression, groups=groups, step_seconds=seconds)
    if seconds < MINUTE_SECONDS:
        return joined(reader, window, step_seconds=seconds, now_ns=now_ns)
    return survey(reader, window, now_ns=now_ns)


def _steps(
    reader: Reader, rows: Minutes | Joined, name: str, columns: Mapping[str, str | None], step_ns: int
) -> Sequence[Step]:
    wanted = {column: value for column, value in columns.items() if value is not None}
    condition = " AND ".join(f"{column} = {{of{column}:String}}" for column in wanted) or "true"
    found = reader.query(
        f"SELECT {_STEP}, {TOTALS} FROM ({rows.rows_sql(name)}) WHERE {condition} GROUP BY step ORDER BY step",  # noqa: S608 (values are parameters)
        {"step": step_ns // SECOND, **{f"of{column}": value for column, value in wanted.items()}, **rows.parameters},
    )
    return [Step(int(start) * SECOND, statistics_of(totals)) for start, *totals in found.rows]


def _of_operation(
    reader: Reader, window: Window, name: str, operation: str, step_ns: int, now_ns: int
) -> Iterable[RedPoint]:
    rows = _rows(reader, window, step_ns, "", None, now_ns)
    named = {"name": name, "operation": operation}
    if isinstance(rows, Joined):
        sql = minutes_sql("operation", rows.stretch, step_seconds=rows.step_seconds)
        for start, *counts, duration_sum, percentiles in reader.query(sql, named).rows:
            yield _operation_point(start, Tally(*map(int, counts)), duration_sum, percentiles)
        return
    bounds = {"start": rows.start, "end": rows.end, "step": step_ns // SECOND}
    for start, calls, errors, throttles, faults, duration_sum, percentiles in reader.query(
        _OPERATION, {**named, **bounds}
    ).rows:
        yield _operation_point(start, tally_of_operation(calls, errors, throttles, faults), duration_sum, percentiles)


def _point(step: Step) -> RedPoint:
    of = step.statistics
    percentiles = [of.percentile_ns(share) for share in (0.5, 0.9, 0.99)]
    return _made(step.start_ns, of.tally, of.duration_sum_ns, percentiles)


def _operation_point(start: int, tally: Tally, duration_sum: int, percentiles: Iterable[float]) -> RedPoint:
    return _made(int(start) * SECOND, tally, int(duration_sum), [round(each) for each in percentiles])


def _made(start_ns: int, tally: Tally, duration_sum_ns: int, percentiles: Sequence[int]) -> RedPoint:
    return RedPoint(
        start_ns, tally.ok, tally.errors, tally.throttles, tally.faults, duration_sum_ns // max(1, tally.total),
        *percentiles,
    )  # fmt: skip
