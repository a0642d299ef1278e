"""Rows and the summary of a trace, of columns: what ``view_trace`` makes of spans."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taskscope.model.service_map import NodeKey, NodeKind
from taskscope.model.span import Span
from taskscope.model.trace import Section, TraceSummary
from taskscope.query.rules.attributes import annotations_of
from taskscope.query.rules.http import http_exchange
from taskscope.query.rules.outcome import OUTCOMES
from taskscope.query.trace.critical_path import critical_path
from taskscope.query.trace.intervals import Times
from taskscope.query.trace.lean import LeanSpans
from taskscope.query.trace.placed import Placed
from taskscope.query.trace.skeleton import Rows
from taskscope.query.trace.summary import annotations_by_node, of_resources, users_by_node
from taskscope.query.trace.tree import NO_PARENT
from taskscope.query.trace.waterfall import depths_of, ends_of


def pre_ordered(placed: Placed) -> Placed:
    """Order each span before those below it, siblings by their corrected starts, then by id."""
    latest_first = np.lexsort((placed.facts.ids, placed.facts.starts + placed.shifts))[::-1]
    by_parent = latest_first[np.argsort(placed.parents[latest_first], kind="stable")]
    first = np.searchsorted(placed.parents[by_parent], np.arange(len(by_parent) + 1)).tolist()
    children = by_parent.tolist()
    pending: list[int] = children[: first[0]]
    order = []
    while pending:
        place = pending.pop()
        order.append(place)
        pending += children[first[place] : first[place + 1]]
    return placed.take(np.array(order, np.int64))


def root_place(placed: Placed) -> int:
    """Return the row that ``root_of`` chooses."""
    facts = placed.facts
    ranks = np.where(facts.entry, np.where(facts.parents == 0, 0, 1), 2)
    meant = np.flatnonzero(ranks == ranks.min())
    earliest = meant[facts.starts[meant] == facts.starts[meant].min()]
    return int(earliest[np.argmin(facts.ids[earliest])])


def rows_of(placed: Placed, spans: LeanSpans, nodes: Sequence[NodeKey]) -> tuple[Rows, list[Section]]:
    """Return the rows of spans in pre-order, and their sections, inferred ones last."""
    facts = placed.facts
    starts, ends = facts.starts + placed.shifts, facts.ends + placed.shifts
    parents = placed.parents.tolist()
    times = Times(starts.tolist(), ends.tolist())
    path = critical_path(times, _below(placed), placed.waits.tolist(), root_place(placed))
    places, sections = _sections(placed, nodes)
    rows = Rows(
        starts=times.starts,
        durations=(ends - starts).tolist(),
        parents=parents,
        depths=depths_of(parents),
        sections=places.tolist(),
        names=_picked(spans.names, facts.names),
        outcomes=_picked(OUTCOMES, facts.outcomes),
        ends=ends_of(parents),
        ids=_hex(facts.ids),
        kinds=facts.kinds.tolist(),
        own=_own(times, parents),
        in_progress=facts.in_progress.tolist(),
        orphans=placed.orphans.tolist(),
        exceptions=facts.exceptions.tolist(),
        critical=[
            [row, start - times.starts[row], end - times.starts[row]]
            for row in sorted(path)
            for start, end in path[row]
        ],
    )
    return rows, [*sections, *_inferred(placed, spans)]


def _below(placed: Placed) -> Callable[[int], Sequence[int]]:
    """Return what gives the children of a row in order: 50,000 lists would take the garbage collector 0.1 s."""
    by_parent = np.argsort(placed.parents, kind="stable")
    first = np.searchsorted(placed.parents[by_parent], np.arange(len(by_parent) + 1)).tolist()
    children = by_parent.tolist()
    return lambda row: children[first[row] : first[row + 1]]


def _own(times: Times, parents: Sequence[int]) -> list[int]:
    """Return the time in which no child ran; children come in the order of their starts."""
    own = [end - start for start, end in zip(*times, strict=True)]
    reached = list(times.starts)
    for start, end, parent in zip(*times, parents, strict=True):
        if parent != NO_PARENT:
            begin, stop = max(start, reached[parent]), min(end, times.ends[parent])
            if stop > begin:
                own[parent] -= stop - begin
                reached[parent] = stop
    return own


def _sections(placed: Placed, nodes: Sequence[NodeKey]) -> tuple[NDArray[np.int64], list[Section]]:
    """Return the place of each row's section, and the sections in the order of their first rows."""
    pairs = zip(placed.nodes.tolist(), placed.shifts.tolist(), strict=True)
    known: dict[tuple[int, int], int] = {}
    places = np.array([known.setdefault(pair, len(known)) for pair in pairs], np.int64)
    return places, [Section(nodes[node], NodeKind.SERVICE, shift) for node, shift in known]


def _inferred(placed: Placed, spans: LeanSpans) -> list[Section]:
    """Return what was called and sent nothing, in the order of the calls."""
    answered = placed.facts.traced.copy()
    answered[placed.parents[placed.entries & (placed.parents != NO_PARENT)]] = True
    calls = placed.facts.called[~answered & (placed.facts.called != 0)]
    found = (spans.called[each] for each in _in_order(calls))
    return [Section(node, NodeKind.INFERRED) for node in found if node.name]


def _in_order(codes: NDArray[np.int64]) -> list[int]:
    """Return the different codes in the order of their first places."""
    found, first = np.unique(codes, return_index=True)
    in_order: list[int] = found[np.argsort(first)].tolist()
    return in_order


def _picked(values: Sequence[Any], places: NDArray[np.int64]) -> list[Any]:
    return [values[place] for place in places.tolist()]


def _hex(ids: NDArray[np.uint64]) -> list[str]:
    text = ids.astype(">u8").tobytes().hex()
    return [text[start : start + 16] for start in range(0, len(text), 16)]


def sum_up(placed: Placed, spans: LeanSpans, nodes: Sequence[NodeKey], root: Span) -> TraceSummary:
    """Sum up rows in pre-order as ``view_trace`` does; ``root`` is that row's span."""
    facts, place = placed.facts, root_place(placed)
    start_ns = int((facts.starts + placed.shifts).min())
    counts = np.bincount(facts.outcomes, minlength=len(OUTCOMES)).tolist()
    of_row = [nodes[each] for each in placed.nodes.tolist()]
    users, user_nodes = users_by_node(zip(_picked(spans.users, facts.users), of_row, strict=True))
    noted = np.flatnonzero(facts.annotations).tolist()
    notes = (annotations_of(root._replace(attributes=spans.annotations[facts.annotations[row]])) for row in noted)
    annotations, annotation_nodes = annotations_by_node(zip(notes, (of_row[row] for row in noted), strict=True))
    return TraceSummary(
        trace_id=root.trace_id.hex(),
        start_ns=start_ns,
        duration_ns=int((facts.ends + placed.shifts).max()) - start_ns,
        response_ns=root.end_ns - root.start_ns,
        root_name=root.name,
        root_node=of_row[place],
        root_outcome=OUTCOMES[facts.outcomes[place]],
        http=http_exchange(root),
        span_count=len(of_row),
        tally={each.value: count for each, count in zip(OUTCOMES, counts, strict=True)},
        nodes=tuple(nodes[each] for each in _in_order(placed.nodes[np.argsort(facts.starts, kind="stable")])),
        users=users,
        user_nodes=user_nodes,
        annotations=annotations,
        annotation_nodes=annotation_nodes,
        is_partial=bool(facts.in_progress.any()),
        is_orphan=bool(placed.orphans[place]),
        **of_resources(spans.resources[each] for each in _in_order(placed.senders)),
    )
