"""Bars of time."""

from hypothesis import given
from hypothesis import strategies as st

from taskscope.model.trace import Outcome, SpanView
from taskscope.render.waterfall.bars import BUSY, CRITICAL, GOING_ON, INSTANT, Scale


def _span(start: int, took: int, critical: tuple[tuple[int, int], ...] = (), *, in_progress: bool = False) -> SpanView:
    return SpanView(
        "00" * 8, -1, 0, 1, 0, "work", 1, start, took, took, critical, Outcome.OK, in_progress=in_progress
    )  # fmt: skip


def test_a_bar_begins_and_ends_where_its_span_does() -> None:
    """A bar begins and ends where its span does, with the critical part drawn heavier."""
    bar = Scale(1_000, 100, 10).bar(_span(1_020, 60, ((20, 40),)))
    assert bar == "  " + BUSY * 2 + CRITICAL * 2 + BUSY * 2


def test_a_span_too_short_for_a_line_is_a_tick() -> None:
    """A span that is too short for a line is a tick, at the very end too."""
    scale = Scale(0, 1_000, 10)
    assert scale.bar(_span(500, 1)) == " " * 5 + INSTANT
    assert scale.bar(_span(1_000, 0)) == " " * 9 + INSTANT


def test_a_span_in_progress_has_no_end() -> None:
    """A span in progress has a mark instead of an end."""
    assert Scale(0, 1_000, 10).bar(_span(200, 0, in_progress=True)) == "  " + GOING_ON


@given(st.integers(0, 2**62), st.integers(0, 2**40), st.integers(1, 200), st.data())
def test_no_bar_is_wider_than_the_scale(start: int, took: int, width: int, data: st.DataObject) -> None:
    """No bar is wider than the scale, whatever times its span says, nor is any empty."""
    begin = data.draw(st.integers(0, 2**62))
    length = data.draw(st.integers(0, 2**41))
    first = data.draw(st.integers(0, length))
    bar = Scale(start, took, width).bar(_span(begin, length, ((first, length),)))
    assert bar.strip()
    assert len(bar) <= width
