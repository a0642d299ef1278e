"""
How far the clocks of a trace's machines go wrong, as far as its calls prove it.

A machine's clock is wrong for sure where a span begins before its caller began, or after a caller that waited for it
had its answer. All spans of that machine are then shifted by the same time, so that what it did for its callers lies
within their calls: in the middle of what is possible, as time on the network is unknown. Where calls contradict one
another, each callee at least begins after its caller. What may be true is left as it is: a callee that goes on after
its caller has ended, a consumer that is late or began to wait before there was a message, and anything between spans of
one machine (Lambda's ``Initialization`` begins before its own parent).
"""

from collections.abc import Iterable, Sequence

from taskscope.model.resource import Resource
from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span, SpanKind
from taskscope.model.trace import Outcome
from taskscope.query.rules.attributes import attribute, first_of
from taskscope.query.rules.outcome import outcome
from taskscope.query.trace.tree import NO_PARENT, Tree

_Clock = tuple[NodeKey, str]
_Call = tuple[int, Span, Span]
"""The shift of a caller, the caller, the callee."""


def clock_shifts(tree: Tree) -> list[int]:
    """Return for each span the nanoseconds to add to its times. Clocks of roots are taken for right."""
    clocks = _clocks(tree)
    calls: dict[_Clock, list[tuple[int, int]]] = {clock: [] for clock in clocks}
    for position, parent in enumerate(tree.parents):
        if parent != NO_PARENT and clocks[parent] != clocks[position]:
            calls[clocks[position]].append((parent, position))
    shifts: dict[_Clock, int] = {}
    for clock, pairs in calls.items():
        known = [
            (shifts[clocks[parent]], tree.spans[parent], tree.spans[position])
            for parent, position in pairs
            if clocks[parent] in shifts
        ]
        shifts[clock] = _shift(known)
    return [shifts[clock] for clock in clocks]


def _clocks(tree: Tree) -> list[_Clock]:
    """Tell clocks apart by node and machine, in the order of what is below what."""
    known: dict[int, str] = {}
    clocks = []
    for node, resource in zip(tree.nodes, tree.resources, strict=True):
        if id(resource) not in known:
            known[id(resource)] = machine_of(resource)
        clocks.append((node, known[id(resource)]))
    return clocks


def machine_of(resource: Resource) -> str:
    """Return what tells a machine, with its clock, from others."""
    return first_of(resource.attributes, "host.id", "aws.ecs.task.arn", "host.name", "container.id", "faas.instance")


def _shift(calls: Sequence[_Call]) -> int:
    if all(_is_possible(*call) for call in calls):
        return 0
    least = max(shift + caller.start_ns - callee.start_ns for shift, caller, callee in calls)
    most = min(_latest_ends(calls), default=least)
    return (least + most) // 2 if most > least else least


def _is_possible(shift: int, caller: Span, callee: Span) -> bool:
    if callee.kind == SpanKind.CONSUMER:  # one that waits for messages begins before they are sent
        return callee.in_progress or callee.end_ns >= caller.start_ns + shift
    if callee.start_ns < caller.start_ns + shift:
        return False
    return not waits(caller) or callee.start_ns <= caller.end_ns + shift


def _latest_ends(calls: Iterable[_Call]) -> Iterable[int]:
    """Yield the largest shift that lets each callee end within its call, of those that fit into it at all."""
    for shift, caller, callee in calls:
        if not caller.in_progress and callee.end_ns - callee.start_ns <= caller.end_ns - caller.start_ns:
            yield shift + caller.end_ns - callee.end_ns


def waits(span: Span) -> bool:
    """
    Whether a span is a call that had its answer when it ended.

    A call that failed may have given up; one of an AWS service may have handed on a message or an event.
    """
    return (
        span.kind == SpanKind.CLIENT
        and not span.in_progress
        and attribute(span, "rpc.system") != "aws-api"
        and outcome(span) is not Outcome.FAULT
    )
