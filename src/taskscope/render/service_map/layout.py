"""Where the nodes of a service map stand: in columns, callers left of what they call, few lines crossing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import count, pairwise
from typing import Final, NamedTuple

from taskscope.model.service_map import ServiceMap

_ROUNDS: Final = 8
"""Of sorting columns by their neighbours; maps of 100 nodes do not change any more after five."""


class Place(NamedTuple):
    """Of a node: its column, and its row in it."""

    column: int
    row: int


class Layout(NamedTuple):
    """Places of nodes by index, and of each edge that passes over columns, by its ends, those on its way."""

    nodes: Mapping[int, Place]
    ways: Mapping[tuple[int, int], Sequence[Place]]


def lay_out(drawn: ServiceMap) -> Layout:
    """Return places; the same map has the same ones. A line over several columns gets a place of its own in each."""
    edges = [(edge.source, edge.target) for edge in drawn.edges if edge.source != edge.target]
    columns = _columns([node.index for node in drawn.nodes], edges)
    rows: dict[int, list[int]] = defaultdict(list)
    for node in drawn.nodes:
        rows[columns[node.index]].append(node.index)
    steps: list[tuple[int, int]] = []
    ways: dict[tuple[int, int], list[int]] = {}
    stops = count(len(drawn.nodes))
    for source, target in dict.fromkeys(edges):
        on_the_way = [(next(stops), column) for column in range(columns[source] + 1, columns[target])]
        for stop, column in on_the_way:
            rows[column].append(stop)
        way = [stop for stop, _ in on_the_way]
        ways[source, target] = way
        steps += pairwise([source, *way, target])
    _untangle(rows, steps)
    places = {index: Place(column, row) for column, members in rows.items() for row, index in enumerate(members)}
    return Layout(
        {node.index: places[node.index] for node in drawn.nodes},
        {ends: [places[stop] for stop in way] for ends, way in ways.items()},
    )


def _columns(nodes: Sequence[int], edges: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Put each node right of those that call it; edges that close a ring are left out."""
    forward = _without_rings(nodes, edges)
    callers: dict[int, set[int]] = {node: set() for node in nodes}
    for source, target in forward:
        callers[target].add(source)
    column: dict[int, int] = {}
    left = list(nodes)
    while left:
        ready = [node for node in left if all(caller in column for caller in callers[node])]
        for node in ready:
            column[node] = 1 + max((column[caller] for caller in callers[node]), default=-1)
        left = [node for node in left if node not in column]
    return column


def _without_rings(nodes: Sequence[int], edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leave out edges that lead back to a node that is still being walked from."""
    targets: dict[int, list[int]] = defaultdict(list)
    called = set()
    for source, target in edges:
        targets[source].append(target)
        called.add(target)
    done: set[int] = set()
    kept: list[tuple[int, int]] = []
    for begin in [*(node for node in nodes if node not in called), *nodes]:
        if begin in done:
            continue
        walking = [begin]
        stack = [list(targets[begin])]
        while stack:
            if not stack[-1]:
                stack.pop()
                done.add(walking.pop())
                continue
            target = stack[-1].pop(0)
            if target not in walking:
                kept.append((walking[-1], target))
                if target not in done:
                    walking.append(target)
                    stack.append(list(targets[target]))
    return kept


def _untangle(rows: dict[int, list[int]], edges: Sequence[tuple[int, int]]) -> None:
    """Sort each column by the middle of its neighbours' rows, to and fro."""
    near: dict[int, list[int]] = defaultdict(list)
    for source, target in edges:
        near[source].append(target)
        near[target].append(source)
    order = sorted(rows)
    for number in range(_ROUNDS):
        row = {node: at / max(1, len(members)) for members in rows.values() for at, node in enumerate(members)}
        for column in order if number % 2 == 0 else reversed(order):
            members = rows[column]
            middle = {
                node: sum(row[each] for each in near[node]) / len(near[node]) if near[node] else row[node]
                for node in members
            }
            rows[column] = sorted(members, key=lambda node: (middle[node], node))
