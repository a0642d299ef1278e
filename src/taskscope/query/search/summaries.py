"""Summaries of traces from rows of ``sum_up_traces.sql``."""

from collections.abc import Sequence
from typing import Any

from taskscope.model.service_map import NodeKey
from taskscope.model.trace import HttpExchange, TraceSummary
from taskscope.query.rules.outcome import OUTCOMES
from taskscope.query.trace.summary import annotations_by_node, users_by_node


def summary_of(row: Sequence[Any]) -> TraceSummary:
    """Read a row."""
    (
        trace_id, start, duration, root, spans, outcomes, nodes, users, annotations, is_partial, is_orphan,
        arns, instances, zones,
    ) = row  # fmt: skip
    name, node, node_type, outcome, response, method, url, status, user_agent, client_ip, _ = root
    names, user_nodes = users_by_node((user, NodeKey(*sender)) for user, sender in users)
    values, value_nodes = annotations_by_node(({key: value}, NodeKey(*sender)) for key, value, sender in annotations)
    return TraceSummary(
        trace_id=trace_id,
        start_ns=start,
        duration_ns=duration,
        response_ns=response,
        root_name=name,
        root_node=NodeKey(node, node_type),
        root_outcome=OUTCOMES[outcome],
        http=HttpExchange(method, url, status, user_agent, client_ip),
        span_count=spans,
        tally={each.value: count for each, count in zip(OUTCOMES, outcomes, strict=True)},
        nodes=tuple(NodeKey(*each) for each in nodes) or (NodeKey(node, node_type),),
        users=names,
        user_nodes=user_nodes,
        annotations=values,
        annotation_nodes=value_nodes,
        is_partial=bool(is_partial),
        is_orphan=bool(is_orphan),
        resource_arns=tuple(arns),
        instance_ids=tuple(instances),
        availability_zones=tuple(zones),
    )
