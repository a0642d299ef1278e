"""Traces in the forms of others."""

import json
from pathlib import Path
from typing import Any, Final

from taskscope.model.span import SpanKind
from taskscope.query.trace.documents import otlp_document, segment_documents
from tests.unit.query.trace.documents import TRACE, XRAY_TRACE, segment, sent, span

CAPTURES: Final = Path(__file__).parents[3] / "fixtures" / "xray"


def _web() -> dict[str, Any]:
    call = segment("DynamoDB", 2, 0.1, 0.2, namespace="aws", aws={"operation": "PutItem", "table_name": "orders"})
    return segment("web", 1, 0, 1, trace_id=XRAY_TRACE, subsegments=[call, segment("work", 3, 0.3, 0.4)])


def test_segment_is_given_back_whole() -> None:
    """With its subsegments inside, in whichever order rows come."""
    [document] = segment_documents(sent(_web())[::-1])
    assert (document.id, document.trace_id) == ("0000000000000001", XRAY_TRACE)
    assert json.loads(document.text) == _web()


def test_other_spans_become_a_document_each() -> None:
    """A server's span a segment, the work below it a subsegment."""
    documents = segment_documents([span(2, 1), span(1, kind=SpanKind.SERVER)])
    assert [(each.id[-1], json.loads(each.text).get("type")) for each in documents] == [
        ("1", None),
        ("2", "subsegment"),
    ]


def test_callee_that_sent_nothing_is_written_when_asked_for() -> None:
    """As X-Ray writes it: with the call's name and times, and the origin of what was called."""
    _, inferred = segment_documents(sent(_web()), inferred=True)
    told = json.loads(inferred.text)

    assert told.pop("id") == inferred.id != "0000000000000002"
    assert told == {
        "trace_id": XRAY_TRACE, "parent_id": "0000000000000002", "name": "DynamoDB", "inferred": True,
        "start_time": 1710277074.1, "end_time": 1710277074.2, "origin": "AWS::DynamoDB::Table",
        "aws": {"operation": "PutItem", "table_name": "orders"},
    }  # fmt: skip


def test_otlp_has_all_spans_once() -> None:
    """Under their senders."""
    document = otlp_document([span(1), span(1), span(2, 1, service="api")])
    assert [
        (each["resource"]["attributes"][0]["value"]["stringValue"], len(each["scopeSpans"][0]["spans"]))
        for each in document["resourceSpans"]
    ] == [("web", 1), ("api", 1)]
    assert document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"] == TRACE.hex()
