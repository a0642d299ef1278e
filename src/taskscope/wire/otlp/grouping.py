"""Rows by resource and scope, as OTLP nests them."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from taskscope.model.log import LogRecord
from taskscope.model.metric import Datapoint
from taskscope.model.span import Span

RowT = TypeVar("RowT", Span, LogRecord, Datapoint)


def by_resource_and_scope(rows: Iterable[RowT]) -> Sequence[Sequence[Sequence[RowT]]]:
    """
    Return resources, of each its scopes, of each its rows; all in order of first appearance, none empty.

    Resource and scope are told apart by identity.
    """
    groups: dict[int, dict[int, list[RowT]]] = {}
    for row in rows:
        groups.setdefault(id(row.resource), {}).setdefault(id(row.scope), []).append(row)
    return [list(scopes.values()) for scopes in groups.values()]
