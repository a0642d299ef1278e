"""Rate, errors and durations over time, by whole minutes: of a service, an operation of it, or an edge."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model.series import RedPoint, RedSeries
from taskscope.model.service_map import NodeKey, Statistics
from taskscope.model.window import Window
from taskscope.query.minutes import Minutes, survey
from taskscope.query.totals import TOTALS, statistics_of, tally_of_operation
from taskscope.store.api import Reader

MINUTE_NS: Final = 60 * SECOND
_STEP: Final = "intDiv(toUnixTimestamp(Minute), {step:UInt32}) * {step:UInt32} AS step"
_OPERATION: Final = f"""SELECT {_STEP}, sum(Calls), sum(Errors), sum(Throttles), sum(Faults), sum(DurationSum),
    quantilesTDigestMerge(0.5, 0.9, 0.99)(Duration)
FROM spans_by_minute
WHERE ServiceName = {{name:String}} AND SpanName = {{operation:String}}
    AND Minute >= toDateTime({{start:UInt32}}, 'UTC') AND Minute < toDateTime({{end:UInt32}}, 'UTC')
GROUP BY step ORDER BY step"""  # noqa: S608 (values are parameters)
_KINDS: Final = "SourceName = {source:String} AND SourceType = {source_type:String}"


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
        UsageError: A step is not some whole minutes.
        TaskscopeError: The store does not answer.
    """
    step = _step(step_ns)
    minutes = survey(reader, window, now_ns=now_ns)
    if operation:
        bounds = {"start": minutes.start, "end": minutes.end, "step": step}
        rows = reader.query(_OPERATION, {"name": name, "operation": operation, **bounds}).rows
        return RedSeries(operation, step_ns, tuple(_operation_point(row) for row in rows))
    condition = "Name = {name:String} AND Type = {type:String}"
    rows = _steps(reader, minutes, "nodes", condition, {"name": name, "type": type, "step": step})
    return RedSeries(name, step_ns, tuple(_points(rows)))


def edge_series(
    reader: Reader, window: Window, *, step_ns: int, source: NodeKey, target: NodeKey, now_ns: int
) -> RedSeries:
    """
    Return the requests from a node to another, as ``service_series`` does.

    Raises:
        UsageError: A step is not some whole minutes.
        TaskscopeError: The store does not answer.
    """
    ends = {"source": source.name, "source_type": source.type, "target": target.name, "target_type": target.type}
    condition = f"{_KINDS} AND TargetName = {{target:String}} AND TargetType = {{target_type:String}}"
    minutes = survey(reader, window, now_ns=now_ns)
    rows = _steps(reader, minutes, "edges", condition, {**ends, "step": _step(step_ns)})
    return RedSeries(f"{source.name} → {target.name}", step_ns, tuple(_points(rows)))


def _step(step_ns: int) -> int:
    if step_ns <= 0 or step_ns % MINUTE_NS:
        raise UsageError(f"a step is some whole minutes, not {step_ns} ns")
    return step_ns // SECOND


def _steps(
    reader: Reader, minutes: Minutes, rows: str, condition: str, parameters: Mapping[str, Any]
) -> Sequence[Sequence[Any]]:
    return reader.query(
        f"SELECT {_STEP}, {TOTALS} FROM ({minutes.rows_sql(rows)}) WHERE {condition} GROUP BY step ORDER BY step",  # noqa: S608 (values are parameters)
        parameters,
    ).rows


def _points(rows: Iterable[Sequence[Any]]) -> Iterable[RedPoint]:
    for step, *totals in rows:
        yield _point(int(step), statistics_of(totals))


def _point(step: int, of: Statistics) -> RedPoint:
    tally = of.tally
    return RedPoint(
        step * SECOND, tally.ok, tally.errors, tally.throttles, tally.faults, of.duration_sum_ns // max(1, tally.total),
        of.percentile_ns(0.5), of.percentile_ns(0.9), of.percentile_ns(0.99),
    )  # fmt: skip


def _operation_point(row: Sequence[Any]) -> RedPoint:
    step, calls, errors, throttles, faults, duration_sum, percentiles = row
    tally = tally_of_operation(calls, errors, throttles, faults)
    return RedPoint(
        int(step) * SECOND, tally.ok, tally.errors, tally.throttles, tally.faults, int(duration_sum) // max(1, calls),
        *(round(each) for each in percentiles),
    )  # fmt: skip
