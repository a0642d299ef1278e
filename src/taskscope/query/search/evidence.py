"""What at least one row of each trace that is asked for says: cheap to look for, where such traces are rare."""

from typing import Final

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
    Selector,
    Service,
)
from taskscope.query.search.braces import combine, needs_trace, of_row
from taskscope.query.search.row import CAUSES, ENTERS_UNDER, FLAGS, OF_ROOT_NODE, Rows
from taskscope.query.search.source import UNNAMED, asks_sender

_TELLING: Final = (Keyword.ERROR, Keyword.THROTTLE, Keyword.FAULT, Keyword.PARTIAL)
"""Flags that few traces have."""
_UPWARDS: Final = (Operator.EQ, Operator.GT, Operator.GE)


def evidence_of(expression: Expression, rows: Rows) -> str:
    """Return a condition that a row of each trace that is asked for meets; empty if none is known."""
    return _evidence(expression, rows)[1]


def _evidence(expression: Expression, rows: Rows) -> tuple[int, str]:
    """Return the condition, and how common it is likely to be: 0 rare, 1, 2; empty ones are the commonest."""
    match expression:
        case All(parts):
            return min((_evidence(part, rows) for part in parts), key=lambda each: each[0])
        case AnyOf(parts):
            found = [_evidence(part, rows) for part in parts]
            if any(not condition for _, condition in found):
                return _NOTHING
            return max(common for common, _ in found), f"({' OR '.join(condition for _, condition in found)})"
        case Not(Flag(Keyword.OK)):
            return 1, "Outcome > 0"
        case Not() | Everything():
            return _NOTHING
        case leaf:
            return _of_leaf(leaf, rows)


_NOTHING: Final = (3, "")


def _of_leaf(leaf: Leaf, rows: Rows) -> tuple[int, str]:
    match leaf:
        case Flag(keyword) if keyword in _TELLING:
            return 1, FLAGS[keyword]
        case IsSet(subject) if subject is not Keyword.DURATION:
            return 2, _rows_of(leaf, rows)
        case Compare(subject, sign, _) if sign is not Operator.NE and subject is not Keyword.DURATION:
            return (0 if sign is Operator.EQ else 1), _rows_of(leaf, rows)
        case Service(selector, inside):
            asked = inside is not None and not isinstance(inside, Everything) and not needs_trace(inside)
            called = rows.called(selector)
            if not asked or inside is None:
                return 2, f"({rows.own(selector)} OR {_perhaps(called)})"
            # What is called is asked last: of 200,000 spans it takes 0.5 s for all, 0.05 s for faults alone.
            own = f"({rows.own(selector)} OR {UNNAMED} OR {called})"
            return 1, f"({_of_braces(inside, rows)} AND {own})"
        case Edge(source, target, inside):
            return _of_edge(source, target, inside, rows)
        case RootCause(cause) if cause != "responsetime":
            return 1, CAUSES[cause]
        case _:
            return _NOTHING


def _of_edge(source: Selector, target: Selector, inside: Expression | None, rows: Rows) -> tuple[int, str]:
    """Ask for the row of which the braces ask: a call by the source, or an entry of the target under a plain span."""
    if inside is None or isinstance(inside, Everything) or needs_trace(inside):
        return 2, rows.own(source)
    ends = f"(IsCall AND ({rows.own(source)} OR {UNNAMED}) OR {ENTERS_UNDER} AND {rows.own(target)})"
    return 1, f"({_of_braces(inside, rows)} AND {ends})"


def _of_braces(inside: Expression, rows: Rows) -> str:
    return _perhaps(combine(inside, lambda each: of_row(each, rows)))


def _perhaps(asked: str) -> str:
    """Let rows pass that may be of any service: X-Ray subsegments sent alone, whose segment is another row."""
    return f"({UNNAMED} OR {asked})" if asks_sender(asked) else asked


def _rows_of(leaf: IsSet | Compare, rows: Rows) -> str:
    """Ask a row what is asked of a trace; the node of a call is what it calls, but that of a root who it is."""
    if leaf.subject not in OF_ROOT_NODE:
        return of_row(leaf, rows)
    there = OF_ROOT_NODE[leaf.subject]
    if isinstance(leaf, IsSet):
        return "(" + " OR ".join(f"{each} != ''" for each in there) + ")"
    return f"({' OR '.join(rows.text(each, leaf.operator, leaf.value) for each in there)})"
