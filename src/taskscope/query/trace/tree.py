"""Spans to a forest: what is below what, whose each span is, and which ones enter a service."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from taskscope.model.resource import Resource
from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span
from taskscope.query.rules.node import has_parent, is_entry, is_inside, service_node
from taskscope.query.rules.root import root_of

NO_PARENT: Final = -1
_Key = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Tree:
    """
    Spans of one or more traces, each after its parent, in columns: a position stands for a span in all of them.

    Siblings, and those without a parent, are in the order of their starts.
    """

    spans: Sequence[Span]
    parents: Sequence[int]
    """Position of the parent; ``NO_PARENT`` for a root."""
    nodes: Sequence[NodeKey]
    """Whose each span is; an X-Ray subsegment is its segment's, however it was sent."""
    resources: Sequence[Resource]
    """Of whoever sent each span; of an X-Ray subsegment its segment's."""
    entries: Sequence[bool]
    """Whether each enters its node: by itself, or because its parent is another node's."""
    orphans: Sequence[bool]
    """Whether each names a parent that is not there, or that is below it."""

    def children(self) -> list[list[int]]:
        """Return the positions of the children of each."""
        below: list[list[int]] = [[] for _ in self.spans]
        for position, parent in enumerate(self.parents):
            if parent != NO_PARENT:
                below[parent].append(position)
        return below


def link(spans: Iterable[Span]) -> Tree:
    """
    Put spans together, whatever their shape: repeated ids, parents that are missing or go round in a circle.

    Of spans with the same id one stays: a complete one before one in progress, then the one that ends last. A circle
    is opened at its earliest span.
    """
    unique = sorted(_unique(spans), key=_by_start)
    places = {(each.trace_id, each.span_id): place for place, each in enumerate(unique)}
    above = [_place_of_parent(each, place, places) for place, each in enumerate(unique)]
    order = parents_first(above)
    position = {place: index for index, place in enumerate(order)}
    ordered = [unique[place] for place in order]
    parents = [
        position[above[place]] if above[place] != NO_PARENT and position[above[place]] < index else NO_PARENT
        for index, place in enumerate(order)
    ]
    nodes, resources = _owners(ordered, parents)
    return Tree(
        ordered,
        parents,
        nodes,
        resources,
        [
            is_entry(span) or (parent != NO_PARENT and nodes[parent] != nodes[index])
            for index, (span, parent) in enumerate(zip(ordered, parents, strict=True))
        ],
        [parent == NO_PARENT and has_parent(span) for span, parent in zip(ordered, parents, strict=True)],
    )


def root_row(tree: Tree) -> int:
    """Return the position of the span that stands for a trace, as ``root_of`` chooses it; there is at least one."""
    entering = [span for span, enters in zip(tree.spans, tree.entries, strict=True) if enters]
    root = root_of(entering or tree.spans)  # a trace of 100,000 spans has few that enter
    if not is_entry(root):
        root = root_of(tree.spans)
    return next(position for position, span in enumerate(tree.spans) if span is root)


def _unique(spans: Iterable[Span]) -> Iterable[Span]:
    found: dict[_Key, Span] = {}
    for span in spans:
        key = span.trace_id, span.span_id
        present = found.get(key)
        if present is None or _worth(span) > _worth(present):
            found[key] = span
    return found.values()


def _worth(span: Span) -> tuple[bool, int]:
    return not span.in_progress, span.end_ns


def _by_start(span: Span) -> tuple[int, bytes]:
    return span.start_ns, span.span_id


def _place_of_parent(span: Span, place: int, places: Mapping[_Key, int]) -> int:
    if not has_parent(span):
        return NO_PARENT
    parent = places.get((span.trace_id, span.parent_span_id), NO_PARENT)
    return NO_PARENT if parent == place else parent


def parents_first(above: Sequence[int]) -> list[int]:
    """Order places so that parents come first; what only a circle leads to begins with the earliest place of it."""
    below: list[list[int]] = [[] for _ in above]
    for place, parent in enumerate(above):
        if parent != NO_PARENT:
            below[parent].append(place)
    order = [place for place, parent in enumerate(above) if parent == NO_PARENT]
    seen = [parent == NO_PARENT for parent in above]
    pending = 0
    for place in range(-1, len(above)):
        if place >= 0 and not seen[place]:
            opened = _earliest_of_circle(place, above)
            seen[opened] = True
            order.append(opened)
        while pending < len(order):
            for child in below[order[pending]]:
                if not seen[child]:
                    seen[child] = True
                    order.append(child)
            pending += 1
    return order


def _earliest_of_circle(place: int, above: Sequence[int]) -> int:
    """Follow parents from a place that has no root above it until they go round."""
    passed: dict[int, None] = {}
    while place not in passed:
        passed[place] = None
        place = above[place]
    circle = list(passed)
    return min(circle[circle.index(place) :])


def _owners(spans: Sequence[Span], parents: Sequence[int]) -> tuple[list[NodeKey], list[Resource]]:
    """Return whose each span is: a subsegment sent alone does not say, and one inside its segment says the same."""
    nodes: list[NodeKey] = []
    resources: list[Resource] = []
    known: dict[int, NodeKey] = {}
    for span, parent in zip(spans, parents, strict=True):
        if parent != NO_PARENT and is_inside(span):
            nodes.append(nodes[parent])
            resources.append(resources[parent])
            continue
        resource = span.resource
        if id(resource) not in known:
            known[id(resource)] = service_node(resource)
        nodes.append(known[id(resource)])
        resources.append(resource)
    return nodes, resources
