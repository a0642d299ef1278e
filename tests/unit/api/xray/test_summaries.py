"""Summaries of traces in X-Ray's words."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from taskscope.api.xray import details, summaries
from taskscope.api.xray.errors import AwsError
from taskscope.api.xray.shapes import write_output
from taskscope.api.xray.state import Group
from taskscope.api.xray.summaries import SummaryOperation
from taskscope.clock import SECOND
from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span
from taskscope.model.trace import HttpExchange, Outcome, TracePage, TraceSummary
from tests.unit.api.parts import Answering, make_parts
from tests.unit.query.trace.documents import segment, sent


def _trace(number: int, outcome: Outcome = Outcome.OK, **more: Any) -> TraceSummary:
    return TraceSummary(
        trace_id=f"5759e988{number:024x}",
        start_ns=number * SECOND,
        duration_ns=2 * SECOND,
        response_ns=SECOND,
        root_name="GET /",
        root_node=NodeKey("shop", ""),
        root_outcome=outcome,
        http=HttpExchange(),
        span_count=3,
        tally={outcome: 1},
        nodes=(NodeKey("shop", ""),),
        **more,
    )


def _ask(
    monkeypatch: pytest.MonkeyPatch, *traces: TraceSummary, cursor: str = "", spans: Sequence[Span] = (), **given: Any
) -> tuple[Any, Any]:
    asked: dict[str, Any] = {}

    def find(_reader: object, window: object, **more: Any) -> TracePage:
        asked.update(more, window=window)
        return TracePage(traces, cursor)

    monkeypatch.setattr(summaries, "find_traces", find)
    monkeypatch.setattr(details, "read_spans", lambda *_, **__: spans)
    parts = make_parts()
    parts.xray.create(Group("slow", "duration > 5"), {})
    answered = asyncio.run(SummaryOperation(parts)({"StartTime": SECOND, "EndTime": 9 * SECOND, **given}))
    return write_output("GetTraceSummaries", answered), asked


def test_the_question_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Window, filter, groups, and where to go on."""
    _, asked = _ask(monkeypatch, FilterExpression="fault", NextToken="there")

    assert asked["window"] == (SECOND, 9 * SECOND)
    assert (asked["expression"], asked["cursor"]) == ("fault", "there")
    assert asked["groups"]["slow"] == "duration > 5"


@pytest.mark.parametrize(
    ("outcome", "flags"),
    [
        (Outcome.OK, (False, False, False)),
        (Outcome.ERROR, (False, True, False)),
        (Outcome.THROTTLE, (False, True, True)),
        (Outcome.FAULT, (True, False, False)),
    ],
)
def test_flags_are_those_of_the_root(
    monkeypatch: pytest.MonkeyPatch, outcome: Outcome, flags: tuple[bool, bool, bool]
) -> None:
    """A throttle of any segment is one of the trace."""
    [found] = _ask(monkeypatch, _trace(1, outcome))[0]["TraceSummaries"]

    assert (found["HasFault"], found["HasError"], found["HasThrottle"]) == flags
    assert found["Id"] == "1-5759e988-" + f"{1:024x}"
    assert (found["Duration"], found["ResponseTime"], found["Http"]) == (2.0, 1.0, {})


def test_annotations_have_the_types_that_they_read_as(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store keeps texts."""
    texts = ("true", "3", "-1.5e3", "007", "nan", "", "acme")
    [found] = _ask(monkeypatch, _trace(1, annotations={"key": texts}))[0]["TraceSummaries"]

    assert [each["AnnotationValue"] for each in found["Annotations"]["key"]] == [
        {"BooleanValue": True},
        {"NumberValue": 3.0},
        {"NumberValue": -1500.0},
        {"StringValue": "007"},
        {"StringValue": "nan"},
        {"StringValue": ""},
        {"StringValue": "acme"},
    ]


def test_annotations_that_were_sent_as_strings_stay_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """X-Ray's rows keep which: of all senders one that says so is believed."""
    spans = sent(segment("shop", 1, 0, 1, annotations={"order": "7", "url.full": "8", "count": 9}))
    annotations = {"order": ("7",), "url.full": ("8",), "count": ("9",)}
    trace = replace(_trace(1, annotations=annotations), trace_id=spans[0].trace_id.hex())
    [found] = _ask(monkeypatch, trace, spans=spans)[0]["TraceSummaries"]

    assert {key: each["AnnotationValue"] for key, [each] in found["Annotations"].items()} == {
        "order": {"StringValue": "7"}, "url.full": {"StringValue": "8"}, "count": {"NumberValue": 9.0},
    }  # fmt: skip


def test_root_causes_are_of_the_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """In X-Ray's shape: exceptions of failures, coverage of time; without spans there are no members."""
    spans = sent(segment("shop", 1, 0, 1, fault=True, cause={"exceptions": [{"type": "Timeout", "message": "bank"}]}))
    [found] = _ask(monkeypatch, replace(_trace(1), trace_id=spans[0].trace_id.hex()), spans=spans)[0]["TraceSummaries"]
    service = {"Name": "shop", "Names": ["shop"], "Inferred": False}
    fault = {"Name": "shop", "Remote": False, "Exceptions": [{"Name": "Timeout", "Message": "bank"}]}
    slow = {"Name": "shop", "Remote": False, "Coverage": 1.0}

    assert found["FaultRootCauses"] == [{"ClientImpacting": True, "Services": [{**service, "EntityPath": [fault]}]}]
    assert found["ErrorRootCauses"] == []
    assert found["ResponseTimeRootCauses"] == [
        {"ClientImpacting": True, "Services": [{**service, "EntityPath": [slow]}]}
    ]
    assert "FaultRootCauses" not in _ask(monkeypatch, _trace(1))[0]["TraceSummaries"][0]


def test_spans_are_read_of_as_many_traces_as_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others go without root causes."""
    asked: list[list[bytes]] = []

    def read(_reader: object, ids: list[bytes], **_more: object) -> list[Span]:
        asked.append(ids)
        return []

    monkeypatch.setattr(details, "read_spans", read)
    large = replace(_trace(1), span_count=details.MOST_SPANS - 4)
    details.read_details(Answering(), [large, replace(_trace(2), span_count=5), _trace(3), _trace(4)])

    assert asked == [[bytes.fromhex(_trace(number).trace_id) for number in (1, 3)]]


@pytest.mark.parametrize("kind", ["Event", "Service"])
def test_other_types_of_time_are_the_end_of_a_trace(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Those that began up to an hour before are looked at, and those left that ended in the window."""
    window: Any = {"StartTime": 9_000 * SECOND, "EndTime": 9_009 * SECOND, "TimeRangeType": kind}
    traces = [_trace(number) for number in (9_008, 9_004, 8_998, 8_997)]
    answer, asked = _ask(monkeypatch, *traces, **window)

    assert asked["window"] == (5_400 * SECOND, 9_009 * SECOND)
    assert [(each["StartTime"], each["MatchedEventTime"]) for each in answer["TraceSummaries"]] == [
        (9_004.0, 9_006.0), (8_998.0, 9_000.0),
    ]  # fmt: skip


def test_values_name_the_services_that_set_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the trace where it is not known who did."""
    pay, shop = NodeKey("pay", "AWS::ECS::Fargate"), {"Name": "shop", "Names": ["shop"]}
    annotations: dict[str, Any] = {"annotations": {"tier": ("gold", "std")}, "annotation_nodes": {"tier": ((pay,), ())}}
    trace = _trace(1, **annotations, users=("eve",), user_nodes=((pay,),))
    [found] = _ask(monkeypatch, trace)[0]["TraceSummaries"]

    payer = {"Name": "pay", "Names": ["pay"], "Type": "AWS::ECS::Fargate"}
    assert [each["ServiceIds"] for each in found["Annotations"]["tier"]] == [[payer], [shop]]
    assert found["Users"] == [{"UserName": "eve", "ServiceIds": [payer]}]


def test_pages_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until there is no token."""
    page = _ask(monkeypatch, _trace(7), _trace(3), cursor="more")[0]

    assert (page["NextToken"], page["ApproximateTime"], page["TracesProcessedCount"]) == ("more", 3.0, 2)
    assert "NextToken" not in _ask(monkeypatch)[0]


def test_a_sample_is_a_share_of_the_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same each time; without a strategy, or without sampling, all of them."""
    traces = [_trace(number << 24) for number in range(256)]
    strategy = {"Name": "FixedRate", "Value": 0.25}

    def count(**given: Any) -> int:
        return len(_ask(monkeypatch, *traces, **given)[0]["TraceSummaries"])

    assert count(Sampling=True, SamplingStrategy=strategy) == 64
    assert count(Sampling=True) == count(Sampling=False, SamplingStrategy=strategy) == 256


def test_a_window_that_ends_before_it_begins_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As AWS does."""
    with pytest.raises(AwsError, match="before"):
        _ask(monkeypatch, EndTime=SECOND)
