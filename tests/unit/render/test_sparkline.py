"""Sparklines."""

import math

from hypothesis import given
from hypothesis import strategies as st

from taskscope.render.sparkline import ASCII, BLOCKS, sparkline

FIGURES = st.none() | st.floats(allow_infinity=True, allow_nan=True)


def test_each_figure_has_its_height() -> None:
    """Zero and seven even steps above it are the eight blocks."""
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == BLOCKS


def test_the_newest_figure_is_at_the_right() -> None:
    """Fewer figures than characters leave room at the left."""
    assert sparkline([0, 1], 5) == "   ▁█"


def test_a_gap_is_no_zero() -> None:
    """None and not-a-number are blanks between blocks."""
    assert sparkline([4, None, 0, math.nan, 4], 5) == "█ ▁ █"


def test_peaks_stay_where_there_is_little_room() -> None:
    """One high figure among a hundred is seen in ten characters."""
    assert sparkline([0] * 55 + [9] + [0] * 44, 10) == "▁▁▁▁▁█▁▁▁▁"


def test_a_little_is_more_than_nothing() -> None:
    """One in a thousand differs from zero."""
    assert sparkline([0.001, 0, 1], 3) == "▂▁█"


def test_top_says_what_is_full() -> None:
    """With a limit, figures are shares of it; above it a block is full."""
    assert sparkline([25, 50, 100, 140], 4, top=100) == "▃▅██"
    assert sparkline([0, 0], 2, top=0) == "▁▁"


def test_nothing_is_blank() -> None:
    """No figures, or no room."""
    assert sparkline([], 4) == "    "
    assert sparkline([1, 2], 0) == ""


def test_ascii() -> None:
    """A stream without blocks gets characters of ASCII."""
    assert sparkline([0, 1, None, 8], 4, levels=ASCII) == "_. @"


@given(st.lists(FIGURES, max_size=60), st.integers(0, 40), st.none() | st.floats(allow_nan=False))
def test_it_is_as_wide_as_asked_for(values: list[float | None], width: int, top: float | None) -> None:
    """Whatever the figures are, each character is a block or a blank."""
    drawn = sparkline(values, width, top=top)

    assert len(drawn) == width
    assert set(drawn) <= {*BLOCKS, " "}
