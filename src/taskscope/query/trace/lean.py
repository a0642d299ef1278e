"""Spans of one trace as columns of numbers, out of the store: 50,000 of them without an object for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from taskscope.model.resource import Resource
from taskscope.model.service_map import NodeKey
from taskscope.query.trace.read import MAX_SENDERS, parameters_of, resource_of
from taskscope.store.api import Reader
from taskscope.store.rules import quick_lookups, render

_ORDER: Final = "ORDER BY Timestamp, SpanId"
_INSIDE, _ENTRY, _IN_PROGRESS, _EXCEPTION, _TRACED, _AWS_CALL = 4, 8, 16, 32, 64, 128
"""Flags of ``lean.sql``; the two lowest bits are the outcome."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of each span before it is put together, in arrays."""

    ids: NDArray[np.uint64]
    parents: NDArray[np.uint64]
    """0 for none."""
    starts: NDArray[np.int64]
    """As sent."""
    ends: NDArray[np.int64]
    kinds: NDArray[np.int64]
    outcomes: NDArray[np.int64]
    """By the numbers that ``outcome.sql`` gives them."""
    inside: NDArray[np.bool_]
    entry: NDArray[np.bool_]
    in_progress: NDArray[np.bool_]
    exceptions: NDArray[np.bool_]
    traced: NDArray[np.bool_]
    aws_calls: NDArray[np.bool_]
    senders: NDArray[np.int64]
    """Of ``LeanSpans.resources``."""
    names: NDArray[np.int64]
    called: NDArray[np.int64]
    users: NDArray[np.int64]
    annotations: NDArray[np.int64]
    """Of ``LeanSpans.annotations``; 0 for none."""

    def take(self, order: NDArray[np.int64]) -> Self:
        """Return these spans in this order."""
        return type(self)(*(getattr(self, each.name)[order] for each in fields(self)))


@dataclass(frozen=True, slots=True)
class LeanSpans:
    """Spans, and what their numbers stand for; the first of ``called``, ``users`` and ``annotations`` is for none."""

    facts: Facts
    resources: Sequence[Resource]
    names: Sequence[str]
    called: Sequence[NodeKey]
    users: Sequence[str]
    annotations: Sequence[Mapping[str, str]]
    """Attributes of the spans that have annotations."""


def read_lean(reader: Reader, trace_id: bytes, *, limit: int) -> tuple[LeanSpans, bool]:
    """
    Read the spans of a trace; where there are more than ``limit`` the earliest, and True.

    A span in progress that was completed is among them.

    Raises:
        UnreachableError: Nothing answers at the store's address.
        TaskscopeError: It took too long or too much memory.
    """
    parameters = parameters_of([trace_id], None)
    rows = reader.query(_statement(""), {**parameters, "limit": limit + 1}, max_rows=MAX_SENDERS).rows
    is_cut = sum(len(row[5]) for row in rows) > limit
    if is_cut:  # the order takes as long as all the rest, and nearly no trace needs it
        rows = reader.query(_statement(_ORDER), {**parameters, "limit": limit}, max_rows=MAX_SENDERS).rows
    return _lean(rows), is_cut


class _Rules(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return render(name)


@cache
def _statement(order: str) -> str:
    folder = files("taskscope.query") / "sql" / "trace"
    names: Mapping[str, str] = _Rules(order=order, found=(folder / "found.sql").read_text(encoding="utf-8"))
    return quick_lookups(Template((folder / "lean.sql").read_text(encoding="utf-8")).substitute(names))


def _lean(rows: Sequence[Sequence[Any]]) -> LeanSpans:
    resources: dict[tuple[str, str, str], int] = {}
    senders = [
        np.full(len(row[5]), resources.setdefault((row[0], row[1], row[2]), len(resources)), np.int64) for row in rows
    ]
    starts = _numbers(row[5] for row in rows)
    flags = _numbers(row[8] for row in rows)
    names, called, users = _Codes(), _Codes(("", "")), _Codes("")
    annotated: list[Mapping[str, str]] = [{}]
    facts = Facts(
        _ids(row[3] for row in rows),
        _ids(row[4] for row in rows),
        starts,
        starts + _numbers(row[6] for row in rows),
        _numbers(row[7] for row in rows),
        flags & 3,
        (flags & _INSIDE) != 0,
        (flags & _ENTRY) != 0,
        (flags & _IN_PROGRESS) != 0,
        (flags & _EXCEPTION) != 0,
        (flags & _TRACED) != 0,
        (flags & _AWS_CALL) != 0,
        np.concatenate([np.zeros(0, np.int64), *senders]),
        names.of(row[9] for row in rows),
        called.of(zip(row[10], row[11], strict=True) for row in rows),
        users.of(row[12] for row in rows),
        _numbers([_place(each, annotated) for each in row[13]] for row in rows),
    )
    nodes = [NodeKey(*each) if each[0] else NodeKey("", "") for each in called.known]
    return LeanSpans(
        facts, [resource_of(*each) for each in resources], [*names.known], nodes, [*users.known], annotated
    )


def _ids(texts: Iterable[str]) -> NDArray[np.uint64]:
    """Read ids of eight bytes; their order as numbers is that of their bytes."""
    return np.frombuffer(bytes.fromhex("".join(texts)), ">u8").astype(np.uint64)


def _numbers(columns: Iterable[Sequence[int]]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(0, np.int64), *(np.array(each, np.int64) for each in columns)])


def _place(attributes: Mapping[str, str], known: list[Mapping[str, str]]) -> int:
    if not attributes:
        return 0
    known.append(attributes)
    return len(known) - 1


class _Codes:
    """Gives each different value a number, in the order in which they come."""

    def __init__(self, *first: Any) -> None:
        self.known: dict[Any, int] = {each: place for place, each in enumerate(first)}

    def of(self, columns: Iterable[Iterable[Any]]) -> NDArray[np.int64]:
        """Return the numbers of the values of these columns, one after the other."""
        known = self.known
        return _numbers([known.setdefault(each, len(known)) for each in column] for column in columns)
