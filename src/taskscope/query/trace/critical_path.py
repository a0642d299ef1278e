"""
The critical path: at each moment of the root's time, the span that it was waiting for.

Walked from the root's end backwards: at a moment within a span, the child that had ended last before it is what the
span was waiting for, until that child began; what is between children is the span's own. A child that goes on after its
parent has ended was not waited for, so neither it nor what is below it is on the path; unless it answers a call that
did wait, or goes on for a moment only (clocks and rounding: X-Ray's SDK for Node.js writes milliseconds).
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from taskscope.query.trace.intervals import Interval, Times

Path = dict[int, list[Interval]]
_MOMENT_NS: Final = 1_000_000


class _Visit(NamedTuple):
    """A span to walk through, and when it is being waited for."""

    position: int
    window: Interval


def critical_path(times: Times, below: Callable[[int], Sequence[int]], waiting: Sequence[bool], root: int) -> Path:
    """
    Return the stretches of each span on the path, by position and in order of time.

    Together they cover the root's time, and no two of them overlap. ``times`` are those shown, ``below`` gives the
    children of one, ``waiting`` is ``skew.waits`` of each.
    """
    path: Path = {}
    pending = [_Visit(root, Interval(times.starts[root], times.ends[root]))]
    while pending:
        position, window = pending.pop()
        children = below(position)
        reached = window.end
        own: list[Interval] = []
        limit = None if waiting[position] else times.ends[position] + _MOMENT_NS
        for child, end in _by_end(times, children, window, limit):
            start = max(times.starts[child], window.start)
            if end > reached or start >= end:
                continue
            if end < reached:
                own.append(Interval(end, reached))
            if below(child):
                pending.append(_Visit(child, Interval(start, end)))
            else:  # as most are
                path[child] = [Interval(start, end)]
            reached = start
        if reached > window.start:
            own.append(Interval(window.start, reached))
        if own:
            path[position] = own[::-1]
    return path


def _by_end(times: Times, children: Sequence[int], window: Interval, limit: int | None) -> list[tuple[int, int]]:
    """Return the children that may have been waited for, with their ends, the last one first."""
    starts = times.starts
    ends = ((child, times.ends[child]) for child in children)
    found = [(child, min(end, window.end)) for child, end in ends if limit is None or end <= limit]
    return sorted(found, key=lambda each: (-each[1], starts[each[0]]))
