"""Durations and moments, as people write them."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.clock import SECOND
from taskscope.config.times import parse_duration, parse_instant
from taskscope.errors import UsageError

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
NOW = 1_763_622_000 * SECOND
"""2025-11-20T07:00:00Z."""


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the local zone that of Tokyo."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", 90 * SECOND),
        ("1m0s", MINUTE),
        ("1h30m", 90 * MINUTE),
        ("1.5h", 90 * MINUTE),
        (".5h", 30 * MINUTE),
        ("1.h", HOUR),
        ("5 minutes", 5 * MINUTE),
        ("1 hour 30 min", 90 * MINUTE),
        ("2 days", 48 * HOUR),
        ("1hr", HOUR),
        (" 5M ", 5 * MINUTE),
        ("250ms", SECOND // 4),
        ("3\u00b5s", 3_000),
        ("3\u03bcs", 3_000),
        ("1w", 7 * 24 * HOUR),
        ("0s", 0),
        ("9007199254740993ns", 9_007_199_254_740_993),
    ],
)
def test_duration_reads_as_in_go_and_in_words(text: str, expected: int) -> None:
    """Go's notation, days and weeks, and English words; exact where a float would not be."""
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "1m30", "five minutes", "1 2s", "1..5s", "3 months", "1h,30m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """The error shows the text and how to write one."""
    with pytest.raises(UsageError, match="is no duration") as caught:
        parse_duration(text)

    assert repr(text) in caught.value.message
    assert caught.value.hint


@given(st.integers(0, 10**18))
def test_duration_round_trips(duration: int) -> None:
    """Written in hours, minutes, seconds and nanoseconds it reads back to the nanosecond."""
    seconds, nanoseconds = divmod(duration, SECOND)

    assert parse_duration(f"{seconds // 3600}h{seconds // 60 % 60}m{seconds % 60}s{nanoseconds}ns") == duration
    assert parse_duration(f"{seconds}.{nanoseconds:09}s") == duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", NOW),
        ("5m", NOW - 5 * MINUTE),
        ("2h ago", NOW - 2 * HOUR),
        ("10 minutes ago", NOW - 10 * MINUTE),
        ("2025-11-20T07:00:00Z", NOW),
        ("2025-11-20T08:00:00+01:00", NOW),
        (" 2025-11-20T07:00:00.250Z ", NOW + SECOND // 4),
    ],
)
def test_instant_is_iso_8601_or_a_time_ago(text: str, expected: int) -> None:
    """A moment with an offset, or a duration before now."""
    assert parse_instant(text, now=NOW) == expected


@pytest.mark.usefixtures("tokyo")
def test_instant_without_offset_is_local_time() -> None:
    """What has no offset is meant in the zone of this machine."""
    assert parse_instant("2025-11-20T16:00:00", now=NOW) == NOW
    assert parse_instant("2025-11-20 16:00", now=NOW) == NOW


@pytest.mark.parametrize("text", ["", "yesterday", "ago", "5", "2025-13-01", "9999-12-31T23:59:59-10:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """The error shows the text; a time past the last year of the calendar is none either."""
    with pytest.raises(UsageError, match="is no time"):
        parse_instant(text, now=NOW)
