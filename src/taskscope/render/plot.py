"""
Line plots in a terminal: Braille dots, or characters of ASCII where the output cannot show them.

Each line has a colour and a letter that stands on it here and there, so that colour is not all that tells lines apart.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from itertools import pairwise
from typing import Final, NamedTuple

from rich.text import Text

from taskscope.render.axes import Scale, time_marks, value_scale
from taskscope.render.quantities import base_of, quantity

COLORS: Final = ("cyan", "yellow", "magenta", "green", "blue", "red", "bright_cyan", "bright_yellow")
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BRAILLE: Final = 0x2800
_DOTS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Bits of a Braille character's dots, by column and row (Unicode 15, 21.1)."""
_ACROSS: Final = 2
_DOWN: Final = 4
_BETWEEN: Final = 14
"""Columns between marks of the time."""
_ROWS: Final = 4
"""Rows between marks of the values."""
_MARK_EVERY: Final = 24
_LEAST: Final = 10
_USUAL: Final = 2.5
"""Points are connected over so many of their line's usual distances: one may be missing in between."""
_FEWEST: Final = 3
"""Distances that tell what is usual."""


class Line(NamedTuple):
    """Values over time, in order of it."""

    points: Sequence[tuple[int, float]]
    """Moments in nanoseconds since the epoch, and values."""


class Frame(NamedTuple):
    """What a plot shows of time."""

    start_ns: int
    end_ns: int
    gap_ns: int
    """Points that are further apart are not connected, unless that is usual for their line."""
    zone: tzinfo | None = None
    """None is the local one."""


def letter(place: int) -> str:
    """Return the letter of a line."""
    return LETTERS[place % len(LETTERS)]


def color(place: int) -> str:
    """Return the colour of a line, by rich's name."""
    return COLORS[place % len(COLORS)]


def plot(lines: Sequence[Line], frame: Frame, *, width: int, height: int, unit: str, ascii_only: bool = False) -> Text:
    """
    Draw lines into so many columns and rows, axes included; its colours are rich's, whose console may leave them out.

    Values that are no numbers are gaps. Later lines are drawn first, so that the first ones lie above them.
    """
    values = [value for line in lines for _, value in line.points if math.isfinite(value)]
    rows = max(2, height - 2)
    scale = value_scale(min(values, default=0.0), max(values, default=1.0), rows // _ROWS + 1, base_of(unit))
    told = [quantity(each, unit) for each in scale.marks]
    margin = max(map(len, told)) + 2
    field = _Field(max(_LEAST, width - margin), rows, frame, scale, ascii_only=ascii_only)
    for place in reversed(range(len(lines))):
        field.draw(lines[place], place)
    labels = {field.row(mark): text for mark, text in zip(scale.marks, told, strict=True)}
    drawn = Text(no_wrap=True)
    axis, tick, corner, dash = ("|", "+", "+", "-") if ascii_only else ("│", "┤", "└", "─")
    for row in range(rows):
        drawn.append(labels.get(row, "").rjust(margin - 2) + " ", "dim")
        drawn.append(tick if row in labels else axis, "dim")
        drawn.append_text(field.text(row))
        drawn.append("\n")
    drawn.append(" " * (margin - 1) + corner + dash * field.width + "\n", "dim")
    drawn.append(" " * margin + field.times(), "dim")
    return drawn


class _Field:
    """The inside of a plot."""

    def __init__(self, width: int, rows: int, frame: Frame, scale: Scale, *, ascii_only: bool) -> None:
        self.width = width
        self._rows = rows
        self._frame = frame
        self._scale = scale
        self._ascii = ascii_only
        self._across, self._down = (1, 1) if ascii_only else (_ACROSS, _DOWN)
        self._dots = [[0] * width for _ in range(rows)]
        self._owner = [[-1] * width for _ in range(rows)]
        self._letters: dict[tuple[int, int], int] = {}
        """The row of the letter of a line in a column."""

    def row(self, value: float) -> int:
        """Return the row of a value, from the top."""
        return self._dot_row(value) // self._down

    def _dot_row(self, value: float) -> int:
        share = (value - self._scale.low) / (self._scale.high - self._scale.low)
        last = self._rows * self._down - 1
        return min(max(round((1 - share) * last), 0), last)

    def _dot_column(self, time_ns: int) -> int:
        share = (time_ns - self._frame.start_ns) / max(1, self._frame.end_ns - self._frame.start_ns)
        last = self.width * self._across - 1
        return min(max(round(share * last), 0), last)

    def draw(self, line: Line, place: int) -> None:
        """Draw a line over those that are there."""
        before: tuple[int, int, int] | None = None
        gap_ns = max(self._frame.gap_ns, _USUAL * _usual_distance(line))
        for time_ns, value in line.points:
            if not math.isfinite(value):
                before = None
                continue
            here = (self._dot_column(time_ns), self._dot_row(value))
            near = before is not None and time_ns - before[2] <= gap_ns
            for column, row in _between(before[:2] if before and near else here, here):
                self._set(column, row, place)
            before = (*here, time_ns)

    def _set(self, column: int, row: int, place: int) -> None:
        x, y = column // self._across, row // self._down
        self._dots[y][x] |= 1 if self._ascii else _DOTS[column % _ACROSS][row % _DOWN]
        self._owner[y][x] = place
        if (x + place * 7) % _MARK_EVERY == _MARK_EVERY // 2:
            self._letters.setdefault((x, place), y)

    def text(self, row: int) -> Text:
        """Return a row."""
        drawn = Text()
        for column, (dots, owner) in enumerate(zip(self._dots[row], self._owner[row], strict=True)):
            if not dots:
                drawn.append(" ")
                continue
            named = self._letters.get((column, owner)) == row
            sign = letter(owner) if named or self._ascii else chr(_BRAILLE + dots)
            drawn.append(sign, f"bold {color(owner)}" if named else color(owner))
        drawn.rstrip()
        return drawn

    def times(self) -> str:
        """Return what is written below: moments where they are, as far as there is room."""
        written = ""
        frame = self._frame
        for moment, text in time_marks(frame.start_ns, frame.end_ns, max(1, self.width // _BETWEEN), frame.zone):
            at = max(0, self._dot_column(moment) // self._across - len(text) // 2)
            if at + len(text) <= self.width and (not written or at > len(written)):
                written = written.ljust(at) + text
        return written


def _usual_distance(line: Line) -> int:
    """Return how far apart the points of a line are, in the middle; 0 where there are too few to tell."""
    times = [time_ns for time_ns, _ in line.points]
    distances = sorted(after - before for before, after in pairwise(times))
    return distances[len(distances) // 2] if len(distances) >= _FEWEST else 0


def _between(begin: tuple[int, int], end: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the dots from one to another, both included."""
    steps = max(abs(end[0] - begin[0]), abs(end[1] - begin[1]), 1)
    for step in range(steps + 1):
        yield (
            round(begin[0] + (end[0] - begin[0]) * step / steps),
            round(begin[1] + (end[1] - begin[1]) * step / steps),
        )
