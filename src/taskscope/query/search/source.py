"""Rows of spans as filters ask them: those in progress beside the completed ones, unless they are completed."""

import re
from collections.abc import Mapping
from typing import Final

from taskscope.store.rules import render

_KEPT: Final = (
    "Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, Resource, SpanAttributes, Duration, "
    "StatusCode, StatusMessage, `Events.Name`, `Events.Attributes`"
)
_RULES: Final[Mapping[str, str]] = {
    "Outcome": "outcome", "IsCall": "is_call", "IsEntry": "is_entry", "HasParent": "has_parent",
    "IsInside": "is_inside", "CalledName": "called_name", "CalledType": "called_type",
    "NodeName": "node_name", "NodeType": "node_type",
    "HttpStatus": "http_status", "HttpMethod": "http_method", "HttpUrl": "http_url", "UserAgent": "user_agent",
    "ClientIp": "client_ip", "User": "user",
}  # fmt: skip
"""Columns of these rows besides those of the table: what a span means."""


def source(where: str, *, asked: str, in_progress: bool = True) -> str:
    """
    Return a subquery of the rows that meet a condition on times and ids, with ``InProgress`` (0 or 1) besides.

    ``asked`` is what is asked of them, in SQL: only rules whose columns it names are put in, since the engine resolves
    all that it is given, at 1 ms a rule. ``in_progress`` may be False where it is known that none is there: it saves a
    second look at the ids of ``spans``.
    """
    rules = (f", {render(rule)} AS {name}" for name, rule in _RULES.items() if re.search(rf"\b{name}\b", asked))
    columns = _KEPT + "".join(rules)
    completed = f"SELECT {columns}, 0 AS InProgress FROM spans PREWHERE {where}"  # noqa: S608 (values are parameters)
    if not in_progress:
        return f"({completed})"
    begun = f"SELECT TraceId FROM spans_in_progress WHERE {where}"  # noqa: S608 (likewise)
    known = f"SELECT TraceId, SpanId FROM spans PREWHERE {where} AND TraceId GLOBAL IN ({begun})"  # noqa: S608 (likewise)
    return (
        f"({completed} UNION ALL SELECT {columns}, 1 AS InProgress FROM spans_in_progress FINAL "  # noqa: S608 (likewise)
        f"WHERE {where} AND (TraceId, SpanId) GLOBAL NOT IN ({known}))"
    )
