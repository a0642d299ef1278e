"""Which metrics there are."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from taskscope.errors import AmbiguousError, NotFoundError, UsageError
from taskscope.model.metric import MetricKind
from taskscope.model.metric_series import MetricEntry, MetricPage
from taskscope.model.window import Window
from taskscope.query.logs.condition import Condition
from taskscope.query.logs.filters import glob_expression
from taskscope.query.metrics.kinds import BOTH, CUMULATIVE, DELTA
from taskscope.query.metrics.statements import TABLES, statement
from taskscope.store.api import Reader

MAX_LIMIT: Final = 1_000
_TEMPORALITIES: Final[Mapping[int, str]] = {1: DELTA, 2: CUMULATIVE}
_TEMPORAL: Final = frozenset({MetricKind.SUM, MetricKind.HISTOGRAM, MetricKind.EXPONENTIAL_HISTOGRAM})


def list_metrics(
    reader: Reader,
    window: Window,
    *,
    text: str = "",
    service: str = "",
    limit: int = 100,
    cursor: str = "",
) -> MetricPage:
    """
    Return the metrics that were sent in a window, by name; one that was sent as several kinds is there several times.

    ``text`` is a part of the name, whatever its case, or a pattern with ``*`` and ``?`` for the whole of it.

    Raises:
        UsageError: The cursor is none of a list of metrics, or the limit is out of bounds.
        TaskscopeError: The store does not answer.
    """
    if not 0 < limit <= MAX_LIMIT:
        raise UsageError(f"a limit of {limit}: it is between 1 and {MAX_LIMIT}")
    chosen = Condition.all(_named(text), _of_service(service), _after(cursor))
    found = _entries(reader, window, chosen, limit + 1)
    shown = _with_series(reader, window, found[:limit], service)
    return MetricPage(tuple(shown), _write(shown[-1]) if len(found) > limit else "")


def describe(reader: Reader, window: Window, name: str, kind: str = "") -> MetricEntry:
    """
    Return what is known of one metric but its series, which are left at 0.

    Raises:
        UsageError: There is no such kind.
        NotFoundError: Nobody sent it in the window.
        AmbiguousError: It was sent as several kinds, and none is named.
        TaskscopeError: The store does not answer.
    """
    if kind and kind not in TABLES:
        raise UsageError(f"{kind!r} is no kind of metric", hint=f"there are {', '.join(TABLES)}")
    found = _entries(reader, window, Condition.of("MetricName = ?", name), len(TABLES), [kind] if kind else TABLES)
    if not found:
        told = f" as {kind.replace('_', ' ')}" if kind else ""
        raise NotFoundError(f"nobody sent a metric {name!r}{told} in this time", hint="is its name right?")
    if len(found) > 1:
        kinds = " and as ".join(each.kind.replace("_", " ") for each in found)
        raise AmbiguousError(f"{name!r} was sent as {kinds}", hint=f"name a kind, as {found[0].kind}")
    return found[0]


def _entries(
    reader: Reader, window: Window, chosen: Condition, limit: int, kinds: Sequence[str] | Mapping[str, str] = TABLES
) -> list[MetricEntry]:
    where, parameters = chosen.bound()
    each = [statement("entries", kind=kind, table=TABLES[kind], where=where, **_facts(kind)) for kind in kinds]
    sql = f"SELECT * FROM ({' UNION ALL '.join(each)}) ORDER BY Name, Kind LIMIT {{limit:UInt32}}"  # noqa: S608 (values are parameters)
    bounds = {"start": window.start_ns, "end": window.end_ns, "limit": limit}
    return [_entry(row) for row in reader.query(sql, {**parameters, **bounds}).rows]


def _facts(kind: str) -> dict[str, str]:
    return {
        "temporality": "AggregationTemporality" if kind in _TEMPORAL else "toInt32(0)",
        "monotonic": "IsMonotonic" if kind == MetricKind.SUM else "false",
    }


def _entry(row: Sequence[Any]) -> MetricEntry:
    kind, name, unit, description, numbers, monotonic, services, points, first, last = row
    told = {_TEMPORALITIES.get(each, "") for each in numbers}
    temporality = BOTH if {DELTA, CUMULATIVE} <= told else max(told)
    return MetricEntry(
        name, kind, unit, description, temporality, bool(monotonic), tuple(services), 0, int(points),
        int(first), int(last),
    )  # fmt: skip


def _with_series(reader: Reader, window: Window, entries: Sequence[MetricEntry], service: str) -> list[MetricEntry]:
    """Count the series of metrics, by what tells series apart."""
    if not entries:
        return []
    where, parameters = _of_service(service).bound()
    kinds = sorted({each.kind for each in entries})
    sql = " UNION ALL ".join(statement("series", kind=each, table=TABLES[each], where=where) for each in kinds)
    names = sorted({each.name for each in entries})
    bounds = {"start": window.start_ns, "end": window.end_ns, "names": names}
    rows = reader.query(sql, {**parameters, **bounds}).rows
    counts = {(kind, name): int(count) for kind, name, count in rows}
    return [replace(each, series=counts.get((each.kind, each.name), 0)) for each in entries]


def _named(text: str) -> Condition:
    if not text:
        return Condition()
    if "*" in text or "?" in text:
        return Condition.of("match(MetricName, ?)", glob_expression(text))
    return Condition.of("positionCaseInsensitiveUTF8(MetricName, ?) > 0", text)


def _of_service(service: str) -> Condition:
    return Condition.of("ServiceName = ?", service) if service else Condition()


def _write(entry: MetricEntry) -> str:
    return base64.urlsafe_b64encode(f"{entry.kind} {entry.name}".encode()).decode("ascii").rstrip("=")


def _after(cursor: str) -> Condition:
    """Return the condition of what comes after the last entry of a page, by name and kind."""
    if not cursor:
        return Condition()
    try:
        kind, _, name = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
    except (binascii.Error, ValueError):
        kind = name = ""
    if kind not in TABLES:
        raise UsageError(f"{cursor[:60]!r} is no cursor of a list of metrics")
    return Condition.of("(toString(MetricName), Kind) > (?, ?)", name, kind)
