"""Rows of spans as filters ask them: those in progress beside the completed ones, unless they are completed."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from string import Template
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
_SENDERS: Final = ("NodeName", "NodeType")
"""Those that tell of the sender; the others ask attributes, after a join at five times the cost."""
_OF_SENDER: Final = re.compile(r"\b(ServiceName|Resource|NodeName|NodeType)\b")
UNNAMED: Final = "ServiceName = 'unknown_service'"
"""Of a row: an X-Ray subsegment that was sent alone, or another span of no service."""

JOIN_COST: Final = 4
"""How many times as long a question takes that looks for the segments of subsegments sent alone; measured: 1.5 to 4."""


def asks_sender(asked: str) -> bool:
    """Whether something in SQL asks who sent a span."""
    return _OF_SENDER.search(asked) is not None


def source(where: str, *, asked: str, in_progress: bool = True, alone: bool = False) -> str:
    """
    Return a subquery of the rows that meet a condition on times and ids, with ``InProgress`` (0 or 1) besides.

    ``asked`` is what is asked of them, in SQL: only rules whose columns it names are put in, since the engine resolves
    all that it is given, at 1 ms a rule. ``in_progress`` may be False where it is known that none is there: it saves a
    second look at the ids of ``spans``. With ``alone`` an X-Ray subsegment that was sent alone has the service and the
    resource of its segment, which it does not say itself: a join, for where there are such.
    """
    named = [name for name in _RULES if re.search(rf"\b{name}\b", asked)]
    if not alone:
        return _rows(where, _KEPT + _rules(named), in_progress=in_progress)
    kept = _rows(where, _KEPT + _rules(each for each in named if each not in _SENDERS), in_progress=in_progress)
    return f"(SELECT *{_rules(each for each in named if each in _SENDERS)} FROM ({_owned(kept)}))"  # noqa: S608 (likewise)


def _rules(names: Iterable[str]) -> str:
    return "".join(f", {render(_RULES[name])} AS {name}" for name in names)


def _rows(where: str, columns: str, *, in_progress: bool) -> str:
    completed = f"SELECT {columns}, 0 AS InProgress FROM spans PREWHERE {where}"  # noqa: S608 (values are parameters)
    if not in_progress:
        return f"({completed})"
    begun = f"SELECT TraceId FROM spans_in_progress WHERE {where}"  # noqa: S608 (likewise)
    known = f"SELECT TraceId, SpanId FROM spans PREWHERE {where} AND TraceId GLOBAL IN ({begun})"  # noqa: S608 (likewise)
    return (
        f"({completed} UNION ALL SELECT {columns}, 1 AS InProgress FROM spans_in_progress FINAL "  # noqa: S608 (likewise)
        f"WHERE {where} AND (TraceId, SpanId) GLOBAL NOT IN ({known}))"
    )


def _owned(rows: str) -> str:
    is_alone = f"({UNNAMED} AND {render('is_inside')})"
    return _file().substitute(rows=rows, is_alone=is_alone)


@cache
def _file() -> Template:
    return Template((files("taskscope.query") / "sql" / "owned_rows.sql").read_text(encoding="utf-8"))
