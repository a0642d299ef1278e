"""
The critical path: at each moment of the root's time, the span that it was waiting for.

Walked from the root's end backwards: at a moment within a span, the child that had ended last before it is what the
span was waiting for, until that child began; what is between children is the span's own. A child that goes on after its
parent has ended was not waited for, so neither it nor what is below it is on the path; unless it answers a call that
did wait, or goes on for a moment only (clocks and rounding: X-Ray's SDK for Node.js writes milliseconds).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from taskscope.query.trace.intervals import Interval
from taskscope.query.trace.skew import waits
from taskscope.query.trace.tree import Tree

_MOMENT_NS: Final = 1_000_000


class _Visit(NamedTuple):
    """A span to walk through, and when it is being waited for."""

    position: int
    window: Interval


def critical_path(
    tree: Tree, times: Sequence[Interval], below: Sequence[Sequence[int]], root: int
) -> dict[int, list[Interval]]:
    """
    Return the stretches of each span on the path, by position and in order of time.

    Together they cover the root's time, and no two of them overlap. ``times`` are those shown, ``below`` has the
    children of each.
    """
    path: dict[int, list[Interval]] = {}
    pending = [_Visit(root, times[root])]
    while pending:
        position, window = pending.pop()
        reached = window.end
        own: list[Interval] = []
        for child, end in _by_end(tree, times, below[position], position, window):
            start = max(times[child].start, window.start)
            if end > reached or start >= end:
                continue
            if end < reached:
                own.append(Interval(end, reached))
            pending.append(_Visit(child, Interval(start, end)))
            reached = start
        if reached > window.start:
            own.append(Interval(window.start, reached))
        if own:
            path[position] = own[::-1]
    return path


def _by_end(
    tree: Tree, times: Sequence[Interval], children: Sequence[int], parent: int, window: Interval
) -> list[tuple[int, int]]:
    """Return the children that may have been waited for, with their ends, the last one first."""
    limit = times[parent].end + _MOMENT_NS
    clips = waits(tree.spans[parent])
    ends = ((child, times[child].end) for child in children)
    found = [(child, min(end, window.end)) for child, end in ends if clips or end <= limit]
    return sorted(found, key=lambda each: (-each[1], times[each[0]].start))
