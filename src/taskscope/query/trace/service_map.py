"""
The service map of spans at hand: what the rollups of the store must come to, too.

Rules, after X-Ray's (what a span is by itself is said in ``query.rules``):

- A completed span that enters a node is a request to it: its node's statistics.
- One without a parent came from a client: an edge from the node of type ``client`` that has the service's name.
- One whose parent is known came from the parent's node. The edge has the parent's statistics where that is the
  caller's side of the request (a client's or producer's span, an X-Ray subsegment), once for each node that answered
  it; else its own. One whose parent is missing has no edge: its caller may be anybody.
- A completed call that no entering span answers made an edge to the node that it names, which is thereby inferred;
  unless its callee said that it traces (``http.request.traced``), and its segment is yet to come.
- A completed span with links into other nodes' spans at hand made an edge of kind ``link`` from each of these nodes.
- What is in progress is not counted.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from taskscope.model.service_map import (
    CLIENT,
    EdgeKind,
    MapEdge,
    MapNode,
    NodeKey,
    NodeKind,
    ServiceMap,
    Statistics,
    Tally,
    bucket_of,
)
from taskscope.model.span import Span
from taskscope.model.trace import Outcome
from taskscope.query.rules.attributes import first_of
from taskscope.query.rules.node import has_parent
from taskscope.query.rules.outcome import outcome
from taskscope.query.trace.calls import inferred_nodes, tells_of_calls
from taskscope.query.trace.tree import NO_PARENT, Tree, link


class _Line(NamedTuple):
    """What tells edges apart."""

    source: NodeKey
    target: NodeKey
    kind: EdgeKind


@dataclass(slots=True)
class _Sum:
    """Requests added up."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    duration_sum_ns: int = 0
    duration_max_ns: int = 0
    histogram: dict[int, int] = field(default_factory=dict)
    start_ns: int = 0
    end_ns: int = 0

    def add(self, span: Span) -> None:
        """Count a request as its span tells of it."""
        duration = span.end_ns - span.start_ns
        bucket = bucket_of(duration)
        self.start_ns = min(self.start_ns or span.start_ns, span.start_ns)
        self.end_ns = max(self.end_ns, span.end_ns)
        self.counts[outcome(span)] += 1
        self.duration_sum_ns += duration
        self.duration_max_ns = max(self.duration_max_ns, duration)
        self.histogram[bucket] = self.histogram.get(bucket, 0) + 1

    def statistics(self) -> Statistics:
        """Return what was added up."""
        tally = Tally(*(self.counts[each] for each in (Outcome.OK, Outcome.ERROR, Outcome.THROTTLE, Outcome.FAULT)))
        return Statistics(tally, self.duration_sum_ns, self.duration_max_ns, self.histogram)


@dataclass(slots=True)
class _Node:
    """What is known of a node."""

    kind: NodeKind
    is_entry: bool = False
    account: str = ""
    requests: _Sum = field(default_factory=_Sum)


def map_of(spans: Iterable[Span]) -> ServiceMap:
    """Make the service map of one or more traces. Nodes are in the order of their keys, edges in that of their ends."""
    tree = link(spans)
    nodes: dict[NodeKey, _Node] = {}
    lines: dict[_Line, _Sum] = {}
    _count_entries(tree, nodes)
    for line, span in (*_calls(tree), *_inferred_calls(tree), *_links(tree)):
        lines.setdefault(line, _Sum()).add(span)
    senders = set(tree.nodes)
    for source, target, _ in lines:
        for key in (source, target):
            nodes.setdefault(key, _Node(_kind_of(key, senders)))
    return _drawn(nodes, lines)


def _count_entries(tree: Tree, nodes: dict[NodeKey, _Node]) -> None:
    for span, key, resource, enters in zip(tree.spans, tree.nodes, tree.resources, tree.entries, strict=True):
        if enters and not span.in_progress:
            node = nodes.setdefault(key, _Node(NodeKind.SERVICE))
            node.requests.add(span)
            node.is_entry |= not has_parent(span)
            node.account = node.account or first_of(resource.attributes, "cloud.account.id")


def _calls(tree: Tree) -> Iterator[tuple[_Line, Span]]:
    """Yield each request from a client or a node to a node, with the span that tells how it went."""
    told: set[tuple[int, NodeKey]] = set()
    for position, (span, key, parent) in enumerate(zip(tree.spans, tree.nodes, tree.parents, strict=True)):
        if not tree.entries[position]:
            continue
        if parent == NO_PARENT:
            if not has_parent(span) and not span.in_progress:
                yield _Line(NodeKey(key.name, CLIENT), key, EdgeKind.CALL), span
            continue
        teller = span
        if tells_of_calls(tree.spans[parent]):
            teller = tree.spans[parent]
            if (parent, key) in told:
                continue
            told.add((parent, key))
        if not teller.in_progress:
            yield _Line(tree.nodes[parent], key, EdgeKind.CALL), teller


def _inferred_calls(tree: Tree) -> Iterator[tuple[_Line, Span]]:
    for span, key, called in zip(tree.spans, tree.nodes, inferred_nodes(tree), strict=True):
        if called and not span.in_progress:
            yield _Line(key, called, EdgeKind.CALL), span


def _links(tree: Tree) -> Iterator[tuple[_Line, Span]]:
    positions = {(span.trace_id, span.span_id): position for position, span in enumerate(tree.spans)}
    for span, key in zip(tree.spans, tree.nodes, strict=True):
        if span.in_progress:
            continue
        found = (positions.get((each.trace_id, each.span_id)) for each in span.links)
        for source in dict.fromkeys(tree.nodes[position] for position in found if position is not None):
            yield _Line(source, key, EdgeKind.LINK), span


def _kind_of(key: NodeKey, senders: Collection[NodeKey]) -> NodeKind:
    """Say what a node is that no completed request entered."""
    if key.type == CLIENT:
        return NodeKind.CLIENT
    return NodeKind.SERVICE if key in senders else NodeKind.INFERRED


def _drawn(nodes: dict[NodeKey, _Node], lines: dict[_Line, _Sum]) -> ServiceMap:
    order = {key: index for index, key in enumerate(sorted(nodes))}
    edges = [
        MapEdge(order[line.source], order[line.target], line.kind, each.statistics(), each.start_ns, each.end_ns)
        for line, each in sorted(lines.items(), key=lambda item: item[0])
    ]
    times: dict[NodeKey, list[int]] = {key: [] for key in nodes}
    for line, each in lines.items():
        for key in (line.source, line.target):
            times[key] += (each.start_ns, each.end_ns)
    for key, node in nodes.items():
        if node.requests.histogram:
            times[key] = [node.requests.start_ns, node.requests.end_ns]
    return ServiceMap(
        tuple(
            MapNode(
                index, key, nodes[key].kind, nodes[key].is_entry, nodes[key].requests.statistics(),
                min(times[key]), max(times[key]), nodes[key].account,
            )
            for key, index in order.items()
        ),
        tuple(edges),
    )  # fmt: skip
