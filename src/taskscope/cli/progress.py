"""Progress on stderr, only on a terminal and only for work that takes a while."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_PATIENCE: Final = 0.7
"""Seconds without a word: most timelines are there by then, and rich takes 36 ms to load."""


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """Give a callable that counts pages of lines, from any thread; the count is shown while the work goes on."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    total, done = [0, 0], threading.Event()

    def add(count: int) -> None:
        total[0] += count
        total[1] += 1

    watcher = threading.Thread(target=_show, args=(what, total, done), daemon=True)
    watcher.start()
    try:
        yield add
    finally:
        done.set()
        watcher.join()


def _show(what: str, total: list[int], done: threading.Event) -> None:
    if done.wait(_PATIENCE):
        return
    from rich.console import Console  # noqa: PLC0415 (see _PATIENCE)

    with Console(stderr=True).status(f"reading {what}") as status:
        while not done.wait(0.1):
            status.update(f"reading {what}: {total[0]:,} lines, {total[1]} pages")
