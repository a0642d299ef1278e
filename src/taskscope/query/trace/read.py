"""Spans of traces, out of the store."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any, Final

from taskscope.model.attributes import Attributes
from taskscope.model.resource import UNKNOWN_SERVICE, Resource, Scope
from taskscope.model.span import Span, SpanEvent, SpanLink
from taskscope.model.window import Window
from taskscope.store.api import Reader

MAX_SPANS: Final = 100_000
_EVER: Final = Window(0, 4_102_444_800_000_000_001)
"""Up to 2100, which the store takes for the last moment there is."""
_FEW: Final = 500
"""Spans that are read a row each; of more the senders are read once."""
_SHARED: Final = 7
"""Columns at the beginning of a row that say who sent it."""
MAX_SENDERS: Final = 100_000
"""Rows of an answer that has one for each sender."""


def read_spans(
    reader: Reader, trace_ids: Sequence[bytes], *, window: Window | None = None, limit: int = MAX_SPANS
) -> list[Span]:
    """
    Read the spans of some traces in the order of their starts, no more than ``limit``: the earliest.

    Those in progress are among them unless a completed one has their id. Attributes are texts. A window saves time
    where it is known when the traces were: without one every part of the store looks for them in its index.

    Raises:
        UnreachableError: Nothing answers at the store's address.
        TaskscopeError: It took too long or too much memory.
    """
    return _not_replaced(_found(reader, trace_ids, window, limit))


def read_few(reader: Reader, trace_ids: Sequence[bytes], *, window: Window) -> list[Span] | None:
    """
    Read the spans of some traces as ``read_spans`` does; None if there are more than 500, or any in progress.

    Raises:
        UnreachableError: Nothing answers at the store's address.
        TaskscopeError: It took too long or too much memory.
    """
    rows = _few(reader, parameters_of(trace_ids, window), _FEW)
    return None if rows is None else _spans_of(rows)


def read_trace(reader: Reader, trace_id: bytes, *, limit: int = MAX_SPANS) -> tuple[list[Span], int]:
    """
    Read the spans of a trace as ``read_spans`` does, and say how many there are: more than were read, above ``limit``.

    Raises:
        UnreachableError: Nothing answers at the store's address.
        TaskscopeError: It took too long or too much memory.
    """
    found = _found(reader, [trace_id], None, limit + 1)
    spans = _not_replaced(found[:limit])
    if len(found) > limit:
        return spans, count_spans(reader, [trace_id])
    return spans, len({span.span_id for span in spans})


def count_spans(reader: Reader, trace_ids: Sequence[bytes], *, window: Window | None = None) -> int:
    """
    Count the spans of some traces, as ``read_spans`` would return them without a limit.

    Raises:
        UnreachableError: Nothing answers at the store's address.
        TaskscopeError: It took too long or too much memory.
    """
    if not trace_ids:
        return 0
    [[count]] = reader.query(_statement("count"), parameters_of(trace_ids, window)).rows
    return int(count)


def _found(reader: Reader, trace_ids: Sequence[bytes], window: Window | None, limit: int) -> list[Span]:
    """Return rows of both tables by start; a span may be in both."""
    if not trace_ids:
        return []
    parameters = parameters_of(trace_ids, window)
    rows = _few(reader, parameters, min(limit, _FEW))
    if rows is None:
        answer = reader.query(_statement("spans"), {**parameters, "limit": limit}, max_rows=MAX_SENDERS)
        rows = answer.rows
    return _spans_of(rows)


def _spans_of(rows: Sequence[Sequence[Any]]) -> list[Span]:
    """Make spans of rows, by start."""
    cached = cache(resource_of)
    return sorted((each for row in rows for each in _spans(row, cached)), key=_by_start)


def _few(reader: Reader, parameters: Mapping[str, Any], most: int) -> Sequence[Sequence[Any]] | None:
    """Return a row for each span, as of a sender with one; None if there are more than ``most``, or any in progress."""
    completed, running = _statements_of_few()
    rows = reader.query(completed, {**parameters, "limit": most + 1}, max_rows=most + 1).rows
    if len(rows) > most or reader.query(running, parameters).rows[0][0]:
        return None
    return [(*row[:_SHARED], *([value] for value in row[_SHARED:])) for row in rows]


@cache
def _statements_of_few() -> tuple[str, str]:
    """Return the statements that read completed spans and count those in progress."""
    folder = files("taskscope.query") / "sql" / "trace"
    found = (folder / "found.sql").read_text(encoding="utf-8")
    completed, running = (f"FROM{table.partition('FROM')[2]}" for table in found.split("UNION ALL"))
    few = Template((folder / "few.sql").read_text(encoding="utf-8"))
    return few.substitute(rows=completed), f"SELECT count() {running}"


def _not_replaced(spans: Sequence[Span]) -> list[Span]:
    completed = {(span.trace_id, span.span_id) for span in spans if not span.in_progress}
    return [span for span in spans if not span.in_progress or (span.trace_id, span.span_id) not in completed]


def parameters_of(trace_ids: Sequence[bytes], window: Window | None) -> Mapping[str, Any]:
    """Return the parameters of ``found.sql``."""
    start_ns, end_ns = window or _EVER
    return {"traces": [each.hex() for each in trace_ids], "start": start_ns, "end": end_ns}


@cache
def _statement(name: str) -> str:
    folder = files("taskscope.query") / "sql" / "trace"
    found = (folder / "found.sql").read_text(encoding="utf-8")
    return Template((folder / f"{name}.sql").read_text(encoding="utf-8")).substitute(found=found)


def _by_start(span: Span) -> tuple[int, bytes]:
    return span.start_ns, span.span_id


def _spans(row: Sequence[Any], made: Callable[[str, str, str], Resource]) -> Iterator[Span]:
    """Make the spans of one resource and scope, which are said once."""
    service, resource_text, resource_url, scope_name, scope_version, scope_text, scope_url, *columns = row
    resource = made(service, resource_text, resource_url)
    scope = Scope(scope_name, scope_version, _object(scope_text), scope_url)
    for (
        trace_id, span_id, parent, name, kind, start_ns, duration_ns, attributes, status, message,
        event_times, event_names, event_attributes, linked_traces, linked_spans, linked_states, link_attributes,
        trace_state, flags, in_progress,
    ) in zip(*columns, strict=True):  # fmt: skip
        yield Span(
            bytes.fromhex(trace_id), bytes.fromhex(span_id), bytes.fromhex(parent),
            name, kind, start_ns, start_ns + duration_ns, attributes, resource, scope, status, message,
            [SpanEvent(*each) for each in zip(event_times, event_names, event_attributes, strict=True)],
            [
                SpanLink(bytes.fromhex(trace), bytes.fromhex(span), *rest)
                for trace, span, *rest in zip(linked_traces, linked_spans, linked_states, link_attributes, strict=True)
            ],
            trace_state, flags, bool(in_progress),
        )  # fmt: skip


def resource_of(service: str, text: str, schema_url: str) -> Resource:
    """Make a resource; some writers say the service beside its attributes only."""
    attributes = _object(text)
    if service not in ("", UNKNOWN_SERVICE, attributes.get("service.name")):
        attributes = {"service.name": service, **attributes}
    return Resource(attributes, schema_url)


def _object(text: str) -> Attributes:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
