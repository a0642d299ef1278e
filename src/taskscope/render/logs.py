"""Log lines and traces as text, as ``sam logs`` prints them, and as JSON."""

import re
import zlib
from datetime import tzinfo
from typing import Any, Final

from taskscope.clock import MILLISECOND, SECOND
from taskscope.model.log_reading import Entry, LogEntry, TraceEntry, TraceNode
from taskscope.render.text import escape
from taskscope.render.times import iso

_STREAMS: Final = ("36", "32", "35", "34", "96", "92", "95", "94")
"""SGR colours of streams; red and yellow mean something."""
_TIME: Final = "33"
_BAD: Final = "31"
_TRACE: Final = "1"
_MATCH: Final = "4"
_FAILED: Final = re.compile(
    r"Task timed out after|Process exited before completing request|^REPORT .*\tStatus: (?:error|timeout)"
)
"""What Lambda writes of a request that did not come to its end."""


def log_text(
    entry: LogEntry,
    *,
    zone: tzinfo | None = None,
    raw: bool = False,
    color: bool = False,
    mark: re.Pattern[str] | None = None,
) -> str:
    """Write one line, without the newline: stream, time, message; ``raw`` leaves the message as it is."""
    message = entry.message if raw else escape(entry.message)
    if not color:
        return f"{entry.stream} {iso(entry.time_ns, zone)} {message}"
    if mark is not None:
        message = mark.sub(lambda found: _sgr(found[0], _MATCH) if found[0] else "", message)
    if _FAILED.search(entry.message):
        message = _sgr(message, _BAD)
    shade = _STREAMS[zlib.crc32(f"{entry.group}\0{entry.stream}".encode()) % len(_STREAMS)]
    return f"{_sgr(entry.stream, shade)} {_sgr(iso(entry.time_ns, zone), _TIME)} {message}"


def trace_text(entry: TraceEntry, *, zone: tzinfo | None = None, color: bool = False) -> str:
    """Write a trace: a line, and its tree below."""
    revision = "" if entry.revision is None else f" [revision {entry.revision}]"
    head = (
        f"XRay Event{revision} at ({iso(entry.time_ns, zone)}) with id ({entry.trace_id})"
        f" and duration ({_seconds(entry.duration_ns)})"
    )
    return "\n".join([_sgr(head, _TRACE) if color else head, *(_row(each, color=color) for each in entry.nodes)])


def _row(node: TraceNode, *, color: bool) -> str:
    duration = "in progress" if node.duration_ns is None else _seconds(node.duration_ns)
    status = "" if node.status is None else f" [HTTP: {node.status}]"
    outcome = f" [{node.outcome}]" if node.outcome else ""
    text = f"{'  ' * node.depth} - {duration} - {escape(node.name)}{status}{outcome}"
    return _sgr(text, _BAD) if color and node.outcome else text


def _seconds(duration_ns: int) -> str:
    return f"{duration_ns // SECOND}.{duration_ns % SECOND // MILLISECOND:03}s"


def _sgr(text: str, parameters: str) -> str:
    """Colour a text for a terminal, by SGR parameters of ECMA-48."""
    return f"\x1b[{parameters}m{text}\x1b[0m"


def log_document(entry: Entry, *, zone: tzinfo | None = None) -> dict[str, Any]:
    """Return one line or trace; members that say nothing are left out."""
    if isinstance(entry, TraceEntry):
        return _trace_document(entry, zone)
    document: dict[str, Any] = {
        "time": iso(entry.time_ns, zone),
        "log_group": entry.group,
        "log_stream": entry.stream,
        "message": entry.message,
    }
    if entry.ingested_ns is not None:
        document["ingested"] = iso(entry.ingested_ns, zone)
    if entry.event_id:
        document["event_id"] = entry.event_id
    return document | dict(entry.labels)


def _trace_document(entry: TraceEntry, zone: tzinfo | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "time": iso(entry.time_ns, zone),
        "trace_id": entry.trace_id,
        "duration_ms": entry.duration_ns / MILLISECOND,
        "segments": [_node_document(each) for each in entry.nodes],
    }
    return document if entry.revision is None else document | {"revision": entry.revision}


def _node_document(node: TraceNode) -> dict[str, Any]:
    document: dict[str, Any] = {"depth": node.depth, "name": node.name}
    if node.duration_ns is not None:
        document["duration_ms"] = node.duration_ns / MILLISECOND
    if node.status is not None:
        document["status"] = node.status
    return document | ({"outcome": node.outcome} if node.outcome else {})
