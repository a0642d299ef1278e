"""Expression to SQL: one condition over a trace, the group of its rows, and one that a row of each such trace meets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from taskscope.errors import UsageError
from taskscope.query.search.ast import (
    Compare,
    Edge,
    Everything,
    Expression,
    Flag,
    IsSet,
    Keyword,
    Leaf,
    Operator,
    RootCause,
    Selector,
    Service,
    Subject,
    Value,
)
from taskscope.query.search.braces import ANSWERED, Link, combine, some_root_cause, some_row
from taskscope.query.search.evidence import evidence_of
from taskscope.query.search.parameters import Parameters
from taskscope.query.search.root import of_root
from taskscope.query.search.row import ENTERS_UNDER, FLAGS, INFERS, OF_ROOT_NODE, Rows

_MAX_CHARACTERS: Final = 120_000
"""The engine takes statements of 256 kB; a condition is once in one, and its parameters are beside it."""
DURATION: Final = "(max(toUnixTimestamp64Nano(Timestamp) + toInt64(Duration)) - toUnixTimestamp64Nano(min(Timestamp)))"
"""Of a trace, in ns."""
_OF_ROOT: Final = frozenset(
    (Keyword.RESPONSE_TIME, Keyword.HTTP_STATUS, Keyword.HTTP_URL, Keyword.HTTP_METHOD, Keyword.HTTP_USER_AGENT,
     Keyword.HTTP_CLIENT_IP)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """What an expression asks, for statements over the rows that ``query.search.source`` gives."""

    having: str
    """Of a trace: for ``GROUP BY TraceId``, over all of its rows."""
    where: str
    """Of a row: each trace that is asked for has one that meets it; empty where nothing of the kind is known."""
    parameters: Mapping[str, Any]
    """To bind, by name."""


def plan(expression: Expression) -> Condition:
    """
    Plan an expression, its groups expanded.

    Raises:
        UsageError: It asks for a group, or for more than a statement can hold.
    """
    parameters = Parameters()
    rows = Rows(parameters)
    having, where = combine(expression, lambda leaf: _of_trace(leaf, rows)), evidence_of(expression, rows)
    if len(having) + len(where) > _MAX_CHARACTERS:
        raise UsageError("the filter asks for too much at once", hint="ask for a part of it")
    return Condition(having, where, parameters.values)


def _of_trace(leaf: Leaf, rows: Rows) -> str:
    match leaf:
        case Flag(keyword):
            return _flag(keyword)
        case IsSet(subject):
            return _is_set(subject, rows)
        case Compare(subject, sign, value):
            asked = _compare(subject, sign, value, rows)
            return f"NOT ({asked})" if sign is Operator.NE else asked
        case Service(selector, inside):
            return _service(selector, inside, rows)
        case Edge(source, target, inside):
            return _edge(source, target, inside or Everything(), rows)
        case RootCause():
            return some_root_cause(rows, leaf)
        case _:
            raise UsageError("a group in a filter must be expanded before it is asked")


def _flag(keyword: Keyword) -> str:
    match keyword:
        case Keyword.PARTIAL | Keyword.REMOTE:
            return f"max({FLAGS[keyword]}) = 1"
        case Keyword.INFERRED:
            return f"NOT hasAll({ANSWERED}, groupUniqArrayIf(SpanId, {INFERS}))"
        case Keyword.ROOT:
            return f"NOT {of_root('HasParent')}"
        case _:
            return of_root(FLAGS[keyword])


def _is_set(subject: Subject, rows: Rows) -> str:
    if subject is Keyword.DURATION:
        return f"{DURATION} != 0"
    if subject in OF_ROOT_NODE:
        return of_root(" OR ".join(f"{there} != ''" for there in OF_ROOT_NODE[subject]))
    asked = rows.is_set(subject)
    return of_root(asked) if subject in _OF_ROOT else f"max({asked}) = 1"


def _compare(subject: Subject, sign: Operator, value: Value, rows: Rows) -> str:
    if subject is Keyword.DURATION:
        return rows.number(DURATION, sign, round(float(value) * 1e9))
    if subject in OF_ROOT_NODE:
        return of_root(" OR ".join(rows.text(there, sign, value) for there in OF_ROOT_NODE[subject]))
    asked = rows.compare(subject, sign, value)
    return of_root(asked) if subject in _OF_ROOT else f"max({asked}) = 1"


def _service(selector: Selector, inside: Expression | None, rows: Rows) -> str:
    own, called = rows.own(selector), rows.called(selector)
    if inside is None:
        return f"max({own} OR {called}) = 1"
    return some_row(rows, f"({own} AND (IsEntry OR NOT IsCall) OR {called})", inside)


def _edge(source: Selector, target: Selector, inside: Expression, rows: Rows) -> str:
    """A call that names the target, a call that an entry of the target answers, or such an entry under a plain span."""
    own, entry = rows.own(source), f"({ENTERS_UNDER} AND {rows.own(target)})"
    answered = Link("SpanId", f"groupUniqArrayIf(ParentSpanId, {entry})")
    under = Link("ParentSpanId", f"groupUniqArrayIf(SpanId, {own} AND NOT IsCall)")
    asked = (
        some_row(rows, f"(IsCall AND {own} AND {rows.called(target)})", inside),
        some_row(rows, f"(IsCall AND {own})", inside, answered),
        some_row(rows, entry, inside, under),
    )
    return f"({' OR '.join(asked)})"
