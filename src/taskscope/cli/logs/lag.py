"""How far behind following is, on stderr: a line that is renewed on a terminal, else a word when it grows."""

import shutil
import sys
from typing import Final

import click

from taskscope.clock import SECOND, Clock, system_clock
from taskscope.model.log_reading import LogBatch

_MUCH: Final = 60 * SECOND
"""Lag that is told also where stderr is no terminal."""
_CLEAR: Final = "\r\x1b[K"


class Lag:
    """Says how new lines are heard of, how long after their time they came, and how many came late."""

    def __init__(self, *, clock: Clock = system_clock) -> None:
        self._clock = clock
        self._terminal = sys.stderr.isatty()
        self._newest = 0
        self._lag: int | None = None
        self._late = 0
        self._told = False

    def clear(self) -> None:
        """Take the line off the terminal, before something is printed."""
        if self._terminal:
            click.echo(_CLEAR, err=True, nl=False)

    def show(self, batch: LogBatch) -> None:
        """Take a batch into account and say where following stands."""
        if batch.entries:
            newest = batch.entries[-1].time_ns
            if not batch.is_backlog:
                self._late += sum(each.time_ns < self._newest for each in batch.entries)
                self._lag = max(0, self._clock() - newest)
            self._newest = max(self._newest, newest)
        if self._terminal:
            width = shutil.get_terminal_size().columns - 1  # a line that wraps could not be cleared
            click.echo(f"{_CLEAR}{self.text(batch.how)[:width]}", err=True, nl=False)
        elif self._lag is not None and (self._lag > _MUCH) != self._told:
            self._told = self._lag > _MUCH
            what = f"lines come {self._lag // SECOND} s after their time" if self._told else "lines come in time again"
            click.echo(f"taskscope: {what}", err=True)

    def text(self, how: str) -> str:
        """Return the line."""
        parts = [f"following by {how}"]
        if self._newest:
            parts.append(f"newest line {max(0, self._clock() - self._newest) // SECOND} s old")
        if self._lag is not None:
            parts.append(f"lag {self._lag / SECOND:.1f} s")
        if self._late:
            parts.append(f"{self._late} came late")
        return " · ".join(parts)
