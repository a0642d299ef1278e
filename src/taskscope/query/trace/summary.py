"""A trace in a line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from taskscope.model.resource import Resource
from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span
from taskscope.model.trace import Outcome, TraceSummary
from taskscope.query.rules.attributes import annotations_of, first_of
from taskscope.query.rules.http import http_exchange, user_of
from taskscope.query.rules.node import has_parent
from taskscope.query.rules.outcome import outcome
from taskscope.query.trace.tree import Tree, link, root_row

_ARNS: Final = ("aws.xray.resource_arn", "cloud.resource_id", "aws.ecs.task.arn")


def summarize(spans: Iterable[Span]) -> TraceSummary:
    """Sum up the spans of one trace, at least one. Times are as sent."""
    tree = link(spans)
    return summary_of(tree, root_row(tree), [outcome(span) for span in tree.spans])


def summary_of(tree: Tree, place: int, outcomes: Sequence[Outcome]) -> TraceSummary:
    """Sum up a trace that has been put together; ``place`` is its root's."""
    spans = tree.spans
    root = spans[place]
    start_ns = min(span.start_ns for span in spans)
    users, user_nodes = users_by_node((user_of(span), node) for span, node in zip(spans, tree.nodes, strict=True))
    notes = ((annotations_of(span), node) for span, node in zip(spans, tree.nodes, strict=True))
    annotations, annotation_nodes = annotations_by_node(notes)
    return TraceSummary(
        trace_id=root.trace_id.hex(),
        start_ns=start_ns,
        duration_ns=max(span.end_ns for span in spans) - start_ns,
        response_ns=root.end_ns - root.start_ns,
        root_name=root.name,
        root_node=tree.nodes[place],
        root_outcome=outcomes[place],
        http=http_exchange(root),
        span_count=len(spans),
        tally={each.value: outcomes.count(each) for each in Outcome},
        nodes=_nodes(tree),
        users=users,
        user_nodes=user_nodes,
        annotations=annotations,
        annotation_nodes=annotation_nodes,
        is_partial=any(span.in_progress for span in spans),
        is_orphan=has_parent(root) and tree.orphans[place],
        **of_resources({id(each): each for each in tree.resources}.values()),
    )


def _nodes(tree: Tree) -> tuple[NodeKey, ...]:
    """Return the nodes by their first starts."""
    starts = sorted(range(len(tree.spans)), key=lambda position: tree.spans[position].start_ns)
    return tuple(dict.fromkeys(tree.nodes[position] for position in starts))


def users_by_node(told: Iterable[tuple[str, NodeKey]]) -> tuple[tuple[str, ...], tuple[tuple[NodeKey, ...], ...]]:
    """Return the different users, and the nodes that told of each; an empty text is no user."""
    found: dict[str, set[NodeKey]] = {}
    for user, node in told:
        if user:
            found.setdefault(user, set()).add(node)
    return tuple(found), tuple(map(_named, found.values()))


def annotations_by_node(
    told: Iterable[tuple[Mapping[str, str], NodeKey]],
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[tuple[NodeKey, ...], ...]]]:
    """Return the different values of each annotation, in order, and the nodes that set each value."""
    found: dict[str, list[tuple[str, NodeKey]]] = {}
    for annotations, node in told:
        for key, value in annotations.items():
            found.setdefault(key, []).append((value, node))
    values, nodes = {}, {}
    for key, pairs in sorted(found.items()):
        by_value: dict[str, set[NodeKey]] = {}
        for value, node in sorted(pairs):
            by_value.setdefault(value, set()).add(node)
        values[key] = tuple(by_value)
        nodes[key] = tuple(map(_named, by_value.values()))
    return values, nodes


def _named(nodes: Iterable[NodeKey]) -> tuple[NodeKey, ...]:
    """Order nodes, without that of a sender that does not say who it is."""
    return tuple(sorted(node for node in nodes if node.name))


def of_resources(resources: Iterable[Resource]) -> dict[str, tuple[str, ...]]:
    """Return what a summary says of different resources, in this order."""
    found = list(resources)
    names = {"resource_arns": _ARNS, "instance_ids": ("host.id",), "availability_zones": ("cloud.availability_zone",)}
    return {
        member: tuple(dict.fromkeys(text for each in found if (text := first_of(each.attributes, *keys))))
        for member, keys in names.items()
    }
