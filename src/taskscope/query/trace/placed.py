"""A trace in arrays: what ``link``, ``clock_shifts`` and ``assemble`` say of spans, of columns of numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from taskscope.model.service_map import NodeKey
from taskscope.model.span import SpanKind
from taskscope.model.trace import Outcome
from taskscope.query.rules.node import service_node
from taskscope.query.rules.outcome import OUTCOMES
from taskscope.query.trace.lean import Facts, LeanSpans
from taskscope.query.trace.skew import machine_of
from taskscope.query.trace.tree import NO_PARENT, parents_first

_Places = NDArray[np.int64]
_Marks = NDArray[np.bool_]
_MOST_LEVELS: Final = 500
"""A level takes some microseconds; one by one, 50,000 spans take 25 ms more."""
_FAULT: Final = OUTCOMES.index(Outcome.FAULT)


@dataclass(frozen=True, slots=True)
class Placed:
    """Spans after their parents, or rows in pre-order; a position stands for a span in all arrays."""

    facts: Facts
    parents: _Places
    """``NO_PARENT`` for a root."""
    senders: _Places
    """Whose resource each has: of a subsegment its segment's."""
    nodes: _Places
    """Of the distinct nodes of the senders."""
    shifts: _Places

    @property
    def entries(self) -> _Marks:
        """Whether each enters its node."""
        found: _Marks = self.facts.entry | ((self.parents != NO_PARENT) & (self.nodes[self.parents] != self.nodes))
        return found

    @property
    def orphans(self) -> _Marks:
        """Whether each names a parent that is not there."""
        found: _Marks = (self.parents == NO_PARENT) & (self.facts.parents != 0)
        return found

    @property
    def waits(self) -> _Marks:
        """Whether each is a call that had its answer when it ended; see ``skew.waits``."""
        facts = self.facts
        is_call = (facts.kinds == SpanKind.CLIENT) & ~facts.aws_calls
        found: _Marks = is_call & ~facts.in_progress & (facts.outcomes != _FAULT)
        return found

    def take(self, order: _Places) -> "Placed":
        """Return these spans in this order, which has parents before their children."""
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        above = self.parents[order]
        parents = np.where(above == NO_PARENT, NO_PARENT, place[above])
        shifts = self.shifts[order]
        return Placed(self.facts.take(order), parents, self.senders[order], self.nodes[order], shifts)


def place_spans(spans: LeanSpans) -> tuple[Placed, Sequence[NodeKey]]:
    """Put spans together, each after its parent; return the distinct nodes besides."""
    facts = _unique(spans.facts)
    above = _above(facts)
    order = _parents_first(above)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    parents = np.where(above[order] == NO_PARENT, NO_PARENT, place[above[order]])
    parents[parents >= np.arange(len(order))] = NO_PARENT  # where a circle was opened
    facts = facts.take(order)
    senders = facts.senders[_owners(parents, facts.inside)]
    known: dict[NodeKey, int] = {}
    of_sender = np.array([known.setdefault(service_node(each), len(known)) for each in spans.resources], np.int64)
    placed = Placed(facts, parents, senders, of_sender[senders], np.zeros(len(order), np.int64))
    clocks: dict[tuple[int, str], int] = {}
    pairs = zip(of_sender.tolist(), map(machine_of, spans.resources), strict=True)
    clock = np.array([clocks.setdefault(each, len(clocks)) for each in pairs], np.int64)[senders]
    placed.shifts[:] = _shifts(placed, clock, len(clocks))[clock]
    return placed, list(known)


def _unique(facts: Facts) -> Facts:
    """Order spans by start and id; of those with the same id keep the one that ``link`` does."""
    if len(np.unique(facts.ids)) < len(facts.ids):
        found = np.lexsort((facts.starts, -facts.ends, facts.in_progress, facts.ids))
        ids = facts.ids[found]
        facts = facts.take(found[np.concatenate([[True], ids[1:] != ids[:-1]])])
    return facts.take(np.lexsort((facts.ids, facts.starts)))


def _above(facts: Facts) -> _Places:
    """Return the place of each one's parent."""
    by_id = np.argsort(facts.ids)
    ids = facts.ids[by_id]
    found = np.minimum(np.searchsorted(ids, facts.parents), len(ids) - 1)
    is_there = (ids[found] == facts.parents) & (facts.parents != 0) & (facts.parents != facts.ids)
    return np.where(is_there, by_id[found], NO_PARENT)


def _parents_first(above: _Places) -> _Places:
    """Order places as ``parents_first`` does: level by level, as long as there are few and none is a circle."""
    by_parent = np.argsort(above, kind="stable")
    first = np.searchsorted(above[by_parent], np.arange(-1, len(above) + 1))
    levels = [by_parent[: first[1]]]
    while len(levels[-1]) and len(levels) < _MOST_LEVELS:
        begins = first[levels[-1] + 1]
        counts = first[levels[-1] + 2] - begins
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        levels.append(by_parent[np.repeat(begins, counts) + offsets])
    order = np.concatenate(levels)
    return order if len(order) == len(above) else np.array(parents_first(above.tolist()), np.int64)


def _owners(parents: _Places, inside: _Marks) -> _Places:
    """Return the nearest span upwards that is no subsegment, by steps that double."""
    owner = np.where(inside & (parents != NO_PARENT), parents, np.arange(len(parents)))
    while not np.array_equal(further := owner[owner], owner):
        owner = further
    return owner


def _shifts(placed: Placed, clock: _Places, clocks: int) -> _Places:
    """Return what to add to the times of each clock: see ``clock_shifts``, whose order this keeps."""
    shifts, is_known = np.zeros(clocks, np.int64), np.zeros(clocks, np.bool_)
    waits = placed.waits
    for each, callees in _calls(placed.parents, clock):
        callers = placed.parents[callees]
        known = is_known[clock[callers]]
        shifts[each] = _shift(placed.facts, waits, callers[known], callees[known], shifts[clock[callers[known]]])
        is_known[each] = True
    return shifts


def _calls(parents: _Places, clock: _Places) -> Iterator[tuple[int, _Places]]:
    """Yield each clock in the order of first appearance, and the spans whose parents are by another one's time."""
    crossing = np.flatnonzero((parents != NO_PARENT) & (clock[parents] != clock))
    by_clock = crossing[np.argsort(clock[crossing], kind="stable")]
    present, first = np.unique(clock, return_index=True)
    for each in present[np.argsort(first)].tolist():
        begin, end = np.searchsorted(clock[by_clock], [each, each + 1])
        yield each, by_clock[begin:end]


def _shift(facts: Facts, waits: _Marks, callers: _Places, callees: _Places, shifts: NDArray[np.int64]) -> int:
    starts, ends = facts.starts[callers] + shifts, facts.ends[callers] + shifts
    begins, stops = facts.starts[callees], facts.ends[callees]
    is_late = waits[callers] & (begins > ends)
    consumer = facts.kinds[callees] == SpanKind.CONSUMER
    possible = np.where(consumer, facts.in_progress[callees] | (stops >= starts), (begins >= starts) & ~is_late)
    if possible.all():
        return 0
    least = int((starts - begins).max())
    fits = ~facts.in_progress[callers] & (stops - begins <= ends - starts)
    most = int((ends - stops)[fits].min()) if fits.any() else least
    return (least + most) // 2 if most > least else least
