"""Which services and operations there were in a window, and how they did."""

from collections.abc import Sequence
from typing import Any, Final

from taskscope.clock import SECOND
from taskscope.model.service import OperationFigures, ServiceFigures
from taskscope.model.window import Window
from taskscope.query.minutes import survey
from taskscope.query.totals import TIMES, TOTALS, statistics_of, tally_of_operation
from taskscope.store.api import Reader

_PLACES: Final = "SELECT ServiceName, argMin(Place, SeenAt) FROM service_colours GROUP BY ServiceName"
_OPERATIONS: Final = """SELECT SpanName, SpanKind,
    sum(Calls), sum(Errors), sum(Throttles), sum(Faults), sum(DurationSum), quantilesTDigestMerge(0.5, 0.99)(Duration)
FROM spans_by_minute
WHERE ServiceName = {name:String}
    AND Minute >= toDateTime({start:UInt32}, 'UTC') AND Minute <= toDateTime({end:UInt32}, 'UTC')
GROUP BY SpanName, SpanKind ORDER BY SpanName, SpanKind"""


def list_services(reader: Reader, window: Window) -> tuple[ServiceFigures, ...]:
    """
    Return the services that requests entered in a window, by name and type.

    Raises:
        TaskscopeError: The store does not answer.
    """
    minutes = survey(reader, window, now_ns=window.end_ns)
    rows = reader.query(
        f"SELECT Name, Type, max(IsEntry), max(Account), {TIMES}, {TOTALS} FROM ({minutes.rows_sql('nodes')}) "  # noqa: S608 (our own names)
        "GROUP BY Name, Type ORDER BY Name, Type"
    ).rows
    places = {name: int(place) for name, place in reader.query(_PLACES).rows}
    for name, *_ in rows:
        places.setdefault(name, len(places))
    return tuple(_service(row, places[row[0]]) for row in rows)


def _service(row: Sequence[Any], place: int) -> ServiceFigures:
    name, kind, is_entry, account, start, end, *totals = row
    of = statistics_of(totals)
    tally = of.tally
    return ServiceFigures(
        name, kind, place, bool(is_entry), tally.ok, tally.errors, tally.throttles, tally.faults,
        of.duration_sum_ns // max(1, tally.total), of.percentile_ns(0.5), of.percentile_ns(0.99),
        int(start), int(end), account,
    )  # fmt: skip


def list_operations(reader: Reader, window: Window, service: str) -> tuple[OperationFigures, ...]:
    """
    Return the names that spans of a service had in the minutes of a window, of each kind.

    Raises:
        TaskscopeError: The store does not answer.
    """
    start = window.start_ns // SECOND // 60 * 60
    bounds = {"start": max(0, start), "end": max(0, (window.end_ns - 1) // SECOND)}
    rows = reader.query(_OPERATIONS, {"name": service, **bounds}).rows
    return tuple(_operation(row) for row in rows)


def _operation(row: Sequence[Any]) -> OperationFigures:
    name, kind, calls, errors, throttles, faults, duration_sum, (p50, p99) = row
    tally = tally_of_operation(calls, errors, throttles, faults)
    return OperationFigures(
        name, int(kind), tally.ok, tally.errors, tally.throttles, tally.faults,
        int(duration_sum) // max(1, calls), round(p50), round(p99),
    )  # fmt: skip
