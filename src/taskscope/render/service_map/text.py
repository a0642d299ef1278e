"""A service map as a tree of calls: who calls whom, how often, how well, how fast."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from taskscope.model.service_map import EdgeKind, MapEdge, MapNode, NodeKind, ServiceMap, Statistics
from taskscope.render.figures import count, duration, share
from taskscope.render.text import Paint, escape

_DEEPEST: Final = 40
"""Levels of a tree, 200 columns; what a longer chain calls begins a tree of its own."""


def tree(drawn: ServiceMap, paint: Paint) -> Iterator[str]:
    """
    Yield a line for each node, below whoever calls it.

    What is called by several is drawn below the first of them, and only named below the others.
    """
    out: dict[int, list[MapEdge]] = defaultdict(list)
    called = set()
    for edge in drawn.edges:
        out[edge.source].append(edge)
        called.add(edge.target)
    seen: set[int] = set()
    beginnings = [node for node in drawn.nodes if node.index not in called]
    for node in [*beginnings, *drawn.nodes]:  # a ring of calls has no beginning: its first node is one
        if node.index not in seen:
            yield f"{_name(node, paint)}{_own(node)}"
            seen.add(node.index)
            yield from _below(drawn, out, node, "", seen, paint)


def _below(
    drawn: ServiceMap,
    out: Mapping[int, list[MapEdge]],
    node: MapNode,
    margin: str,
    seen: set[int],
    paint: Paint,
) -> Iterator[str]:
    """Walk with a stack of our own: a chain of calls may be longer than Python's."""
    stack = [(margin, _sorted(out.get(node.index, [])))]
    while stack:
        margin, edges = stack[-1]
        if not edges:
            stack.pop()
            continue
        edge = edges.pop(0)
        target = drawn.nodes[edge.target]
        again = target.index in seen
        too_deep = not again and len(stack) >= _DEEPEST and bool(out.get(target.index))
        arrow = f"{'|' if edges else '`'}{'- -' if edge.kind is EdgeKind.LINK else '---'}>"
        tail = "  (see there)" if again and out.get(target.index) else "  (goes on below)" if too_deep else ""
        yield f"{margin}{arrow} {_name(target, paint)}  {summary(edge.statistics, paint)}{tail}"
        if not (again or too_deep):
            seen.add(target.index)
            stack.append((margin + ("|    " if edges else "     "), _sorted(out.get(target.index, []))))


def _sorted(edges: list[MapEdge]) -> list[MapEdge]:
    return sorted(edges, key=lambda edge: (-edge.statistics.tally.total, edge.target))


def _name(node: MapNode, paint: Paint) -> str:
    kind = f" [{escape(node.key.type)}]" if node.key.type else ""
    return f"{paint(escape(node.key.name), 'service' if node.kind is NodeKind.SERVICE else 'time')}{kind}"


def _own(node: MapNode) -> str:
    return f"  {summary(node.statistics, lambda text, _: text)}" if node.statistics.tally.total else ""


def summary(statistics: Statistics, paint: Paint) -> str:
    """Write calls, failures and durations in one line."""
    tally = statistics.tally
    if not tally.total:
        return "no calls"
    bad = (
        (tally.faults, "faults", "fault"),
        (tally.throttles, "throttled", "throttle"),
        (tally.errors, "errors", "error"),
    )
    parts = [paint(f"{share(number / tally.total)} {name}", style) for number, name, style in bad if number]
    calls = f"{count(tally.total)} {'call' if tally.total == 1 else 'calls'}"
    took = f"p50 {duration(statistics.percentile_ns(0.5))}, p99 {duration(statistics.percentile_ns(0.99))}"
    return ", ".join([calls, *parts, took])
