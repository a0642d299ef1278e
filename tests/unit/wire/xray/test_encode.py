"""Spans to documents: what came from X-Ray comes back as it was sent."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from taskscope.model.ids import SPAN_ID_BYTES
from taskscope.model.resource import Resource
from taskscope.model.span import Span, SpanKind
from taskscope.wire.xray.datagram import decode_datagram
from taskscope.wire.xray.document import MAX_DEPTH
from taskscope.wire.xray.encode import encode_documents, split_document
from tests.unit.wire.xray.documents import (
    NOW,
    RECORDED,
    TRACE,
    as_stored,
    given_back,
    segment,
    segments,
    spans_of,
    subsegment,
    subsegments_alone,
)

each_recorded = pytest.mark.parametrize("path", RECORDED, ids=[path.stem for path in RECORDED])


@each_recorded
def test_recorded_document_is_given_back_with_every_member(path: Path) -> None:
    """What SDKs send comes back equal, straight from the decoder and out of a store that keeps text."""
    datagram = path.read_bytes()
    spans = decode_datagram(datagram, received_ns=NOW)
    sent = json.loads(datagram.partition(b"\n")[2])

    assert given_back(spans) == [sent]
    assert given_back(map(as_stored, spans)) == [sent]


@given(segments())
def test_segment_is_given_back_with_every_member(document: dict[str, Any]) -> None:
    """Whatever members a segment has, of whatever type, at any depth, they come back, and so they do out of a store."""
    spans = spans_of(document)

    assert given_back(spans) == [document]
    assert given_back(map(as_stored, spans)) == [document]


@given(subsegments_alone())
def test_subsegment_sent_alone_is_given_back_with_every_member(document: dict[str, Any]) -> None:
    """A streamed subsegment stays one, with type, trace and parent."""
    spans = spans_of(document)

    assert given_back(spans) == [document]
    assert given_back(map(as_stored, spans)) == [document]


def test_deep_nesting_is_given_back() -> None:
    """Subsegments as deep as the limit keep their places."""
    document: dict[str, Any] = subsegment(MAX_DEPTH)
    for number in range(MAX_DEPTH - 1, 0, -1):
        document = subsegment(number, subsegments=[document])
    document = segment(subsegments=[document])

    assert given_back(spans_of(document)) == [document]


def test_subsegment_whose_segment_is_missing_is_sent_alone() -> None:
    """An embedded row without the one around it says itself whose it is; its own subsegments stay in it."""
    inner = subsegment(2)
    spans = spans_of(segment(subsegments=[subsegment(1, subsegments=[inner])]))

    told = {"type": "subsegment", "trace_id": TRACE, "parent_id": spans[0].span_id.hex()}
    assert given_back(spans[1:]) == [subsegment(1, subsegments=[inner]) | told]


def test_subsegment_sent_alone_says_its_real_trace_and_parent() -> None:
    """What an embedded subsegment said of itself counts no more than where it stood."""
    spans = spans_of(segment(subsegments=[subsegment(1, trace_id="odd", parent_id=7, type=None)]))

    told = {"type": "subsegment", "trace_id": TRACE, "parent_id": segment()["id"]}
    assert given_back(spans[1:]) == [subsegment(1) | told]


def test_streamed_subsegments_stay_documents_of_their_own() -> None:
    """A subsegment that was sent alone is not put into its segment, though that is there."""
    streamed = subsegment(1, type="subsegment", trace_id=TRACE, parent_id=segment()["id"])

    assert given_back(spans_of(segment()) + spans_of(streamed)) == [segment(), streamed]


def test_a_segment_in_progress_and_its_completion_keep_their_own_subsegments() -> None:
    """Two documents of one id are two documents, each with what it held."""
    started = segment(end_time=None, in_progress=True, subsegments=[subsegment(1)])
    ended = segment(subsegments=[subsegment(1), subsegment(2)])

    assert given_back(spans_of(started) + spans_of(ended)) == [started, ended]


@pytest.mark.parametrize(
    "forged",
    [
        {"aws.xray.other": "{"},
        {"aws.xray.other": "[" * 100_000},
        {"aws.xray.other": 7},
        {"aws.xray.other": '{"id": 7}'},
        {"aws.xray.other": '{"trace_id": 7}'},
        {"aws.xray.other": '{"subsegments": [7]}'},
        {"aws.xray.annotations": 7},
        {"aws.xray.fault": "perhaps"},
        {"aws.xray.metadata.default": "no JSON"},
        {"aws.xray.precursor_ids": None},
    ],
)
def test_span_that_only_pretends_to_be_from_xray_is_sent_all_the_same(forged: dict[str, Any]) -> None:
    """Attributes that the decoder never writes do not stop a span from being sent."""
    [document] = given_back([_span(1, 0, **{"aws.xray.document": "segment", **forged})])

    assert document["id"] == "0000000000000001"


def test_rows_that_contain_each_other_are_sent_alone() -> None:
    """A circle of parents, which no document has, ends."""
    spans = [_span(1, 2, **{"aws.xray.document": "embedded"}), _span(2, 1, **{"aws.xray.document": "embedded"})]

    [outer] = given_back(spans)

    assert [outer["id"], outer["subsegments"][0]["id"]] == ["0000000000000001", "0000000000000002"]


def test_a_chain_beyond_the_depth_is_cut() -> None:
    """Rows nested deeper than a document may be start documents of their own."""
    spans = [_span(number, number - 1, **{"aws.xray.document": "embedded"}) for number in range(1, 1000)]

    documents = encode_documents(spans)

    assert len(documents) == -(-len(spans) // (MAX_DEPTH + 1))
    assert sum(document.count(b'"id"') for document in documents) == len(spans)


def test_small_document_is_not_split() -> None:
    """What fits is left as it is."""
    [document] = encode_documents(spans_of(segment(subsegments=[subsegment(1)])))

    assert split_document(document, max_bytes=len(document)) == [document]


def test_large_document_is_split_into_subsegments_that_fit() -> None:
    """Each subsegment says its parent; those that are too large themselves are split as well; nothing is lost."""
    inner = [subsegment(number, annotations={"pad": "x" * 100}) for number in range(10, 15)]
    document = segment(subsegments=[subsegment(1, subsegments=inner), subsegment(2)])
    [encoded] = encode_documents(spans_of(document))

    pieces = split_document(encoded, max_bytes=400)

    assert all(len(piece) <= 400 for piece in pieces)
    read = [json.loads(piece) for piece in pieces]
    assert read[0] == segment()
    assert [(piece["id"][-2:], piece["parent_id"]) for piece in read[1:]] == [
        ("01", segment()["id"]),
        *((f"{number:02x}", subsegment(1)["id"]) for number in range(10, 15)),
        ("02", segment()["id"]),
    ]
    assert all(piece["type"] == "subsegment" and piece["trace_id"] == TRACE for piece in read[1:])


def test_what_cannot_be_split_is_returned_as_it_is() -> None:
    """A segment that is too large without subsegments is its caller's business."""
    [document] = encode_documents(spans_of(segment(annotations={"pad": "x" * 1000})))

    assert split_document(document, max_bytes=100) == [document]


def _span(number: int, parent: int, **attributes: Any) -> Span:
    return Span(
        trace_id=bytes(15) + b"\1",
        span_id=number.to_bytes(SPAN_ID_BYTES, "big"),
        parent_span_id=parent.to_bytes(SPAN_ID_BYTES, "big") if parent else b"",
        name="forged",
        kind=SpanKind.INTERNAL,
        start_ns=NOW,
        end_ns=NOW,
        attributes=attributes,
        resource=Resource(),
    )
