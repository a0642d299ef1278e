"""Times of documents: seconds since the epoch as a JSON number there, integer nanoseconds here."""

from typing import Any, Final

from taskscope.errors import MalformedPayloadError

_NS: Final = 1_000_000_000
_LAST_SECOND: Final = 2**63 // _NS
"""Nanoseconds must fit 64 bits, signed: the year 2262."""
_SEVEN_DIGITS_SUFFICE: Final = 2**30
"""From 2004 on, doubles lie more than 200 ns apart."""

ANCHOR: Final = 1.7e9
_ANCHOR_NS: Final = 1_700_000_000_000_000_000
ANCHOR_END: Final = 2.1e9
"""
Between 2023 and 2036 times are counted from an anchor: the difference is exact, and its tenths of microseconds are
below 2**52, so one multiplication is precise enough.
"""


def nanoseconds(seconds: float) -> int:
    """
    Read a time as its sender wrote it, not as the nearest double has it.

    A double of today's seconds is off by up to 119 ns, so the shortest decimal is looked for that reads as the same
    double: six digits (what X-Ray recommends), then seven (what Python writes).

    Raises:
        MalformedPayloadError: The time lies before 1970 or after 2262.
    """
    if not ANCHOR <= seconds < ANCHOR_END:
        return _any_nanoseconds(seconds)
    micros = int(seconds * 1e6 + 0.5)
    if micros / 1e6 == seconds:
        return micros * 1000
    return _ANCHOR_NS + int((seconds - ANCHOR) * 1e7 + 0.5) * 100


def all_nanoseconds(seconds: Any) -> Any:
    """
    Read many times between the anchor and its end as ``nanoseconds`` reads each: numpy's doubles to 64-bit integers.

    No type says so, as numpy is for those that have columns.
    """
    micros = (seconds * 1e6 + 0.5).astype("int64")
    found = micros * 1000
    longer = micros / 1e6 != seconds
    found[longer] = _ANCHOR_NS + ((seconds[longer] - ANCHOR) * 1e7 + 0.5).astype("int64") * 100
    return found


def _any_nanoseconds(seconds: float) -> int:
    if not 0 <= seconds < _LAST_SECOND:
        raise MalformedPayloadError(f"{seconds!r} is no time in seconds since the epoch")
    whole = int(seconds)
    micros = whole * 1_000_000 + round((seconds - whole) * 1e6)
    if micros / 1_000_000 == seconds:
        return micros * 1000
    if seconds >= _SEVEN_DIGITS_SUFFICE:
        return whole * _NS + round((seconds - whole) * 1e7) * 100
    return whole * _NS + round((seconds - whole) * 1e9)


def seconds(time_ns: int) -> float:
    """Write a time as X-Ray takes it; reads back as the same nanoseconds where they came from a document."""
    return time_ns / _NS
