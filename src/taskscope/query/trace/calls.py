"""What the spans of a forest tell of requests: who was called, and who answered."""

from typing import Final

from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span
from taskscope.query.rules.attributes import attribute
from taskscope.query.rules.called import called_node
from taskscope.query.rules.node import is_call, is_inside
from taskscope.query.trace.tree import NO_PARENT, Tree

_TRACED: Final = "aws.xray.traced"
"""``http.request.traced`` of X-Ray: the callee sends a segment of its own; until it comes nothing is known of it."""


def tells_of_calls(span: Span) -> bool:
    """Whether a span, where a span of another node is below it, is the caller's side of a request to that."""
    return is_call(span) or is_inside(span)


def answered(tree: Tree) -> list[bool]:
    """Return for each span whether a span that enters a node has it for its parent, or one is yet to come."""
    found = [attribute(span, _TRACED) == "true" for span in tree.spans]
    for parent, enters in zip(tree.parents, tree.entries, strict=True):
        if enters and parent != NO_PARENT:
            found[parent] = True
    return found


def inferred_nodes(tree: Tree) -> list[NodeKey | None]:
    """Return for each span what it called that sent nothing itself; None where it called nothing, or was answered."""
    pairs = zip(tree.spans, answered(tree), strict=True)
    return [None if is_answered else called_node(span) for span, is_answered in pairs]
