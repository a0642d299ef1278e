"""Exponential histograms, built value by value."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.model.metric import ExponentialHistogram
from taskscope.pipeline.aggregate.distribution import MAX_BUCKETS, MAX_SCALE, Distribution
from taskscope.wire.statsd.sample import MAX_NUMBER

_values = st.floats(-1e12, 1e12) | st.floats(1, 1000) | st.floats(-MAX_NUMBER, MAX_NUMBER) | st.integers(-50, 50)


def _histogram(values: Sequence[float], weight: float = 1.0) -> ExponentialHistogram:
    distribution = Distribution()
    for value in values:
        distribution.add(repr(value).encode(), weight)
    return distribution.result()


def _quantile(histogram: ExponentialHistogram, quantile: float) -> float:
    """Return the upper bound of the bucket that holds the quantile; positive values only."""
    rank, seen = quantile * histogram.count, histogram.zero_count
    for index, count in enumerate(histogram.positive_counts):
        seen += count
        if seen >= rank:
            return float(2 ** ((histogram.positive_offset + index + 1) * 2.0**-histogram.scale))
    return math.inf


@given(st.lists(_values, min_size=1, max_size=400))
def test_every_value_is_counted_within_160_buckets(values: list[float]) -> None:
    """Whatever range they have."""
    histogram = _histogram(values)

    assert histogram.count == len(values)
    assert histogram.zero_count + sum(histogram.positive_counts) + sum(histogram.negative_counts) == len(values)
    assert sum(histogram.positive_counts) == sum(value > 0 for value in values)
    assert max(len(histogram.positive_counts), len(histogram.negative_counts)) <= MAX_BUCKETS
    assert (histogram.min, histogram.max) == (min(values), max(values))
    assert histogram.sum == pytest.approx(math.fsum(values), rel=1e-9, abs=1e-9 * max(map(abs, values)))
    assert histogram.scale <= MAX_SCALE


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=300), st.randoms(use_true_random=False))
def test_buckets_do_not_depend_on_order(values: list[float], random: object) -> None:
    """Coarser buckets hold exactly what finer ones held."""
    shuffled = sorted(values, key=lambda _: random.random())  # type: ignore[attr-defined]  # hypothesis gives a Random

    one, other = _histogram(values), _histogram(shuffled)

    assert (one.scale, one.positive_offset, one.positive_counts) == (
        other.scale,
        other.positive_offset,
        other.positive_counts,
    )


@given(st.lists(st.floats(1, 1000), min_size=1, max_size=300))
def test_values_lie_in_their_buckets(values: list[float]) -> None:
    """A bucket takes its upper bound, and the logarithm may be off by its last digit."""
    histogram = _histogram(values)
    growth = 2.0**-histogram.scale

    for value in values:
        index = math.ceil(math.log2(value) / growth) - 1 - histogram.positive_offset
        assert histogram.positive_counts[index]


def test_quantiles_are_within_a_few_percent() -> None:
    """From 2 to 1,000, buckets grow by 4.4 % and a value is 2.2 % from the middle of its bucket at most."""
    histogram = _histogram([float(value) for value in range(2, 1001)])

    assert histogram.scale == 4
    for quantile in (0.5, 0.9, 0.99):
        assert _quantile(histogram, quantile) == pytest.approx(1000 * quantile, rel=0.045)


def test_powers_of_two_are_the_upper_bounds_of_their_buckets() -> None:
    """As OpenTelemetry's data model has it."""
    histogram = _histogram([8.0])

    assert (histogram.scale, histogram.positive_offset, histogram.positive_counts) == (20, (3 << 20) - 1, [1])


def test_signs_and_zero_have_their_own_buckets() -> None:
    """All at the same scale."""
    histogram = _histogram([-2.0, 0.0, 0, 2.0, 2.0])

    assert (histogram.zero_count, histogram.negative_counts, histogram.positive_counts) == (2, [1], [2])
    assert histogram.negative_offset == histogram.positive_offset


def test_weights_that_are_not_whole_add_up() -> None:
    """Three lines at a rate of 0.3 are ten events, not nine."""
    histogram = _histogram([1.0, 2.0, 4.0], 1 / 0.3)

    assert histogram.count == 10
    assert sum(histogram.positive_counts) == 10
    assert histogram.sum == pytest.approx(7 / 0.3)


def test_weights_may_change_between_values() -> None:
    """Clients may change their rate."""
    distribution = Distribution()
    for weight in (1.0, 10.0, 1.0):
        distribution.add(b"3", weight)

    assert distribution.result().count == 12


@pytest.mark.parametrize("text", [b"", b"x", b"nan", b"-inf", b"1e300"])
def test_what_is_no_number_changes_nothing(text: bytes) -> None:
    """The caller reports the line."""
    distribution = Distribution()
    with pytest.raises(ValueError, match=r"float|bounds"):
        distribution.add(text, 1.0)

    assert distribution.result().count == 0
