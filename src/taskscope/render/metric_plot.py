"""A metric over time in a terminal: what it is, the plot, and a legend."""

import sys
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Final

from rich.text import Text

from taskscope.clock import SECOND
from taskscope.model.metric_series import MetricAnswer
from taskscope.model.window import Window
from taskscope.render.figures import duration
from taskscope.render.metrics import LEGEND_COLUMNS, legend_cells
from taskscope.render.plot import Frame, Line, color, letter, plot
from taskscope.render.table import console, print_rows
from taskscope.render.text import escape

_ROWS: Final = (8, 20)
"""Of the plot, at least and at most."""
_OTHER: Final = 5
"""Lines beside the plot and the legend's rows."""
_NEAR: Final = 1.5
"""Values that are more steps apart are not connected."""
_LEGENDS: Final = ((0, 1, 2, 3, 4, 5), (0, 1, 4, 5), (0, 1, 5))
"""Columns of the legend: all, or what a narrow terminal has room for."""
_GAP: Final = 2
_LABELS: Final = 22
"""Characters for labels, at least."""


def print_answer(
    answer: MetricAnswer,
    window: Window,
    *,
    size: tuple[int, int],
    zone: tzinfo | None,
    colored: bool,
    terminal: bool,
    ascii_only: bool,
) -> None:
    """Print a metric over time into so many columns and lines; ``terminal``: whether stdout is one."""
    width, lines = size
    height = min(max(lines - len(answer.series) - _OTHER, _ROWS[0]), _ROWS[1])
    separator = "-" if ascii_only else "·"
    step = duration(answer.step_ns)
    title = f" {separator} ".join([escape(answer.name), answer.aggregate, f"each {step}", _where(answer, window)])
    frame = Frame(window.start_ns, window.end_ns, round(_NEAR * answer.step_ns), zone)
    drawn = [Line([(each.start_ns + answer.step_ns // 2, each.value) for each in one.points]) for one in answer.series]
    out = console(color=colored, width=width)
    out.print(Text(title, "bold"), soft_wrap=True)
    out.print(plot(drawn, frame, width=width, height=height, unit=answer.unit, ascii_only=ascii_only))
    title_row, *rows = _fitting([("", *LEGEND_COLUMNS), *_legend(answer)], width if terminal else sys.maxsize)
    print_rows([str(each) for each in title_row], rows, color=colored, terminal=terminal)


def _where(answer: MetricAnswer, window: Window) -> str:
    count = len(answer.series)
    long = duration((window.end_ns - window.start_ns) // SECOND * SECOND)
    return f"{count} series, {long}" if not answer.left_out else f"{count} of {count + answer.left_out} series, {long}"


def _fitting(rows: Sequence[Sequence[str | Text]], width: int) -> list[list[str | Text]]:
    """Leave out figures where else no room would be left for what a line is of: average and least first."""
    widths = [max(map(len, column)) + _GAP for column in zip(*rows, strict=True)]
    for kept in _LEGENDS:
        if sum(widths[each] for each in kept[:-1]) + min(widths[-1], _LABELS) <= width:
            break
    return [[row[each] for each in kept] for row in rows]


def _legend(answer: MetricAnswer) -> Iterator[list[str | Text]]:
    for place, each in enumerate(answer.series):
        yield [Text(letter(place), f"bold {color(place)}"), *legend_cells(each, answer.unit)]
