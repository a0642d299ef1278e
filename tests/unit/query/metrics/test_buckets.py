"""Percentiles out of the counts of buckets."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.query.metrics.buckets import (
    Exponential,
    Piece,
    explicit_pieces,
    merge,
    percentile_of,
    percentile_of_exponential,
)

_BOUNDS = (0.1, 0.2, 0.5, 1.0)


@pytest.mark.parametrize(
    ("counts", "percentile", "expected"),
    [
        ((0, 10, 0, 0, 0), 50, 0.15),  # the middle of its bucket
        ((0, 10, 0, 0, 0), 0, 0.1),
        ((0, 10, 0, 0, 0), 100, 0.2),
        ((10, 0, 0, 0, 0), 50, 0.05),  # the first bucket begins at zero
        ((5, 5, 0, 0, 0), 50, 0.1),
        ((5, 0, 0, 5, 0), 50, 0.1),  # an empty bucket between holds nothing
        ((5, 0, 0, 5, 0), 75, 0.75),
        ((0, 0, 0, 0, 7), 50, 1.0),  # above the last bound: at least that
        ((0, 0, 0, 9, 1), 95, 1.0),
        ((10, 20, 30, 40, 0), 95, 0.9375),
    ],
)
def test_explicit_bounds(counts: tuple[int, ...], percentile: float, expected: float) -> None:
    """As Prometheus' ``histogram_quantile`` has it."""
    assert percentile_of(explicit_pieces(_BOUNDS, counts), percentile) == pytest.approx(expected)


def test_nothing_has_no_percentile() -> None:
    """Without observations, or without bounds, nothing is known."""
    assert percentile_of(explicit_pieces(_BOUNDS, (0, 0, 0, 0, 0)), 50) is None
    assert percentile_of(explicit_pieces((), (12,)), 50) is None


@pytest.mark.parametrize("endless", [math.inf, None])
def test_an_infinite_last_bound_is_none(endless: float | None) -> None:
    """Some senders name it, as Prometheus does; an engine that has no JSON for it says null."""
    assert explicit_pieces((0.1, 0.2, endless), (1, 2, 3, 4)) == explicit_pieces((0.1, 0.2), (1, 2, 7))
    assert explicit_pieces((endless,), (1, 2)) == []


@pytest.mark.parametrize("bounds", [(math.nan, 1.0), (None, 1.0), (-math.inf, 1.0), (2.0, 1.0)])
def test_bounds_that_do_not_ascend_tell_nothing(bounds: tuple[float | None, ...]) -> None:
    """Nor do those that are no numbers."""
    assert explicit_pieces(bounds, (1, 1, 1)) == []


def test_a_first_bound_below_zero_is_what_is_known() -> None:
    """What lies below it may be any number: the bound is told, as by Prometheus."""
    assert percentile_of(explicit_pieces((-1.0, 1.0), (4, 0, 0)), 50) == -1.0


def test_equal_bounds_add_up() -> None:
    """Two histograms with the same bounds are one with the sums of their counts."""
    both = explicit_pieces(_BOUNDS, (1, 2, 3, 4, 0)) + explicit_pieces(_BOUNDS, (4, 0, 2, 2, 1))

    for percentile in (5, 50, 90, 99):
        expected = percentile_of(explicit_pieces(_BOUNDS, (5, 2, 5, 6, 1)), percentile)
        assert percentile_of(both, percentile) == pytest.approx(expected)


def test_other_bounds_are_put_together_by_where_values_lie() -> None:
    """Ten values from 0 to 1 and ten from 0.5 to 1.5: a quarter lies below 0.5."""
    pieces = explicit_pieces((1.0,), (10, 0)) + explicit_pieces((0.5, 1.5), (0, 10, 0))

    assert percentile_of(pieces, 25) == pytest.approx(0.5)
    assert percentile_of(pieces, 50) == pytest.approx(0.75)
    assert percentile_of(pieces, 75) == pytest.approx(1.0)


def test_a_place_with_many_values() -> None:
    """Values at one point are jumped over."""
    pieces = [Piece(0.0, 1.0, 2), Piece(0.5, 0.5, 6), Piece(1.0, 1.0, 2)]

    assert percentile_of(pieces, 50) == 0.5
    assert percentile_of(pieces, 5) == pytest.approx(0.25)
    assert percentile_of(pieces, 99) == 1.0


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 9), st.integers(0, 50)), min_size=1, max_size=12),
    st.integers(1, 100),
)
def test_so_many_lie_below_a_percentile(rows: list[tuple[int, int, int]], percentile: int) -> None:
    """Counted piece by piece: no fewer up to it, and no more below it."""
    pieces = [Piece(low, low + wide, number) for low, wide, number in rows]
    found = percentile_of(pieces, percentile)
    if found is None:
        return
    wanted = sum(each.number for each in pieces) * percentile / 100
    inside = sum(
        each.number * (found - each.low) / (each.high - each.low) for each in pieces if each.low < found < each.high
    )

    assert inside + sum(each.number for each in pieces if each.high <= found) >= wanted - 1e-6
    assert inside + sum(each.number for each in pieces if each.high <= found and each.low < found) <= wanted + 1e-6


def test_many_bounds_take_no_time_of_their_product() -> None:
    """Fifty senders with bounds of their own: a step took 320 ms when each edge was compared with each piece."""
    pieces = [Piece(one + part / 50, one + 1 + part / 50, 3) for one in range(17) for part in range(50)]
    began = time.process_time()
    assert percentile_of(pieces, 95) == pytest.approx(16.64)

    assert time.process_time() - began < 0.1


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.floats(0, 10), st.integers(0, 50)), min_size=1, max_size=8),
    st.floats(0, 100),
    st.floats(0, 100),
)
def test_percentiles_ascend_and_lie_inside(rows: list[tuple[float, float, int]], one: float, other: float) -> None:
    """Whatever the pieces are: a higher percentile is no lower value."""
    pieces = [Piece(low, low + wide, number) for low, wide, number in rows]
    low, high = (percentile_of(pieces, each) for each in sorted((one, other)))
    if low is None or high is None:
        assert not any(each.number for each in pieces)
        return
    assert low <= high + 1e-9
    assert min(each.low for each in pieces) <= low
    assert high <= max(each.high for each in pieces) + 1e-9


@pytest.mark.parametrize(
    ("counts", "percentile", "expected"),
    [
        (Exponential(0, 0, {0: 4}, {}), 50, math.sqrt(2)),  # the middle of (1, 2] by its logarithm
        (Exponential(0, 0, {0: 4}, {}), 100, 2.0),
        (Exponential(0, 0, {-1: 4}, {}), 0, 0.5),
        (Exponential(0, 6, {0: 4}, {}), 50, 0.0),  # zeros
        (Exponential(0, 5, {0: 5}, {}), 51, 2**0.02),
        (Exponential(0, 0, {0: 1, 3: 1}, {}), 100, 16.0),
        (Exponential(1, 0, {1: 4}, {}), 100, 2.0),  # base is the root of 2
        (Exponential(0, 0, {0: 2}, {0: 2}), 25, -math.sqrt(2)),
        (Exponential(0, 0, {0: 2}, {0: 2, 2: 2}), 0, -8.0),
        (Exponential(0, 2, {}, {0: 2}), 100, 0.0),
        (Exponential(-10, 0, {0: 2}, {}), 100, math.inf),
    ],
)
def test_exponential_buckets(counts: Exponential, percentile: float, expected: float) -> None:
    """Values lie evenly by their logarithm; no number is too large."""
    found = percentile_of_exponential(counts, percentile)

    assert found == pytest.approx(min(expected, 1.7976931348623157e308))


def test_no_observations_in_exponential_buckets() -> None:
    """Nothing has no percentile."""
    assert percentile_of_exponential(Exponential(3, 0, {}, {}), 50) is None


def test_finer_buckets_lie_in_coarser_ones() -> None:
    """Four buckets of scale 2 are one of scale 0, also below 1; zeros add up."""
    fine = Exponential(2, 1, {-1: 1, 0: 1, 3: 1, 4: 1}, {7: 2})
    coarse = Exponential(0, 2, {0: 5}, {})

    assert merge([fine, coarse]) == Exponential(0, 3, {-1: 1, 0: 7, 1: 1}, {1: 2})


def test_what_was_before_is_taken_away_at_the_common_scale() -> None:
    """A cumulative histogram became coarser: what it has over the one before is the difference."""
    before = Exponential(1, -1, {0: -2, 1: -1}, {})
    now = Exponential(0, 3, {0: 5, 1: 1}, {})

    assert merge([now, before]) == Exponential(0, 2, {0: 2, 1: 1}, {})
