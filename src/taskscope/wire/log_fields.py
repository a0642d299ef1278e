"""What the fields of a structured log line mean: its message, level, time and trace, in the spellings of the field."""

from collections.abc import Callable
from datetime import datetime
from math import isfinite
from typing import Any, Final, NamedTuple

from taskscope.clock import MICROSECOND, MILLISECOND, SECOND, from_datetime
from taskscope.model.attributes import AttributeValue
from taskscope.model.ids import SPAN_ID_BYTES, trace_id_from_xray

_MESSAGES: Final = ("message", "msg")
_LEVELS: Final = ("level", "severity", "log.level", "levelname", "loglevel", "lvl")
_TIMES: Final = ("timestamp", "@timestamp", "time", "ts")
_TRACES: Final = ("trace_id", "traceId", "xray_trace_id", "xrayTraceId", "otelTraceID", "trace.id", "X-Amzn-Trace-Id")
_SPANS: Final = ("span_id", "spanId", "otelSpanID", "span.id")

_SEVERITIES: Final = {
    "trace": 1, "verbose": 1, "finest": 1,
    "debug": 5, "fine": 5,
    "info": 9, "information": 9, "informational": 9, "notice": 10,
    "warn": 13, "warning": 13,
    "error": 17, "err": 17, "severe": 17, "critical": 18, "crit": 18, "alert": 19,
    "fatal": 21, "panic": 21, "emergency": 21, "emerg": 21,
}  # fmt: skip
"""OpenTelemetry's numbers, with its mapping of syslog's words."""
_NUMBERED: Final = {10: 1, 20: 5, 30: 9, 40: 13, 50: 17, 60: 21}
"""The levels of bunyan and pino, which write numbers; Python's loggers write names."""
_UNITS: Final = ((10**9, SECOND), (10**12, MILLISECOND), (10**15, MICROSECOND), (10**18, 1))
"""Numbers from here to ten times this are a time since 2001 in that unit; others are durations, or nothing we know."""
_LONGEST_TIME: Final = 40
"""Characters of a time; anything longer is not looked at."""
_KNOWN: Final = frozenset({*_MESSAGES, *_LEVELS, *_TIMES, *_TRACES, *_SPANS})


class Meaning(NamedTuple):
    """What was understood of the fields, and taken from them."""

    message: AttributeValue
    severity_number: int
    severity_text: str
    time_ns: int
    """0 where no field tells it."""
    trace_id: bytes
    span_id: bytes


_NOTHING: Final = Meaning(None, 0, "", 0, b"", b"")


def take_meaning(fields: dict[str, AttributeValue], *, with_message: bool = True) -> Meaning:
    """Take out of ``fields`` what they say of the line; what cannot be read stays, as does a message not asked for."""
    if _KNOWN.isdisjoint(fields):
        return _NOTHING
    level = _take(fields, _LEVELS, _severity, ("", 0))
    trace_id, parent = _take(fields, _TRACES, _trace, (b"", b""))
    return Meaning(
        message=_take(fields, _MESSAGES, _message, None) if with_message else None,
        severity_number=level[1],
        severity_text=level[0],
        time_ns=_take(fields, _TIMES, _time, 0),
        trace_id=trace_id,
        span_id=_take(fields, _SPANS, read_span_id, parent),
    )


def _take(fields: dict[str, AttributeValue], names: tuple[str, ...], read: Callable[[Any], Any], default: Any) -> Any:
    for name in names:
        if name in fields:
            value = read(fields[name])
            if value is not None:
                del fields[name]
                return value
    return default


def _message(value: AttributeValue) -> AttributeValue:
    return value


def _severity(value: AttributeValue) -> tuple[str, int] | None:
    if isinstance(value, str):
        number = _SEVERITIES.get(value.strip().lower())
    elif isinstance(value, int):
        number = _NUMBERED.get(value)
    else:
        return None
    return None if number is None else (str(value), number)


def _time(value: AttributeValue) -> int | None:
    """Read a time that is one beyond doubt: a text needs an offset from UTC, a number the size of a present time."""
    if isinstance(value, str):
        return read_time_text(value)
    if isinstance(value, int | float) and isfinite(value):
        for least, unit in _UNITS:
            if least <= value < least * 10:
                return value * unit if isinstance(value, int) else round(value * (unit / MICROSECOND)) * MICROSECOND
    return None


def read_time_text(value: str) -> int | None:
    """Return nanoseconds of an ISO 8601 text that has an offset from UTC; None for anything else."""
    if len(value) > _LONGEST_TIME:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    nanoseconds = from_datetime(moment)
    return nanoseconds if 0 < nanoseconds < 2**63 else None


def _trace(value: AttributeValue) -> tuple[bytes, bytes] | None:
    """Read a trace id in X-Ray's or OpenTelemetry's spelling, or a trace header with its parent."""
    if not isinstance(value, str):
        return None
    if "=" not in value:
        trace_id = _trace_id(value)
        return None if trace_id is None else (trace_id, b"")
    return read_trace_header(value)


def read_trace_header(header: str) -> tuple[bytes, bytes] | None:
    """Return trace id and parent id (perhaps empty) of ``Root=…;Parent=…;Sampled=1``; None where it has no root."""
    pairs = dict(pair.strip().partition("=")[::2] for pair in header.split(";"))
    trace_id = _trace_id(pairs.get("Root", ""))
    return None if trace_id is None else (trace_id, read_span_id(pairs.get("Parent", "")) or b"")


def _trace_id(value: str) -> bytes | None:
    try:
        trace_id = trace_id_from_xray(value)
    except ValueError:
        return None
    return trace_id if any(trace_id) else None


def read_span_id(value: AttributeValue) -> bytes | None:
    """Return the span id that 16 hexadecimal digits are; None for anything else, and for zeros."""
    if not isinstance(value, str) or len(value) != 2 * SPAN_ID_BYTES or not value.isalnum():
        return None
    try:
        span_id = bytes.fromhex(value)
    except ValueError:
        return None
    return span_id if any(span_id) else None
