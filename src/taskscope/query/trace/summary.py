"""A trace in a line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

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
        users=_distinct(user_of(span) for span in spans),
        annotations=_annotations(spans),
        is_partial=any(span.in_progress for span in spans),
        is_orphan=has_parent(root) and tree.orphans[place],
        resource_arns=_of_resources(tree, *_ARNS),
        instance_ids=_of_resources(tree, "host.id"),
        availability_zones=_of_resources(tree, "cloud.availability_zone"),
    )


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _nodes(tree: Tree) -> tuple[NodeKey, ...]:
    """Return the nodes by their first starts."""
    starts = sorted(range(len(tree.spans)), key=lambda position: tree.spans[position].start_ns)
    return tuple(dict.fromkeys(tree.nodes[position] for position in starts))


def _annotations(spans: Sequence[Span]) -> Mapping[str, tuple[str, ...]]:
    values: dict[str, dict[str, None]] = {}
    for span in spans:
        for key, value in annotations_of(span).items():
            values.setdefault(key, {})[value] = None
    return {key: tuple(each) for key, each in values.items()}


def _of_resources(tree: Tree, *names: str) -> tuple[str, ...]:
    """Read the first of these attributes of each resource, once however many spans share it."""
    return _distinct(first_of(each.attributes, *names) for each in {id(each): each for each in tree.resources}.values())
