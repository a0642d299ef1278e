"""
The service map of a window: of computed minutes, whatever the number of spans, and of the spans of the others.

A window is widened to whole minutes; an edge belongs to the minute of the caller's span.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from taskscope.model.service_map import (
    CLIENT,
    EdgeKind,
    MapEdge,
    MapNode,
    NodeKey,
    NodeKind,
    ServiceMap,
    Statistics,
)
from taskscope.model.window import Window
from taskscope.query.matching import matching
from taskscope.query.minutes import Joined, Minutes, survey
from taskscope.query.totals import TIMES, TOTALS, statistics_of
from taskscope.store.api import Reader

_MOST_NODES: Final = 10_000
"""As of X-Ray's map; the others are left out, and that is said."""
_NODE_KEYS: Final = "Name, Type"
_EDGE_KEYS: Final = "SourceName, SourceType, TargetName, TargetType, Kind"


class Line(NamedTuple):
    """An edge by the keys of its ends."""

    source: NodeKey
    target: NodeKey
    kind: EdgeKind
    is_inferred: bool
    """No span of the target told of it."""
    statistics: Statistics
    start_ns: int
    end_ns: int


def service_map(
    reader: Reader, window: Window, *, expression: str = "", groups: Mapping[str, str] | None = None, now_ns: int
) -> ServiceMap:
    """
    Return who called whom in a window; with an expression, in the newest thousand traces that match it.

    Raises:
        UsageError: The expression does not read.
        TaskscopeError: The store does not answer.
    """
    if not expression:
        return _read(reader, survey(reader, window, now_ns=now_ns))
    found = matching(reader, window, expression=expression, groups=groups)
    return _read(reader, found) if found.parameters else ServiceMap((), (), found.is_partial)


def _read(reader: Reader, found: Minutes | Joined) -> ServiceMap:
    """Put a map together of rows of nodes and edges by the minute."""
    nodes_sql, edges_sql = found.rows_sql("nodes"), found.rows_sql("edges")
    nodes = reader.query(
        f"SELECT {_NODE_KEYS}, max(IsEntry), max(Account), {TIMES}, {TOTALS} FROM ({nodes_sql}) GROUP BY {_NODE_KEYS}",  # noqa: S608 (our own names)
        found.parameters,
        max_rows=_MOST_NODES,
    )
    edges = reader.query(
        f"SELECT {_EDGE_KEYS}, min(Inferred), {TIMES}, {TOTALS} FROM ({edges_sql}) GROUP BY {_EDGE_KEYS}",  # noqa: S608 (likewise)
        found.parameters,
        max_rows=_MOST_NODES,
    )
    is_partial = found.is_partial or nodes.truncated or edges.truncated
    return ServiceMap(*_drawn(nodes.rows, [_line(row) for row in edges.rows]), is_partial)


def _line(row: Sequence[Any]) -> Line:
    source_name, source_type, target_name, target_type, kind, inferred, start, end, *totals = row
    return Line(
        NodeKey(source_name, source_type),
        NodeKey(target_name, target_type),
        EdgeKind.LINK if kind else EdgeKind.CALL,
        bool(inferred),
        statistics_of(totals),
        int(start),
        int(end),
    )


def _drawn(rows: Iterable[Sequence[Any]], lines: Iterable[Line]) -> tuple[tuple[MapNode, ...], tuple[MapEdge, ...]]:
    entered = {NodeKey(name, kind): tuple(rest) for name, kind, *rest in rows}
    lines = sorted(lines, key=lambda each: each[:3])
    sending = {each.source for each in lines} | {each.target for each in lines if not each.is_inferred}
    keys = sorted(entered.keys() | sending | {each.target for each in lines})
    order = {key: index for index, key in enumerate(keys)}
    nodes = []
    for key, index in order.items():
        near = [each for each in lines if key in each[:2]] if key not in entered else []
        is_entry, account, start, end, *totals = entered.get(key) or (
            False, "", min(each.start_ns for each in near), max(each.end_ns for each in near),
        )  # fmt: skip
        nodes.append(
            MapNode(
                index, key, _kind(key, sends=key in entered or key in sending), bool(is_entry),
                statistics_of(totals) if totals else Statistics(), int(start), int(end), account,
            )
        )  # fmt: skip
    edges = [
        MapEdge(order[each.source], order[each.target], each.kind, each.statistics, each.start_ns, each.end_ns)
        for each in lines
    ]
    return tuple(nodes), tuple(edges)


def _kind(key: NodeKey, *, sends: bool) -> NodeKind:
    if key.type == CLIENT:
        return NodeKind.CLIENT
    return NodeKind.SERVICE if sends else NodeKind.INFERRED
