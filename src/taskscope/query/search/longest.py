"""The longest traces of a window that a filter asks for."""

from taskscope.model.trace import TracePage, TraceSummary
from taskscope.model.window import Window
from taskscope.query.search.cursor import Position
from taskscope.query.search.density import slices
from taskscope.query.search.lookup import Lookup


def longest(lookup: Lookup, window: Window, after: Position, limit: int) -> TracePage:
    """
    Return the traces after a position, the longest first: of all of the window, or of what time allowed.

    All slices are looked at, each for 0.1 s besides its spans: they are there for the deadline.
    """
    found: list[TraceSummary] = []
    scanned = reached = 0
    most = lookup.most_spans
    parts = slices(lookup.reader, window.start_ns, window.end_ns - 1, spans=most, most=most)
    for number, each in enumerate(parts):
        if number and lookup.is_over():
            reached = each.upper_ns + 1
            break
        more, cut_at = lookup.matches(each.lower_ns, each.upper_ns, after, limit + 1)
        found = sorted([*found, *more], key=lookup.position, reverse=True)[: limit + 1]
        scanned += each.spans
        if cut_at:
            reached = each.upper_ns + 1
            break
    cursor = lookup.position(found[limit - 1]).write("duration") if len(found) > limit else ""
    return TracePage(tuple(found[:limit]), cursor, scanned, reached)
