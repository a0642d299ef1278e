"""Tables for a terminal, by rich."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

from taskscope.model.timeline import TimelineEvent
from taskscope.render.text import escape
from taskscope.render.times import iso

_WIDE = 200
"""Columns where the output is no terminal: enough that no id is broken."""


_NARROW = 20
"""Columns that are left for a message, however narrow the terminal."""


class _Console(Console):
    """A console that leaves a broken pipe to the command; rich ends the program with 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(*, color: bool, width: int | None) -> Console:
    """Return a console on stdout; ``width`` None is that of the terminal."""
    return _Console(
        force_terminal=color, no_color=not color, width=width, highlight=False, soft_wrap=False, legacy_windows=False
    )


def print_rows(title: Sequence[str], rows: Iterable[Sequence[str | Text]], *, color: bool, terminal: bool) -> None:
    """Print a table with a head; off a terminal it is as wide as its content, up to a limit."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(title):
        # Only the last column is broken into lines, so that times, ids and names stay whole as long as they can.
        last = number == len(title) - 1
        table.add_column(name, no_wrap=not last, overflow="fold", min_width=_NARROW if last else None)
    for row in rows:
        table.add_row(*(each if isinstance(each, Text) else Text(each) for each in row))
    console(color=color, width=None if terminal else _WIDE).print(table)


def timeline_rows(events: Iterable[TimelineEvent], *, zone: tzinfo | None) -> Iterable[list[str | Text]]:
    """Yield time, source, a mark for the task's own service events and for inferred times, and message."""
    for event in events:
        mark = "~" if event.inferred else ("own" if event.own else "")
        yield [iso(event.time, zone), event.source, mark, Text(escape(event.message), overflow="fold")]
