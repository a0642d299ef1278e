"""Documents to JSON-ready values and back."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from taskscope.model.document import from_document, to_document
from taskscope.model.service_map import EdgeKind, MapEdge, MapNode, NodeKey, NodeKind, ServiceMap, Statistics, Tally
from taskscope.model.trace import ExceptionView, HttpExchange, Outcome, SpanView

_STATISTICS = Statistics(Tally(1, 2, 3, 4), 5, 6, {7: 8})
_MAP = ServiceMap(
    (MapNode(0, NodeKey("a", "b"), NodeKind.SERVICE, is_entry=True, statistics=_STATISTICS, start_ns=1, end_ns=2),),
    (MapEdge(0, 0, EdgeKind.LINK, _STATISTICS, 1, 2),),
)
_SPAN = SpanView(
    span_id="0" * 16, parent=-1, depth=0, end_row=1, section=0, name="a", kind=1, start_ns=1, duration_ns=2, own_ns=2,
    critical=((0, 1), (1, 2)), outcome=Outcome.FAULT, http=HttpExchange("GET"), called=NodeKey("n", ""),
    exceptions=(ExceptionView("E", "m"),), attributes={"k": "v"},
)  # fmt: skip


@pytest.mark.parametrize("value", [_MAP, _SPAN], ids=["map", "span"])
def test_what_is_written_reads_as_it_was(value: Any) -> None:
    """Through JSON, which knows neither tuples nor keys that are numbers."""
    assert from_document(type(value), json.loads(json.dumps(to_document(value)))) == value


def test_plain_values_stay_what_they_are() -> None:
    """What is nested in them is written all the same."""
    assert to_document({"a": [1, None, (2.5, EdgeKind.CALL)], 7: NodeKey("x", "y")}) == {
        "a": [1, None, [2.5, "call"]],
        "7": {"name": "x", "type": "y"},
    }


@dataclass(frozen=True)
class _Pair:
    needed: int
    spare: str = "s"


def test_members_may_be_missing_or_unknown() -> None:
    """Another version wrote it; but not one that is needed, nor one of another type."""
    assert from_document(_Pair, {"needed": 1, "novel": 2}) == _Pair(1)
    wrongs: list[object] = [{}, {"needed": "1"}, [], None]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="_Pair"):
            from_document(_Pair, wrong)
