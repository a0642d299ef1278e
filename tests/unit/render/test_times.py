"""Moments as ISO 8601."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from taskscope.clock import MILLISECOND, from_datetime
from taskscope.render.times import iso, iso_seconds

TOKYO = timezone(timedelta(hours=9))
MOMENT = 1_638_497_181_633_999_999


def test_time_has_milliseconds_and_offset() -> None:
    """Rule 3, cut off to the millisecond, never rounded into the future."""
    assert iso(MOMENT, TOKYO) == "2021-12-03T11:06:21.633+09:00"
    assert iso_seconds(MOMENT, TOKYO) == "2021-12-03T11:06:21+09:00"


def test_offset_of_zero_is_written_z() -> None:
    """Rule 3: UTC, and any zone that is at zero at that moment."""
    assert iso(MOMENT, UTC) == "2021-12-03T02:06:21.633Z"
    assert iso(MOMENT, timezone(timedelta(0), "GMT")) == "2021-12-03T02:06:21.633Z"


@given(
    st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 (hypothesis adds the zone)
    st.integers(-14 * 60, 14 * 60),
)
def test_time_reads_back_to_the_millisecond(moment: datetime, offset: int) -> None:
    """In any zone that there is."""
    instant = from_datetime(moment)

    text = iso(instant, timezone(timedelta(minutes=offset)))

    assert from_datetime(datetime.fromisoformat(text)) == instant - instant % MILLISECOND
