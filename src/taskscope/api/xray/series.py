"""GetTimeSeriesServiceStatistics: figures of services or of connections, step by step."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from taskscope.api.parts import Parts
from taskscope.api.xray.errors import AwsError
from taskscope.api.xray.graph import counts_of
from taskscope.api.xray.reading import group_expression
from taskscope.api.xray.summaries import window_of
from taskscope.clock import SECOND
from taskscope.model.series import RedPoint
from taskscope.model.service_map import MapEdge, NodeKey, NodeKind, ServiceMap, Tally
from taskscope.model.window import Window
from taskscope.query.search.ast import Edge, Everything, Selector, Service
from taskscope.query.search.parse import parse
from taskscope.query.series import edge_series, service_series
from taskscope.query.service_map import service_map

_PERIODS: Final = (60, 300)


class SeriesOperation:
    """
    GetTimeSeriesServiceStatistics.

    Without a selector: of what clients asked of the services where traces begin, as AWS shows it for a group.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, given: dict[str, Any]) -> dict[str, Any]:
        """Answer all steps on one page."""
        window = window_of(given)
        period = given.get("Period", _PERIODS[0])
        if period not in _PERIODS:
            raise AwsError(f"Period must be one of {', '.join(map(str, _PERIODS))}")
        group = group_expression(given, self._parts)
        if group:
            raise AwsError("figures over time are kept of services and connections, not of groups: leave the group out")
        selected = parse(given.get("EntitySelectorExpression", ""))
        if not isinstance(selected, Everything | Service | Edge):
            raise AwsError("EntitySelectorExpression is one service() or one edge()")
        statistics = await self._parts.workers.call(partial(self._read, window, period * SECOND, selected))
        return {"TimeSeriesServiceStatistics": statistics, "ContainsOldGroupVersions": False}

    def _read(self, window: Window, step_ns: int, selected: Everything | Service | Edge) -> list[dict[str, Any]]:
        now = self._parts.clock()
        found = service_map(self._parts.reader, window, now_ns=now)
        if isinstance(selected, Service):
            services = [each.key for each in found.nodes if each.kind == NodeKind.SERVICE]
            nodes = [each for each in services if _fits(selected.selector, each)]
            of_node = partial(service_series, self._parts.reader, window, step_ns=step_ns, now_ns=now)
            series = [of_node(name=each.name, type=each.type) for each in nodes]
            member = "ServiceSummaryStatistics"
        else:
            ends = [_ends(each, found) for each in found.edges if _is_selected(each, found, selected)]
            of_edge = partial(edge_series, self._parts.reader, window, step_ns=step_ns, now_ns=now)
            series = [of_edge(source=source, target=target) for source, target in ends]
            member = "EdgeSummaryStatistics"
        return [_step(each, member) for each in _sum(point for each in series for point in each.points)]


def _is_selected(edge: MapEdge, found: ServiceMap, selected: Everything | Edge) -> bool:
    source, target = _ends(edge, found)
    if isinstance(selected, Edge):
        return _fits(selected.source, source) and _fits(selected.target, target)
    return found.nodes[edge.source].kind == NodeKind.CLIENT


def _ends(edge: MapEdge, found: ServiceMap) -> tuple[NodeKey, NodeKey]:
    return found.nodes[edge.source].key, found.nodes[edge.target].key


def _fits(selector: Selector, node: NodeKey) -> bool:
    return selector.name in (None, node.name) and selector.type in (None, node.type)


def _sum(points: Iterable[RedPoint]) -> list[tuple[int, Tally, int]]:
    """Add up the points of each step: its start, its counts, and the sum of durations."""
    steps: dict[int, tuple[Tally, int]] = {}
    for each in points:
        tally, total = steps.get(each.start_ns, (Tally(), 0))
        more = Tally(
            tally.ok + each.ok, tally.errors + each.errors, tally.throttles + each.throttles, tally.faults + each.faults
        )
        steps[each.start_ns] = more, total + each.average_ns * (each.ok + each.errors + each.throttles + each.faults)
    return [(start, *steps[start]) for start in sorted(steps)]


def _step(step: tuple[int, Tally, int], member: str) -> dict[str, Any]:
    start, tally, total = step
    return {"Timestamp": start, member: counts_of(tally) | {"TotalResponseTime": total / SECOND}}
