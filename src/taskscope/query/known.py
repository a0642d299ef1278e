"""Which rows the store has already, by what names each of them: so that an import stores nothing twice."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from string import Template
from typing import Any, Final, TypeVar

from taskscope.clock import SECOND
from taskscope.model.attributes import Attributes, attribute_text
from taskscope.model.log import LogRecord
from taskscope.model.metric import Datapoint
from taskscope.model.span import Span
from taskscope.model.window import Window
from taskscope.store.api import Reader

UID: Final = "log.record.uid"
"""The attribute that names a log record alone (OpenTelemetry's semantic conventions)."""
_LAST_NS: Final = 4_102_444_800_000_000_000
"""2100, the latest time that the store keeps."""
_SLACK_NS: Final = SECOND
"""A span may have come another way before, with its start cut to microseconds."""
_AT_ONCE: Final = 1_000
"""Names in one question: 60 kB, as an address of HTTP may hold them."""

_RowT = TypeVar("_RowT")


def span_key(span: Span) -> str:
    """Return what names a span: trace and span id, 48 hexadecimal digits."""
    return span.trace_id.hex() + span.span_id.hex()


def log_key(record: LogRecord) -> str:
    """Return what names a log record; empty where nothing does."""
    return attribute_text(record.attributes.get(UID))


def datapoint_key(point: Datapoint) -> str:
    """Return what names a datapoint: its series, and its time."""
    parts = (
        point.resource.service_name,
        point.metric.name,
        str(_kept(point.time_ns)),
        point.scope.name,
        _text(point.attributes),
        _text(point.resource.attributes),
    )
    told = "\0".join(parts).encode(errors="replace")
    return f"{point.metric.kind}:{hashlib.md5(told, usedforsecurity=False).hexdigest()}"


def _text(attributes: Attributes) -> str:
    pairs = [f"{name}\1{attribute_text(value)}" for name, value in attributes.items()]
    return "\2".join(sorted(pairs, key=lambda each: each.encode(errors="replace")))


def count_known(reader: Reader, traces: Sequence[bytes], window: Window) -> Mapping[str, int]:
    """
    Return how many completed spans there are of those traces that are known, by their ids in hexadecimal digits.

    Raises:
        TaskscopeError: The store does not answer.
    """
    counts: dict[str, int] = {}
    for start in range(0, len(traces), _AT_ONCE):
        some = [each.hex() for each in traces[start : start + _AT_ONCE]]
        rows = reader.query(_sql("traces"), {"traces": some, **_bounds(window.start_ns, window.end_ns)}).rows
        counts |= {trace: int(count) for trace, count in rows}
    return counts


def known_spans(reader: Reader, spans: Sequence[Span]) -> set[str]:
    """
    Return the keys of those spans that are there, completed.

    Raises:
        TaskscopeError: The store does not answer.
    """

    def ask(some: Sequence[Span]) -> tuple[str, Mapping[str, Any]]:
        traces = sorted({each.trace_id.hex() for each in some})
        return _sql("spans"), {"traces": traces, "spans": sorted({each.span_id.hex() for each in some})}

    return _known(reader, spans, lambda each: each.start_ns, ask)


def known_logs(reader: Reader, records: Sequence[LogRecord]) -> set[str]:
    """
    Return the keys of those log records that are there.

    Raises:
        TaskscopeError: The store does not answer.
    """

    def ask(some: Sequence[LogRecord]) -> tuple[str, Mapping[str, Any]]:
        return _sql("logs"), {"uids": sorted(set(map(log_key, some)))}

    return _known(reader, records, lambda each: each.time_ns, ask)


def known_datapoints(reader: Reader, points: Sequence[Datapoint]) -> set[str]:
    """
    Return the keys of those datapoints that are there.

    Raises:
        TaskscopeError: The store does not answer.
    """

    def ask(some: Sequence[Datapoint]) -> tuple[str, Mapping[str, Any]]:
        keys = sorted({datapoint_key(each).partition(":")[2] for each in some})
        return _sql("datapoints", f"otel_metrics_{some[0].metric.kind}"), {
            "keys": keys,
            "names": sorted({each.metric.name for each in some}),
        }

    found: set[str] = set()
    by_kind = sorted(points, key=lambda each: each.metric.kind)
    for kind, some in groupby(by_kind, key=lambda each: each.metric.kind):
        found |= {f"{kind}:{key}" for key in _known(reader, list(some), lambda each: each.time_ns, ask)}
    return found


def _known(
    reader: Reader,
    rows: Sequence[_RowT],
    time_of: Callable[[_RowT], int],
    ask: Callable[[Sequence[_RowT]], tuple[str, Mapping[str, Any]]],
) -> set[str]:
    """Ask for rows in the order of their times, so that each question is about a short stretch."""
    found: set[str] = set()
    for some in _pieces(sorted(rows, key=time_of)):
        sql, parameters = ask(some)
        bounds = _bounds(time_of(some[0]) - _SLACK_NS, time_of(some[-1]) + _SLACK_NS)
        found |= {key for [key] in reader.query(sql, {**parameters, **bounds}).rows}
    return found


def _pieces(rows: Sequence[_RowT]) -> Iterator[Sequence[_RowT]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]


def _bounds(start_ns: int, end_ns: int) -> Mapping[str, int]:
    return {"start": _kept(start_ns), "end": _kept(end_ns)}


def _kept(time_ns: int) -> int:
    """Return a time as the store keeps it."""
    return min(max(time_ns, 0), _LAST_NS)


@cache
def _sql(name: str, table: str = "") -> str:
    text = (files("taskscope.query") / "sql" / "known" / f"{name}.sql").read_text(encoding="utf-8")
    return Template(text).substitute(table=table)
