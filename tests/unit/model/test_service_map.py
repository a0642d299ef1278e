"""Histograms of durations."""

from hypothesis import given
from hypothesis import strategies as st

from taskscope.model.service_map import SCALE, Statistics, bucket_middle_ns, bucket_of


@given(duration=st.integers(2, 2**63))
def test_middle_of_its_bucket_is_near_a_duration(duration: int) -> None:
    """A sixteenth of a doubling is 4.4 % wide, so half of it is off at most; and a nanosecond where those are few."""
    assert abs(bucket_middle_ns(bucket_of(duration)) - duration) <= 0.0225 * duration + 1


@given(one=st.integers(0, 2**63), other=st.integers(0, 2**63))
def test_longer_durations_never_fall_into_a_lower_bucket(one: int, other: int) -> None:
    """Percentiles walk the buckets in order."""
    assert bucket_of(min(one, other)) <= bucket_of(max(one, other))


def test_powers_of_two_are_the_last_of_their_buckets() -> None:
    """Bounds are those of OpenTelemetry's exponential histograms: open below, closed above."""
    assert [bucket_of(2**power) for power in range(40)] == [SCALE * power for power in range(40)]
    assert [bucket_of(2**power + 1) for power in range(5, 40)] == [SCALE * power + 1 for power in range(5, 40)]
    assert (bucket_of(0), bucket_of(1)) == (0, 0)


def test_percentile_of_nothing_is_nothing() -> None:
    """A step without requests."""
    assert Statistics().percentile_ns(0.99) == 0


def test_percentile_is_the_duration_that_a_share_did_not_exceed() -> None:
    """Of ten requests of 1 us and one of 1 s, the median is 1 us and the longest 1 s."""
    statistics = Statistics(histogram={bucket_of(1_000): 10, bucket_of(10**9): 1})
    assert abs(statistics.percentile_ns(0.5) - 1_000) < 23
    assert abs(statistics.percentile_ns(1.0) - 10**9) < 0.0225 * 10**9
