"""A bar of progress on stderr, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Show: TypeAlias = Callable[[float, str], None]
"""Shows how far the work is, from 0 to 1, and what came of it so far."""


@contextmanager
def progress_bar(what: str) -> Iterator[Show]:
    """Give what shows progress until the block ends; nothing is left of it then."""
    if not sys.stderr.isatty():
        yield lambda _fraction, _text: None
        return
    from rich.console import Console  # noqa: PLC0415 (36 ms, for terminals only)
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[so_far]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(what, total=1.0, so_far="")
        yield lambda fraction, text: progress.update(bar, completed=min(fraction, 1.0), so_far=text)
