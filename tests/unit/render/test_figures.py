"""Figures for people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.render.figures import age, count, duration, share


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0 ms"),
        (400, "400 ns"),
        (999, "999 ns"),
        (250_000, "250 us"),
        (999_600, "1 ms"),
        (12_345_678, "12.3 ms"),
        (999_960_000, "1 s"),
        (1_500_000_000, "1.5 s"),
        (59_900_000_000, "59.9 s"),
        (65_000_000_000, "1m05s"),
        (3_660_000_000_000, "1h01m"),
        (90_000_000_000_000, "1d01h"),
    ],
)
def test_a_duration_has_three_figures_and_a_unit(nanoseconds: int, text: str) -> None:
    """A duration has three figures and a unit; from a minute on it has two units."""
    assert duration(nanoseconds) == text


@given(st.integers(0, 10**17))
def test_every_duration_can_be_written(nanoseconds: int) -> None:
    """Every duration can be written, in at most eight characters."""
    assert 0 < len(duration(nanoseconds)) <= 8


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (9_999, "9999"), (10_000, "10k"), (24_130, "24.1k"), (1_500_000, "1.5M"), (10**12, "1000G")],
)
def test_a_large_count_has_three_figures(number: int, text: str) -> None:
    """A count is written in full up to 9,999, then with three figures."""
    assert count(number) == text


@pytest.mark.parametrize(
    ("part", "text"), [(0, "0%"), (0.0001, "<0.1%"), (0.034, "3.4%"), (0.5, "50%"), (0.9999, "99%"), (1, "100%")]
)
def test_a_share_is_none_or_all_only_if_it_is_exactly_that(part: float, text: str) -> None:
    """A share of nearly none or nearly all is not written as none or all."""
    assert share(part) == text


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [(-5, "0s"), (3 * 10**9, "3s"), (120 * 10**9, "2m"), (5 * 3_600 * 10**9, "5h"), (4 * 86_400 * 10**9, "4d")],
)
def test_an_age_has_one_unit(nanoseconds: int, text: str) -> None:
    """An age has one unit; what lies in the future is of now."""
    assert age(nanoseconds) == text
