"""A metric over time in a terminal: what it is, the plot, and a legend."""

from collections.abc import Iterator
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
    print_rows(("", *LEGEND_COLUMNS), _legend(answer), color=colored, terminal=terminal)


def _where(answer: MetricAnswer, window: Window) -> str:
    count = len(answer.series)
    long = duration((window.end_ns - window.start_ns) // SECOND * SECOND)
    return f"{count} series, {long}" if not answer.left_out else f"{count} of {count + answer.left_out} series, {long}"


def _legend(answer: MetricAnswer) -> Iterator[list[str | Text]]:
    for place, each in enumerate(answer.series):
        yield [Text(letter(place), f"bold {color(place)}"), *legend_cells(each, answer.unit)]
