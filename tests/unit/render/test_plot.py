"""Plots in a terminal."""

import math
from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from taskscope.clock import SECOND
from taskscope.render.plot import Frame, Line, color, letter, plot

_NOON = 1_790_078_400 * SECOND
_MINUTE = 60 * SECOND
_HOUR = Frame(_NOON, _NOON + 60 * _MINUTE, 90 * SECOND, UTC)


def _line(*values: float) -> Line:
    return Line([(_NOON + number * _MINUTE, value) for number, value in enumerate(values)])


def _rows(drawn: Text) -> list[str]:
    return drawn.plain.split("\n")


def test_a_rising_line() -> None:
    """From the corner at the bottom to the one at the top, with units and times at the axes."""
    drawn = plot([_line(*range(61))], _HOUR, width=40, height=8, unit="By/s")

    assert _rows(drawn) == [
        "64 B/s ┤                             ⣀⡠⠔",
        "       │                       ⣀⠤⠔⠒⠊⠉",
        "       │                 ⢀⡠⠤⠒⠊⠉",
        "       │           ⣀A⠤⠒⠊⠉⠁",
        "       │     ⣀⣀⠤⠔⠒⠉",
        " 0 B/s ┤⣀⠤⠔⠊⠉",
        "       └────────────────────────────────",
        "        12:00         12:30",
    ]


def test_gaps_stay_open() -> None:
    """Two points that are half an hour apart are not connected, nor over what is no number."""
    apart = Line([(_NOON, 1.0), (_NOON + 60 * _MINUTE, 1.0)])
    broken = _line(1.0, math.nan, 1.0)
    for line in (apart, broken):
        drawn = plot([line], _HOUR, width=60, height=8, unit="1").plain
        assert sum(0x2800 < ord(each) < 0x2900 for each in drawn) == 2


def test_a_line_whose_points_are_far_apart_is_joined_all_the_same() -> None:
    """By what is usual for it: sent each ten minutes it is no row of dots, and one that pauses has a gap."""
    times = [*range(0, 31, 10), *range(50, 61, 10)]
    sent = plot([Line([(_NOON + each * _MINUTE, 1.0) for each in times])], _HOUR, width=60, height=8, unit="1").plain
    stopped = plot(
        [Line([(_NOON + each * _MINUTE, 1.0) for each in (0, 5, 10, 15, 50, 55, 60)])], _HOUR, width=60, height=8,
        unit="1",
    ).plain  # fmt: skip

    assert " " not in sent.split("\n")[0].partition("┤")[2]
    assert " " * 20 in stopped.split("\n")[0].partition("┤")[2]


def test_a_steep_line_has_one_letter_in_a_column() -> None:
    """Not one upon the other."""
    drawn = plot([_line(*([0.0, 100.0] * 30))], _HOUR, width=30, height=20, unit="1").plain

    assert 0 < drawn.count("A") <= 2


def test_lines_differ_by_letter_as_well_as_colour() -> None:
    """Each has its own, here and there."""
    lines = [_line(*[float(number)] * 61) for number in range(1, 4)]
    drawn = plot(lines, _HOUR, width=80, height=20, unit="1")

    assert {each for each in drawn.plain if each.isupper()} == {"A", "B", "C"}
    styles = {str(each.style) for each in drawn.spans}
    assert {color(0), color(1), color(2)} <= styles
    assert len({letter(number) for number in range(52)}) == 52


def test_ascii_alone() -> None:
    """Where the output has nothing else."""
    drawn = plot([_line(1, 2, 3), _line(3, 2, 1)], _HOUR, width=60, height=10, unit="ms", ascii_only=True)

    assert drawn.plain.isascii()
    assert {"A", "B", "|", "+", "-"} <= set(drawn.plain)


def test_nothing_is_an_empty_frame() -> None:
    """No line, or one without points."""
    for lines in ([], [Line(())]):
        assert _rows(plot(lines, _HOUR, width=30, height=6, unit=""))[0].strip() == "1 ┤"


@given(
    st.lists(
        st.lists(st.tuples(st.integers(-100, 4000), st.floats(-1e300, 1e300) | st.just(math.nan)), max_size=20),
        max_size=4,
    ),
    st.integers(20, 120),
    st.integers(4, 30),
    st.booleans(),
)
def test_it_fits(lines: list[list[tuple[int, float]]], width: int, height: int, ascii_only: bool) -> None:  # noqa: FBT001 (drawn)
    """Whatever is drawn, no row is wider than asked for, and there are as many as asked for."""
    told = [Line(sorted((_NOON + second * SECOND, value) for second, value in points)) for points in lines]

    rows = _rows(plot(told, _HOUR, width=width, height=height, unit="By", ascii_only=ascii_only))

    assert len(rows) == height
    assert max(map(len, rows)) <= max(width, 30)
