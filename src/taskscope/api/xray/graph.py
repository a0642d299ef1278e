"""Service graphs in X-Ray's shape."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from taskscope.clock import SECOND
from taskscope.model.service_map import (
    EdgeKind,
    MapEdge,
    MapNode,
    NodeKind,
    ServiceMap,
    Statistics,
    Tally,
    bucket_middle_ns,
)

_NAMES_OF_STATES: Final = {True: "active", False: "unknown"}


def services_of(found: ServiceMap) -> list[dict[str, Any]]:
    """Return ``Services``; what is called and sent no spans has the figures of those who call it."""
    return [_service(node, found) for node in found.nodes]


def _service(node: MapNode, found: ServiceMap) -> dict[str, Any]:
    statistics = node.statistics
    if node.kind == NodeKind.INFERRED:
        statistics = together(each.statistics for each in found.edges if each.target == node.index)
    histogram = histogram_of(statistics)
    return {
        "ReferenceId": node.index,
        "Name": node.key.name,
        "Names": [node.key.name],
        "Root": node.is_entry or None,
        "AccountId": node.account or None,
        "Type": node.key.type or None,
        "State": _NAMES_OF_STATES[node.kind == NodeKind.SERVICE],
        "StartTime": node.start_ns,
        "EndTime": node.end_ns,
        "Edges": [_edge(each) for each in found.edges if each.source == node.index],
        "SummaryStatistics": None if node.kind == NodeKind.CLIENT else summary_of(statistics),
        "DurationHistogram": histogram,
        "ResponseTimeHistogram": histogram,
    }


def _edge(edge: MapEdge) -> dict[str, Any]:
    return {
        "ReferenceId": edge.target,
        "StartTime": edge.start_ns,
        "EndTime": edge.end_ns,
        "SummaryStatistics": summary_of(edge.statistics),
        "ResponseTimeHistogram": histogram_of(edge.statistics),
        "Aliases": [],
        "EdgeType": "link" if edge.kind == EdgeKind.LINK else None,
    }


def summary_of(statistics: Statistics) -> dict[str, Any]:
    """Return ``SummaryStatistics``: of a service and of an edge alike."""
    tally = statistics.tally
    return {
        "OkCount": tally.ok,
        "ErrorStatistics": {
            "ThrottleCount": tally.throttles,
            "OtherCount": tally.errors,
            "TotalCount": tally.throttles + tally.errors,
        },
        "FaultStatistics": {"OtherCount": tally.faults, "TotalCount": tally.faults},
        "TotalCount": tally.total,
        "TotalResponseTime": statistics.duration_sum_ns / SECOND,
    }


def histogram_of(statistics: Statistics) -> list[dict[str, Any]]:
    """Return a histogram: of each bucket its middle, in seconds, and its count."""
    return [
        {"Value": bucket_middle_ns(bucket) / SECOND, "Count": count}
        for bucket, count in sorted(statistics.histogram.items())
    ]


def together(several: Iterable[Statistics]) -> Statistics:
    """Add statistics up."""
    ok = errors = throttles = faults = total = longest = 0
    histogram: Counter[int] = Counter()
    for each in several:
        ok, errors = ok + each.tally.ok, errors + each.tally.errors
        throttles, faults = throttles + each.tally.throttles, faults + each.tally.faults
        total, longest = total + each.duration_sum_ns, max(longest, each.duration_max_ns)
        histogram.update(each.histogram)
    return Statistics(Tally(ok, errors, throttles, faults), total, longest, histogram)
