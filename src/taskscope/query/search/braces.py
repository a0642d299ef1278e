"""What braces ask, as SQL over a trace, a group of rows: that it has a row or a root cause of which it holds."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from taskscope.errors import UsageError
from taskscope.query.search.ast import (
    All,
    AnyOf,
    Compare,
    Everything,
    Expression,
    Flag,
    IsSet,
    Keyword,
    Leaf,
    Not,
    Operator,
    Part,
    RootCause,
    Value,
    leaves,
)
from taskscope.query.search.keywords import LISTED
from taskscope.query.search.root import of_root
from taskscope.query.search.row import (
    CAUSES,
    ENTERS_UNDER,
    EXCEPTIONS,
    FLAGS,
    INFERS,
    NODE,
    Rows,
)

ANSWERED: Final = f"groupUniqArrayIf(ParentSpanId, {ENTERS_UNDER})"
"""Ids of the spans under which a span enters a service."""
_OF_TRACE: Final = LISTED | {Keyword.INFERRED, Keyword.ROOT, Keyword.COVERAGE}
"""What a row alone does not tell."""
_ROOT_TIME: Final = of_root("Duration")
_COVERAGE: Final = f"if({_ROOT_TIME} = 0, 0, e.5 / {_ROOT_TIME})"


class Link(NamedTuple):
    """That an id in a row's column is one of a set, which an aggregate makes."""

    column: str
    ids: str


def combine(expression: Expression, of_leaf: Callable[[Leaf], str]) -> str:
    """Join the conditions of leaves as an expression does."""
    match expression:
        case All(parts):
            return f"({' AND '.join(combine(part, of_leaf) for part in parts)})"
        case AnyOf(parts):
            return f"({' OR '.join(combine(part, of_leaf) for part in parts)})"
        case Not(part):
            return f"NOT ({combine(part, of_leaf)})"
        case Everything():
            return "1"
        case leaf:
            return of_leaf(leaf)


def needs_trace(expression: Expression) -> bool:
    """Whether something is asked that a row alone does not tell."""
    return any(_subject(leaf) in _OF_TRACE for leaf in leaves(expression))


def of_row(leaf: Leaf, rows: Rows) -> str:
    """Make the condition of a leaf on one row."""
    match leaf:
        case Flag(keyword):
            return FLAGS[keyword]
        case IsSet(subject):
            return rows.is_set(subject)
        case Compare(subject, sign, value):
            return _turned(sign, rows.compare(subject, sign, value))
        case _:
            raise UsageError("braces in a filter ask of one span")


def some_row(rows: Rows, condition: str, inside: Expression, link: Link | None = None) -> str:
    """Ask whether a trace has a row that meets a condition and of which an expression holds."""
    if needs_trace(inside):
        return _Listed(rows, Part.ENTITY).some(f"groupArrayIf({{row}}, {condition})", inside, link)
    asked = f"({condition} AND {combine(inside, lambda leaf: of_row(leaf, rows))})"
    return f"hasAny(groupUniqArrayIf({link.column}, {asked}), {link.ids})" if link else f"max({asked}) = 1"


def some_root_cause(rows: Rows, leaf: RootCause) -> str:
    """Ask whether a list of root causes has an element of which an expression holds."""
    cause = CAUSES[leaf.cause]
    listed = _Listed(rows, leaf.part)
    found = f"groupArrayIf({{row}}, {cause})"
    if leaf.part is Part.EXCEPTION:
        each = f"arrayMap((each, number) -> {{row}}, {EXCEPTIONS}, arrayEnumerate({EXCEPTIONS}))"
        found = f"groupArrayArrayIf({each}, {cause})"
    found = f"arraySort(e -> (e.1, e.2, e.3), {found})"
    if leaf.cause == "responsetime":
        found = f"arrayFilter(e -> 2 * e.5 >= {_ROOT_TIME}, {found})"
    if leaf.part is Part.SERVICE:
        found = f"arrayFilter((e, nth) -> nth = 1, {found}, arrayEnumerateUniq(arrayMap(e -> (e.6, e.7), {found})))"
    return listed.some(found, leaf.inside or Everything(), None)


class _Listed:
    """
    A list of rows: in its conditions ``e`` is one, ``i`` its place from 1. What a row tells by itself is a member:

    1 Timestamp, 2 SpanId, 3 number of the exception, 4 whether it calls what may be inferred, 5 Duration, 6 and 7 name
    and type of its node, or type and message of the exception; then what is asked.
    """

    def __init__(self, rows: Rows, part: Part) -> None:
        self._rows = rows
        self._part = part
        members = ("each.1", "each.2") if part is Part.EXCEPTION else NODE
        number = "number" if part is Part.EXCEPTION else "0"
        self._members = ["Timestamp", "SpanId", number, INFERS, "Duration", *members]

    def some(self, found: str, inside: Expression, link: Link | None) -> str:
        """Ask whether an element has it; ``found`` makes the list of ``{row}``."""
        asked = combine(inside, self._leaf)
        if link:
            asked = f"{asked} AND has({link.ids}, {self._member(link.column)})"
        found = found.replace("{row}", f"({', '.join(self._members)})")
        if not any(_subject(leaf) in LISTED for leaf in leaves(inside)):
            return f"arrayExists(e -> {asked}, {found})"
        asked = asked.replace("{count}", f"length({found})")
        return f"arrayExists((e, i) -> {asked}, {found}, arrayEnumerate({found}))"

    def _member(self, expression: str) -> str:
        if expression not in self._members:
            self._members.append(expression)
        return f"e.{self._members.index(expression) + 1}"

    def _leaf(self, leaf: Leaf) -> str:
        subject = _subject(leaf)
        if isinstance(leaf, Flag) and subject in _FLAGS:
            return _FLAGS[leaf.keyword]
        if subject in _NUMBERS:
            there = _NUMBERS[subject]
            return self._asked(leaf, f"{there} != 0", lambda sign, value: self._rows.number(there, sign, float(value)))
        if self._part is Part.EXCEPTION and subject in (Keyword.NAME, Keyword.TYPE, Keyword.MESSAGE):
            text = "e.7" if subject is Keyword.MESSAGE else "e.6"
            return self._asked(leaf, f"{text} != ''", lambda sign, value: self._rows.text(text, sign, value))
        return self._member(of_row(leaf, self._rows))

    def _asked(self, leaf: Leaf, is_set: str, compare: Callable[[Operator, Value], str]) -> str:
        return _turned(leaf.operator, compare(leaf.operator, leaf.value)) if isinstance(leaf, Compare) else is_set


_FLAGS: Final = {
    Keyword.FIRST: "i = 1",
    Keyword.LAST: "i = {count}",
    Keyword.ROOT: f"e.2 = {of_root('SpanId')}",
    Keyword.INFERRED: f"(e.4 AND NOT has({ANSWERED}, e.2))",
}
_NUMBERS: Final[Mapping[object, str]] = {Keyword.INDEX: "(i - 1)", Keyword.COVERAGE: _COVERAGE}


def _subject(leaf: Leaf) -> object:
    return leaf.keyword if isinstance(leaf, Flag) else leaf.subject if isinstance(leaf, IsSet | Compare) else None


def _turned(sign: Operator, condition: str) -> str:
    return f"NOT ({condition})" if sign is Operator.NE else condition
