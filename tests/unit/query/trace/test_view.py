"""A whole trace as it is shown."""

import json
from typing import Any

from hypothesis import given, settings

from taskscope.model.document import from_document, to_document
from taskscope.model.service_map import NodeKey, NodeKind
from taskscope.model.span import Span, SpanKind
from taskscope.model.trace import HttpExchange, Outcome, TraceView
from taskscope.query.trace.view import view_trace
from tests.unit.query.trace.any_trace import any_trace
from tests.unit.query.trace.documents import MS, START, TRACE, segment, sent, span


def _failed() -> list[Span]:
    """Return a request that fails in a service behind it, whose clock is wrong."""
    stack = [{"path": "pay.py", "line": 42, "label": "charge"}]
    cause = {"exceptions": [{"id": "73d2e9f0a1b2c3d4", "type": "UpstreamError", "message": "503", "stack": stack}]}
    http = {"request": {"method": "POST", "url": "https://shop.test/orders"}, "response": {"status": 502}}
    web = segment(
        "web", 1, 0, 0.4, user="u-17", fault=True, http=http, annotations={"tenant": "acme", "items": 3},
        resource_arn="arn:web", aws={"ec2": {"instance_id": "i-1", "availability_zone": "eu-west-1a"}},
        subsegments=[
            segment("DynamoDB", 2, 0.01, 0.05, namespace="aws", aws={"operation": "PutItem", "table_name": "orders"}),
            segment("pay.test", 3, 0.1, 0.3, namespace="remote", fault=True, cause=cause),
        ],
    )  # fmt: skip
    pay = segment("pay", 4, -5, -4.9, parent_id=f"{3:016x}", annotations={"tenant": "acme"}, user="u-17")
    return [*sent(pay), *sent(web)]


def test_summary_tells_of_the_root_and_of_all_spans() -> None:
    """The trace begins where its first corrected span does."""
    summary = view_trace(_failed()).summary

    assert summary.trace_id == TRACE.hex()
    assert (summary.start_ns, summary.duration_ns, summary.response_ns) == (START, 400 * MS, 400 * MS)
    assert (summary.root_name, summary.root_node, summary.root_outcome) == ("web", ("web", ""), Outcome.FAULT)
    assert summary.http == HttpExchange("POST", "https://shop.test/orders", 502)
    assert summary.tally == {"ok": 2, "error": 0, "throttle": 0, "fault": 2}
    assert (summary.span_count, summary.users) == (4, ("u-17",))
    assert summary.annotations == {"tenant": ("acme",), "items": ("3",)}
    assert (summary.is_partial, summary.is_orphan) == (False, False)
    assert summary.resource_arns == ("arn:web",)
    assert (summary.instance_ids, summary.availability_zones) == (("i-1",), ("eu-west-1a",))


def test_sections_are_services_and_what_sent_nothing() -> None:
    """The callee whose clock was wrong says by how much."""
    view = view_trace(_failed())
    assert [(each.node, each.kind, each.skew_ns) for each in view.sections] == [
        (NodeKey("web", ""), NodeKind.SERVICE, 0),
        (NodeKey("pay", ""), NodeKind.SERVICE, 5_150 * MS),
        (NodeKey("orders", "AWS::DynamoDB::Table"), NodeKind.INFERRED, 0),
    ]
    assert view.sections[0].resource["host.id"] == "i-1"


def test_rows_say_what_they_did_and_how_it_went() -> None:
    """Times are corrected; what was called is named; exceptions have their stack."""
    web, table, call, pay = view_trace(_failed()).spans

    assert (web.own_ns, web.is_entry, web.end_row) == (160 * MS, True, 4)
    assert (table.called, table.outcome, table.parent) == (("orders", "AWS::DynamoDB::Table"), Outcome.OK, 0)
    assert (call.outcome, call.critical) == (Outcome.FAULT, ((0, 50 * MS), (150 * MS, 200 * MS)))
    [exception] = call.exceptions
    assert (exception.type, exception.message) == ("UpstreamError", "503")
    assert "charge" in exception.stack
    assert (pay.start_ns, pay.duration_ns, pay.parent, pay.is_entry) == (START + 150 * MS, 100 * MS, 2, True)


def test_cause_that_is_an_id_shows_the_exception_of_another_span() -> None:
    """With the span that recorded it; one that is not there is told of as well."""
    cause = {"exceptions": [{"id": "73d2e9f0a1b2c3d4", "type": "UpstreamError", "message": "503"}]}
    web = segment("web", 1, 0, 0.4, fault=True, cause="73d2e9f0a1b2c3d4", subsegments=[
        segment("pay.test", 3, 0.1, 0.3, namespace="remote", fault=True, cause=cause),
        segment("work", 4, 0.3, 0.4, fault=True, cause="00000000000000aa"),
    ])  # fmt: skip
    root, own, missing = view_trace(sent(web)).spans

    [pointed] = root.exceptions
    assert (pointed.type, pointed.message, pointed.recorded_in) == ("UpstreamError", "503", f"{3:016x}")
    assert [(each.type, each.recorded_in) for each in own.exceptions] == [("UpstreamError", "")]
    assert [each.message for each in missing.exceptions] == [
        "exception 00000000000000aa of another span, which is not there"
    ]


def test_attributes_are_there_when_asked_for() -> None:
    """As texts."""
    assert view_trace(_failed()).spans[0].attributes == {}
    assert view_trace(_failed(), attributes=True).spans[0].attributes["http.response.status_code"] == "502"


def test_machines_whose_clocks_agree_share_their_services_section() -> None:
    """However many tasks a service has."""
    calls = [span(10 + number, 1, kind=SpanKind.CLIENT, start=10, took=80) for number in range(3)]
    answers = [
        span(20 + number, 10 + number, kind=SpanKind.SERVER, service="api", host=f"task {number}", start=start)
        for number, start in enumerate((20, 30, -900))
    ]
    view = view_trace([span(1, kind=SpanKind.SERVER, took=100), *calls, *answers])
    assert sorted((each.node.name, each.skew_ns != 0) for each in view.sections) == [
        ("api", False), ("api", True), ("web", False),
    ]  # fmt: skip


def test_trace_in_progress_says_so() -> None:
    """Of the trace, and of the row."""
    view = view_trace([span(1, kind=SpanKind.SERVER, in_progress=True), span(2, 1)])
    assert view.summary.is_partial
    assert [row.in_progress for row in view.spans] == [True, False]


def test_trace_whose_caller_is_missing_says_so() -> None:
    """Its root names a parent that nobody sent."""
    view = view_trace([span(1, 9, kind=SpanKind.SERVER), span(2, 1)])
    assert view.summary.is_orphan
    assert [row.is_orphan for row in view.spans] == [True, False]


def test_view_of_a_part_says_how_much_there_is() -> None:
    """Nothing is cut silently."""
    assert view_trace([span(1)], total_spans=70_000).total_spans == 70_000
    assert view_trace([span(1)]).total_spans == 1


@settings(max_examples=40, deadline=None)
@given(spans=any_trace())
def test_view_of_any_trace_is_a_document(spans: list[Span]) -> None:
    """It can be sent and read again, and each row has its section."""
    view = view_trace(spans, attributes=True)
    sent_view: Any = json.loads(json.dumps(to_document(view)))
    assert from_document(TraceView, sent_view) == view
    assert all(view.sections[row.section].kind is NodeKind.SERVICE for row in view.spans)
    assert min(row.start_ns for row in view.spans) == view.summary.start_ns
    assert max(row.start_ns + row.duration_ns for row in view.spans) == view.summary.start_ns + view.summary.duration_ns
