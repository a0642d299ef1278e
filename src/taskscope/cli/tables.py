"""Rows on stdout: a table where a terminal is wide enough, else tabs between values."""

import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

from taskscope.render.records import FORMS, cell

_GAP: Final = 2
"""Columns between those of a table."""


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows as a table where a terminal is wide enough that nothing is cut off; else with tabs between values."""
    cells = [[cell(each) for each in row] for row in (columns, *rows)]
    width = sum(max(map(len, column)) + _GAP for column in zip(*cells, strict=True))
    if sys.stdout.isatty() and width <= shutil.get_terminal_size().columns:
        from taskscope.render.table import print_rows as print_table  # noqa: PLC0415 (rich takes 36 ms to load)

        print_table(cells[0], cells[1:], color=False, terminal=True)
    else:
        print_lines(FORMS["text"](columns, rows))


def print_lines(lines: Iterable[str]) -> None:
    """Write in one piece; bytes that are no text are written as escapes."""
    text = "".join(f"{each}\n" for each in lines)
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()
