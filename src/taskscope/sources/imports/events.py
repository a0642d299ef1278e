"""Events of CloudWatch Logs in the forms that files have them, and as the server takes them."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from taskscope.clock import MILLISECOND, from_datetime
from taskscope.errors import MalformedPayloadError
from taskscope.model.log_reading import LogEntry
from taskscope.sources.imports.occurrences import Occurrences

Read: TypeAlias = Callable[[Any], LogEntry]
"""Reads one event; raises MalformedPayloadError."""


def event_text(entry: LogEntry, said: Occurrences) -> str:
    """Write a line as the server takes it; one that CloudWatch has not named gets a name of its content."""
    name = entry.event_id
    if not name:
        told = f"{entry.group}\0{entry.stream}\0{entry.time_ns}\0{entry.message}"
        name = said.name(hashlib.sha256(told.encode("utf-8", "replace")).digest())
    event = {
        "group": entry.group,
        "stream": entry.stream,
        "time_ns": entry.time_ns,
        "message": entry.message,
        "id": name,
        "ingested_ns": entry.ingested_ns or 0,
    }
    return json.dumps(event, separators=(",", ":"))


def events_in(value: Mapping[str, Any], group: str) -> tuple[list[Any], Read] | None:
    """
    Return the events of a document and what reads each; None if it is none that has events.

    Known are the answers of FilterLogEvents and GetLogEvents, and single events of them; what subscriptions of log
    groups send; and lines of ``taskscope logs --output jsonl``. ``group`` is that of events that do not name theirs.
    """
    if isinstance(events := value.get("events"), list):
        return events, partial(_filtered, group=group)
    if isinstance(events := value.get("logEvents"), list):
        named = str(value.get("logGroup") or group)
        return events, partial(_filtered, group=named, stream=str(value.get("logStream", "")))
    if "log_stream" in value and "message" in value:
        return [value], _own
    if "timestamp" in value and "message" in value:
        return [value], partial(_filtered, group=group)
    return None


def _filtered(event: object, group: str, stream: str = "") -> LogEntry:
    if not isinstance(event, dict):
        raise MalformedPayloadError("a log event is no object")
    time, message = event.get("timestamp"), event.get("message")
    if not isinstance(time, int) or not isinstance(message, str):
        raise MalformedPayloadError("a log event has no timestamp in milliseconds, or no message")
    ingested = event.get("ingestionTime")
    return LogEntry(
        time * MILLISECOND,
        message,
        str(event.get("logGroupName") or group),
        str(event.get("logStreamName") or stream),
        ingested * MILLISECOND if isinstance(ingested, int) else None,
        str(event.get("eventId") or event.get("id") or ""),
    )


def _own(value: Mapping[str, Any]) -> LogEntry:
    ingested = value.get("ingested")
    return LogEntry(
        _time(value.get("time")),
        str(value["message"]),
        str(value.get("log_group", "")),
        str(value["log_stream"]),
        None if ingested is None else _time(ingested),
        str(value.get("event_id", "")),
    )


def _time(text: object) -> int:

    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise MalformedPayloadError(f"{str(text)[:40]!r} is no time with an offset")
    return from_datetime(moment)
