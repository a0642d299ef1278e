"""Filter expressions over the spans of one trace in memory: slow, and right by reading."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from taskscope.errors import UsageError
from taskscope.model.span import Span
from taskscope.model.trace import Outcome
from taskscope.query.rules.node import has_parent, is_call, service_node
from taskscope.query.rules.outcome import http_status, outcome
from taskscope.query.search.ast import (
    All,
    AnyOf,
    Compare,
    Edge,
    Everything,
    Expression,
    Flag,
    IsSet,
    Keyword,
    Leaf,
    Not,
    Operator,
    RootCause,
    Service,
    Subject,
    Value,
)
from taskscope.query.search.owners import with_owners
from taskscope.query.search.span_facts import duration_ns, texts
from taskscope.query.search.trace_facts import Element, TraceFacts

NUMBER: Final = r"^-?[0-9]{1,300}(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$"
"""Texts that are compared with numbers, as JSON writes these."""
_NUMBER: Final = re.compile(NUMBER)
_OF_ROOT: Final = (
    Keyword.HTTP_URL, Keyword.HTTP_METHOD, Keyword.HTTP_USER_AGENT, Keyword.HTTP_CLIENT_IP,
)  # fmt: skip
_OUTCOMES: Final[Mapping[Keyword, tuple[Outcome, ...]]] = {
    Keyword.OK: (Outcome.OK,),
    Keyword.ERROR: (Outcome.ERROR, Outcome.THROTTLE),
    Keyword.THROTTLE: (Outcome.THROTTLE,),
    Keyword.FAULT: (Outcome.FAULT,),
}
_NUMBERS: Final[Mapping[Operator, Callable[[float, float], bool]]] = {
    Operator.EQ: operator.eq, Operator.NE: operator.eq, Operator.LT: operator.lt, Operator.LE: operator.le,
    Operator.GT: operator.gt, Operator.GE: operator.ge,
}  # fmt: skip
_TEXTS: Final[Mapping[Operator, Callable[[str, str], bool]]] = {
    Operator.EQ: operator.eq, Operator.NE: operator.eq, Operator.CONTAINS: operator.contains,
    Operator.BEGINS_WITH: str.startswith, Operator.ENDS_WITH: str.endswith,
}  # fmt: skip


def matches(expression: Expression, spans: Sequence[Span]) -> bool:
    """
    Whether a trace is one that an expression asks for.

    ``spans`` are all of one trace, attributes as texts; without any nothing matches.

    Raises:
        UsageError: The expression asks for a group, which must be expanded before.
    """
    trace = TraceFacts(with_owners(spans))
    return bool(spans) and _holds(expression, lambda leaf: _of_trace(leaf, trace))


def _holds(expression: Expression, of_leaf: Callable[[Leaf], bool]) -> bool:
    match expression:
        case All(parts):
            return all(_holds(part, of_leaf) for part in parts)
        case AnyOf(parts):
            return any(_holds(part, of_leaf) for part in parts)
        case Not(part):
            return not _holds(part, of_leaf)
        case Everything():
            return True
        case leaf:
            return of_leaf(leaf)


def _of_trace(leaf: Leaf, trace: TraceFacts) -> bool:
    match leaf:
        case Flag(keyword):
            return _flag_of_trace(keyword, trace)
        case IsSet(subject):
            return any(_values_of_trace(subject, trace))
        case Compare(subject, sign, value):
            return _compare(_values_of_trace(subject, trace), sign, value, subject)
        case Service(selector, inside):
            return _some(trace.of_service(selector, asked=inside is not None), inside, trace)
        case Edge(source, target, inside):
            return _some(trace.of_edge(source, target), inside, trace)
        case RootCause(cause, part, inside):
            return _some(trace.root_causes(cause, part), inside, trace)
        case _:
            raise UsageError("a group in a filter must be expanded before it is asked")


def _some(elements: Sequence[Element], inside: Expression | None, trace: TraceFacts) -> bool:
    return any(inside is None or _holds(inside, lambda leaf: _of_element(leaf, each, trace)) for each in elements)  # noqa: B023 (called at once)


def _flag_of_trace(keyword: Keyword, trace: TraceFacts) -> bool:
    match keyword:
        case Keyword.PARTIAL:
            return any(span.in_progress for span in trace.spans)
        case Keyword.INFERRED:
            return any(map(trace.is_inferred, trace.spans))
        case Keyword.REMOTE:
            return any(map(is_call, trace.spans))
        case Keyword.ROOT:
            return not has_parent(trace.root)
        case _:
            return outcome(trace.root) in _OUTCOMES[keyword]


def _values_of_trace(subject: Subject, trace: TraceFacts) -> Sequence[str | float]:
    match subject:
        case Keyword.DURATION:
            return [trace.duration_ns]
        case Keyword.RESPONSE_TIME:
            return [duration_ns(trace.root)]
        case Keyword.HTTP_STATUS:
            return [http_status(trace.root)]
        case Keyword.NAME:
            return [service_node(trace.root.resource).name, trace.root.name]
        case Keyword.TYPE:
            return [service_node(trace.root.resource).type]
        case _ if subject in _OF_ROOT:
            return texts(subject, trace.root)
        case _:
            return [text for span in trace.spans for text in texts(subject, span)]


def _of_element(leaf: Leaf, element: Element, trace: TraceFacts) -> bool:
    match leaf:
        case Flag(keyword):
            return _flag_of_element(keyword, element, trace)
        case IsSet(subject):
            return any(_values_of_element(subject, element, trace))
        case Compare(subject, sign, value):
            return _compare(_values_of_element(subject, element, trace), sign, value, subject)
        case _:
            raise UsageError("braces in a filter ask of one span")


def _flag_of_element(keyword: Keyword, element: Element, trace: TraceFacts) -> bool:
    match keyword:
        case Keyword.PARTIAL:
            return element.span.in_progress
        case Keyword.INFERRED:
            return trace.is_inferred(element.span)
        case Keyword.REMOTE:
            return is_call(element.span)
        case Keyword.ROOT:
            return element.span.span_id == trace.root.span_id
        case Keyword.FIRST:
            return element.index == 0
        case Keyword.LAST:
            return element.index == element.count - 1
        case _:
            return outcome(element.span) in _OUTCOMES[keyword]


def _values_of_element(subject: Subject, element: Element, trace: TraceFacts) -> Sequence[str | float]:
    match subject:
        case Keyword.DURATION | Keyword.RESPONSE_TIME:
            return [duration_ns(element.span)]
        case Keyword.HTTP_STATUS:
            return [http_status(element.span)]
        case Keyword.COVERAGE:
            return [trace.coverage(element.span)]
        case Keyword.INDEX:
            return [element.index]
        case Keyword.NAME | Keyword.TYPE if element.exception:
            return [element.exception[0]]
        case Keyword.MESSAGE if element.exception:
            return [element.exception[1]]
        case _:
            return texts(subject, element.span)


def _compare(values: Sequence[str | float], sign: Operator, value: Value, subject: Subject) -> bool:
    found = any(_fits(each, sign, value, subject) for each in values)
    return found is not (sign is Operator.NE)


def _fits(there: str | float, sign: Operator, value: Value, subject: Subject) -> bool:
    if isinstance(value, bool):
        return there == ("true" if value else "false")
    if isinstance(value, str):
        return isinstance(there, str) and there != "" and _TEXTS[sign](there, value)
    if isinstance(there, str):
        return _NUMBER.match(there) is not None and _NUMBERS[sign](float(there), value)
    if subject is Keyword.HTTP_STATUS and not there:
        return False
    return _NUMBERS[sign](there, in_unit(subject, value))


def in_unit(subject: Subject, value: float) -> float:
    """Return a number in the unit that its subject has here: of times nanoseconds."""
    return float(round(value * 1e9)) if subject in (Keyword.DURATION, Keyword.RESPONSE_TIME) else value
