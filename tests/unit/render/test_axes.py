"""Axes of plots."""

from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.clock import SECOND
from taskscope.render.axes import time_marks, value_scale

_NOON = 1_790_078_400
"""2026-09-22T12:00:00Z."""


@pytest.mark.parametrize(
    ("low", "high", "most", "marks"),
    [
        (0, 10, 6, [0, 2, 4, 6, 8, 10]),
        (3, 10, 5, [0, 2.5, 5, 7.5, 10]),  # from zero
        (95, 100, 6, [95, 96, 97, 98, 99, 100]),  # not from zero: all would be one line
        (-4, 9, 4, [-5, 0, 5, 10]),
        (-9, -1, 3, [-10, -5, 0]),
        (0, 0, 3, [0, 0.5, 1]),
        (7, 7, 3, [0, 5, 10]),
    ],
)
def test_marks_are_round(low: float, high: float, most: int, marks: list[float]) -> None:
    """And hold all values between them."""
    assert list(value_scale(low, high, most).marks) == marks


def test_marks_of_bytes_are_round_in_their_units() -> None:
    """One and a half MiB."""
    assert list(value_scale(0, 1.4 * 2**20, 4, 1024).marks) == [0, 0.5 * 2**20, 2**20, 1.5 * 2**20]


@given(st.floats(-1e12, 1e12), st.floats(0, 1e12), st.integers(2, 12), st.sampled_from([1000, 1024]))
def test_all_values_are_on_the_scale(low: float, wide: float, most: int, base: int) -> None:
    """Whatever they are, and with not many more marks than asked for."""
    scale = value_scale(low, low + wide, most, base)

    slack = max(scale.high - scale.low, abs(low)) * 1e-6
    assert scale.low <= low + slack
    assert scale.high >= low + wide - slack
    assert 2 <= len(scale.marks) <= most + 2


def test_times_are_round_in_the_zone() -> None:
    """Six hours in Kolkata, where hours begin at half past."""
    kolkata = timezone(timedelta(hours=5, minutes=30))
    marks = time_marks(_NOON * SECOND, (_NOON + 6 * 3600) * SECOND, 6, kolkata)

    assert [text for _, text in marks] == ["18:00", "19:00", "20:00", "21:00", "22:00", "23:00"]
    assert marks[0][0] == (_NOON + 1800) * SECOND


@pytest.mark.parametrize(
    ("seconds", "first"),
    [(60, "12:00:00"), (3600, "12:00"), (2 * 86_400, "09-22 12:00"), (90 * 86_400, "09-24")],
)
def test_times_are_written_as_closely_as_needed(seconds: int, first: str) -> None:
    """Seconds within minutes, days within months."""
    marks = time_marks(_NOON * SECOND, (_NOON + seconds) * SECOND, 7, UTC)

    assert marks[0][1] == first
    assert 1 < len(marks) <= 8
