"""The newest traces of a window that a filter asks for."""

from collections.abc import Sequence
from typing import Final

from taskscope.model.trace import TracePage, TraceSummary
from taskscope.model.window import Window
from taskscope.query.search.cursor import Position
from taskscope.query.search.density import Slice, slices
from taskscope.query.search.lookup import MOST_CHECKED, Hit, Lookup

_MOST_HITS: Final = 512
"""Traces that are looked at by their ids for a slice, or twice as many as a page holds."""
_SPARE: Final = 4
"""Traces that are checked besides those that are missing."""


def newest(lookup: Lookup, window: Window, after: Position, limit: int) -> TracePage:
    """
    Return the traces after a position, the newest first.

    Slice after slice, rows that are evidence are found, and their traces summed up and checked, once there are as many
    as are missing. Where most of them do not match after all, the store checks all of a slice at once.
    """
    search = _Search(lookup, window, after, limit)
    upper = min(window.end_ns - 1, after.value)
    if upper < window.start_ns:
        return TracePage(())
    scanned = 0
    for number, each in enumerate(slices(lookup.reader, window.start_ns, upper, most=lookup.most_spans)):
        if number and lookup.is_over():
            search.check()
            break
        search.look(each, is_first=each.upper_ns == upper)
        scanned += each.spans
        if search.is_done():
            break
    return search.page(scanned)


class _Search:
    """What was found so far."""

    def __init__(self, lookup: Lookup, window: Window, after: Position, limit: int) -> None:
        self._lookup = lookup
        self._window = window
        self._after = after
        self._limit = limit
        self._hits: list[Hit] = []
        """Still to be checked, the latest first."""
        self._checked = 0
        self._seen: set[str] = set()
        self._found: dict[str, TraceSummary] = {}
        self._floor = window.end_ns
        """All traces that begin from here on have been found, or are among the hits."""
        self._by_evidence = bool(lookup.evidence)
        self._is_cut_short = False

    def look(self, part: Slice, *, is_first: bool) -> None:
        """Look at the next slice."""
        upper = part.upper_ns
        if self._by_evidence:
            most = max(_MOST_HITS, 2 * self._limit)
            hits = self._lookup.hits(part.lower_ns, upper, most, looks_ahead=is_first)
            self._hits += [each for each in hits if each.trace_id not in self._seen]
            self._seen.update(each.trace_id for each in hits)
            is_cut = len(hits) == most
            self._floor = hits[-1].first_ns + 1 if is_cut else part.lower_ns
            self.check(waits=not is_cut and part.lower_ns > self._window.start_ns)
            if not is_cut or self.is_done() or self._is_cut_short:
                return
            self._by_evidence, upper = False, min(upper, self._floor - 1)
        found, reached = self._lookup.matches(part.lower_ns, upper, self._after, self._missing())
        self._found.update((each.trace_id, each) for each in found)
        self._floor = reached.value + 1 if reached else part.lower_ns

    def check(self, *, waits: bool = False) -> None:
        """
        Check traces with evidence until there are enough.

        It may wait for more of them, until as many are there as are needed if the share that is asked for stays as it
        was: a check takes 60 to 200 ms, however few are checked. So each takes as many as all before it: traces may
        begin long before the row that they were found by. When time is up what is left is given up.
        """
        while self._hits and not self.is_done():
            needed = self._missing() * (self._checked + 1) // (len(self._found) + 1)
            if waits and len(self._hits) < min(needed, MOST_CHECKED):
                return
            checked = self._hits[: min(max(needed + _SPARE, self._checked), MOST_CHECKED)]
            for each in self._lookup.summaries(checked):
                if self._window.start_ns <= each.start_ns and self._lookup.position(each) < self._after:
                    self._found[each.trace_id] = each
            del self._hits[: len(checked)]
            self._checked += len(checked)
            if self._hits and not self.is_done() and self._lookup.is_over():
                self._floor = max(self._floor, self._hits[0].first_ns + 1)
                self._hits.clear()
                self._is_cut_short = True

    def is_done(self) -> bool:
        """Whether one more is found than a page holds."""
        return self._missing() <= 0

    def page(self, scanned: int) -> TracePage:
        """Return what was found."""
        found = self._decided()
        reached = 0 if self.is_done() or self._floor <= self._window.start_ns else self._floor
        after = Position(reached, "") if reached else None
        if self.is_done():
            after = self._lookup.position(found[self._limit - 1])
        return TracePage(tuple(found[: self._limit]), after.write("time") if after else "", scanned, reached)

    def _missing(self) -> int:
        return self._limit + 1 - len(self._decided())

    def _decided(self) -> Sequence[TraceSummary]:
        """Return, in order, what no trace that is still to be found can come before."""
        bound = Position(*self._hits[0]) if self._hits else Position(self._floor, "")
        found = [each for each in self._found.values() if self._lookup.position(each) > bound]
        return sorted(found, key=self._lookup.position, reverse=True)
