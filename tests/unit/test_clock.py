"""Integer nanoseconds and datetimes convert without loss."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from taskscope.clock import MICROSECOND, fixed_clock, from_datetime, system_clock, to_datetime


@given(st.datetimes(timezones=st.just(UTC)))
def test_datetime_survives_the_round_trip(moment: datetime) -> None:
    """Every microsecond of a datetime is kept; no float is in between."""
    assert to_datetime(from_datetime(moment), UTC) == moment


@given(st.integers(0, 4_000_000_000_000_000_000))
def test_below_a_microsecond_rounds_down(instant: int) -> None:
    """A datetime holds microseconds: what is finer is cut off, never rounded into the future."""
    assert from_datetime(to_datetime(instant, UTC)) == instant - instant % MICROSECOND


def test_zone_of_a_datetime_does_not_matter() -> None:
    """The same moment in two zones is the same number."""
    tokyo = timezone(timedelta(hours=9))

    assert from_datetime(datetime(2021, 12, 3, 11, 6, 21, 633_000, tokyo)) == 1_638_497_181_633_000_000
    assert from_datetime(datetime(2021, 12, 3, 2, 6, 21, 633_000, UTC)) == 1_638_497_181_633_000_000


def test_fixed_clock_stands_still() -> None:
    """A fixed clock gives its one time again and again; the system's is later than this test's writing."""
    clock = fixed_clock(7)

    assert [clock(), clock()] == [7, 7]
    assert system_clock() > from_datetime(datetime(2026, 1, 1, tzinfo=UTC))
