"""
Root causes of a trace: the ways from its root down to where it failed, or where most of its time went.

Which spans are causes is said in ``query.rules.cause``, for these and for ``rootcause.…`` of filter expressions. A way
ends at a cause with no cause below it, and leads there through every span above, causes or not: from the root, or from
the topmost span that is known. Where its last span is a call that nothing answered, the node that it names ends the
way, inferred. Spans that follow one another on the way and belong to one node are one service of it. A trace whose root
took no time, as while that is in progress, has no causes of its time.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span
from taskscope.model.trace import ExceptionView
from taskscope.query.rules.attributes import first_of
from taskscope.query.rules.cause import Cause, is_cause
from taskscope.query.rules.node import is_call
from taskscope.query.trace.calls import inferred_nodes
from taskscope.query.trace.exceptions import own_exceptions
from taskscope.query.trace.tree import NO_PARENT, Tree, link, root_row

_MOST: Final = 10
"""Ways of a trace, those of the earliest ends: a batch may fail at thousands of places."""


class Entity(NamedTuple):
    """A span on the way, or an inferred node at its end."""

    name: str
    is_remote: bool
    """It is the caller's side of a call."""
    coverage: float
    """Its share of the root's time; 0 where the root took none."""
    exceptions: Sequence[ExceptionView]


class ServiceOnWay(NamedTuple):
    """A service that a way goes through."""

    node: NodeKey
    account: str
    is_inferred: bool
    entities: Sequence[Entity]


class RootCause(NamedTuple):
    """A way from the root down."""

    reaches_client: bool
    """The way begins at the root, and the root is a cause as well."""
    services: Sequence[ServiceOnWay]


class RootCauses:
    """The root causes of one trace."""

    def __init__(self, spans: Sequence[Span]) -> None:
        """Take all spans of the trace: at least one."""
        self._tree = link(spans)
        self._root = root_row(self._tree)
        self._inferred = inferred_nodes(self._tree)

    def of(self, cause: Cause) -> Sequence[RootCause]:
        """Return the ways to the causes of one kind, by the starts of their ends; ten at most."""
        spans, parents = self._tree.spans, self._tree.parents
        root = spans[self._root]
        if cause is Cause.RESPONSE_TIME and root.end_ns <= root.start_ns:
            return ()
        causes = [is_cause(cause, span, root) for span in spans]
        above = [False] * len(spans)
        for position in range(len(spans) - 1, -1, -1):  # each after its parent: so from below
            if parents[position] != NO_PARENT and (causes[position] or above[position]):
                above[parents[position]] = True
        ends = [position for position, is_one in enumerate(causes) if is_one and not above[position]]
        ends.sort(key=lambda position: (spans[position].start_ns, spans[position].span_id))
        return [self._way(end, causes) for end in ends[:_MOST]]

    def _way(self, end: int, causes: Sequence[bool]) -> RootCause:
        way = [end]
        while (parent := self._tree.parents[way[-1]]) != NO_PARENT:
            way.append(parent)
        way.reverse()
        reaches_client = way[0] == self._root and causes[self._root]
        return RootCause(reaches_client, tuple(self._services(way)))

    def _services(self, way: Sequence[int]) -> Iterator[ServiceOnWay]:
        for node, positions in groupby(way, key=lambda position: self._tree.nodes[position]):
            places = list(positions)
            account = _account(self._tree, places[0])
            yield ServiceOnWay(node, account, is_inferred=False, entities=tuple(map(self._entity, places)))
        called = self._inferred[way[-1]]
        if called is not None and called.name:
            entity = self._entity(way[-1])._replace(name=called.name, is_remote=False)
            yield ServiceOnWay(called, "", is_inferred=True, entities=(entity,))

    def _entity(self, position: int) -> Entity:
        span, root = self._tree.spans[position], self._tree.spans[self._root]
        whole = max(0, root.end_ns - root.start_ns)
        share = max(0, span.end_ns - span.start_ns) / whole if whole else 0.0
        return Entity(span.name, is_call(span), share, own_exceptions(span))


def _account(tree: Tree, position: int) -> str:
    return first_of(tree.resources[position].attributes, "cloud.account.id")
