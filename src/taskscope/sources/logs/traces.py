"""X-Ray's traces among log lines."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from taskscope.aws.xray import TRACES_LIMIT, TraceHead, XRay
from taskscope.clock import SECOND, Clock, system_clock
from taskscope.model.log_reading import LogSelection, TraceEntry, TraceNode
from taskscope.model.timeline import Window

_SPAN: Final = 6 * 3600 * SECOND
"""Longest window of one GetTraceSummaries."""
_LEAD: Final = 900 * SECOND
"""Traces are searched by their beginning: one that ends in a window began at most as long before as Lambda may run."""

_KEPT: Final = 50_000
"""Ids of traces that are kept in mind, so that following for days does not grow."""


class XRayTraces:
    """
    The traces of one account.

    With functions only those in which one of them took part; X-Ray does not know which traces belong to a log group or
    a task, so that otherwise all are told. Each revision of a trace is told once.
    """

    def __init__(self, xray: XRay, functions: Sequence[str] = (), *, clock: Clock = system_clock) -> None:
        self._xray = xray
        self._expression = " OR ".join(f'service("{name}")' for name in dict.fromkeys(functions))
        self._clock = clock
        self._told: dict[str, int | None] = {}

    def traces(self, selection: LogSelection, window: Window) -> Iterator[TraceEntry]:
        """Yield the traces that ended in a window, in order of their end; those in progress are left out."""
        del selection  # the functions are resolved already: a stack's are not known by their names
        heads: dict[str, TraceHead] = {}
        end = min(self._clock(), window.end or self._clock())
        for start in range(window.start - _LEAD, end, _SPAN):
            for head in self._xray.summaries(start, min(start + _SPAN, end), expression=self._expression):
                if not head.is_partial and self._told.get(head.id, -1) != head.revision:
                    heads[head.id] = head
        yield from sorted(self._entries(heads, window), key=lambda each: each.time_ns)
        for old in list(self._told)[: max(0, len(self._told) - _KEPT)]:
            del self._told[old]

    def _entries(self, heads: Mapping[str, TraceHead], window: Window) -> Iterator[TraceEntry]:
        ids = list(heads)
        for start in range(0, len(ids), TRACES_LIMIT):
            for documents in self._xray.traces(ids[start : start + TRACES_LIMIT]):
                segments = [segment for text in documents if (segment := _read(text))]
                if not segments:
                    continue
                head = heads.get(str(segments[0].get("trace_id")))
                found = entry(segments, head)
                self._told[found.trace_id] = found.revision
                if found.time_ns in window:
                    yield found


def _read(text: str) -> Mapping[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    usable = isinstance(document, dict) and isinstance(document.get("start_time"), int | float)
    return document if usable else None


def entry(segments: Sequence[Mapping[str, Any]], head: TraceHead | None) -> TraceEntry:
    """Return the line of a trace; its time is its end."""
    start = min(_nanoseconds(each["start_time"]) for each in segments)
    end = max(_nanoseconds(each.get("end_time") or each["start_time"]) for each in segments)
    trace_id = head.id if head else str(segments[0].get("trace_id", ""))
    return TraceEntry(end, trace_id, end - start, head.revision if head else None, tuple(_tree(segments)))


def _tree(segments: Sequence[Mapping[str, Any]]) -> Iterator[TraceNode]:
    """
    Yield segments and subsegments in pre-order.

    A segment hangs under the subsegment that called it, which its ``parent_id`` names; if that is not there it is
    a root.
    """
    known = {each.get("id") for segment in segments for each in _all(segment)}
    below: dict[Any, list[Mapping[str, Any]]] = {}
    for segment in segments:
        parent = segment.get("parent_id")
        below.setdefault(parent if parent in known and parent != segment.get("id") else None, []).append(segment)
    waiting = [(each, 0) for each in _by_start(below.pop(None, ()))][::-1]
    while waiting:
        each, depth = waiting.pop()
        yield _node(each, depth)
        children = _by_start([*_subsegments(each), *below.pop(each.get("id"), ())])
        waiting += [(child, depth + 1) for child in children][::-1]


def _all(segment: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    waiting = [segment]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += _subsegments(each)


def _subsegments(each: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = each.get("subsegments")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _by_start(segments: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(segments, key=lambda each: each.get("start_time") or 0)


def _node(each: Mapping[str, Any], depth: int) -> TraceNode:
    start, end = each.get("start_time"), each.get("end_time")
    duration = None if start is None or end is None else _nanoseconds(end) - _nanoseconds(start)
    answer = each.get("http")
    answer = answer.get("response") if isinstance(answer, dict) else None
    status = answer.get("status") if isinstance(answer, dict) else None
    outcome = next((word for word in ("fault", "throttle", "error") if each.get(word) is True), "")
    return TraceNode(depth, str(each.get("name", "")), duration, status if isinstance(status, int) else None, outcome)


def _nanoseconds(seconds: float) -> int:
    """Convert to the whole microsecond, below which a float of today's seconds has no digits."""
    return round(seconds * 1_000_000) * 1000
