"""Bars of time: where in a trace a span ran, in as many characters as there is room."""

from typing import Final

from taskscope.model.trace import SpanView

CRITICAL: Final = "\u2501"
"""A heavy line: on the critical path."""
BUSY: Final = "\u2500"
"""A light line: it ran, and nothing waited for it."""
INSTANT: Final = "\u2502"
"""Too short for a line."""
GOING_ON: Final = "\u2026"
"""Its end is not known."""


class Scale:
    """Turns times of a trace into columns."""

    def __init__(self, start_ns: int, duration_ns: int, width: int) -> None:
        """``width`` is in characters."""
        self._start_ns = start_ns
        self._duration_ns = max(1, duration_ns)
        self.width = width

    def column(self, time_ns: int) -> int:
        """Return the column of a moment, from 0 up to the width, both included."""
        share = (time_ns - self._start_ns) * self.width / self._duration_ns
        return min(max(round(share), 0), self.width)

    def bar(self, span: SpanView) -> str:
        """Draw a span."""
        begins, last = self.column(span.start_ns), self.column(span.start_ns + span.duration_ns)
        first = min(begins, self.width - 1)
        if span.in_progress:
            return " " * first + GOING_ON
        if last <= begins:
            return " " * first + INSTANT
        cells = [BUSY] * (last - first)
        for begin, end in span.critical:
            from_, to = self.column(span.start_ns + begin), self.column(span.start_ns + end)
            cells[from_ - first : to - first] = [CRITICAL] * max(0, min(to, last) - from_)
        return " " * first + "".join(cells)
