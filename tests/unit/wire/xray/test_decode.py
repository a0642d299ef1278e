"""Documents to spans: lists of them, odd ones, and rubbish."""

import json
import time
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.model.span import Status
from taskscope.wire.xray.decode import decode_document, decode_documents
from taskscope.wire.xray.document import MAX_DEPTH
from tests.unit.wire.xray.documents import NOW, RECORDED, TRACE, segment, spans_of, subsegment


def _nested(depth: int) -> bytes:
    """Write a segment with a chain of subsegments; too deep for a recursive encoder."""
    inner = b'{"id":"0000000000000001","name":"x","start_time":1'
    outer = json.dumps(segment()).encode()[:-1]
    return outer + (b',"subsegments":[' + inner) * depth + b"}]" * depth + b"}"


def test_put_trace_segments_body_reads_as_its_documents() -> None:
    """The request's list of strings gives the rows of all its documents."""
    documents = [json.dumps(segment(subsegments=[subsegment(1)])), json.dumps(segment(id="00000000000000ff"))]

    bare = decode_documents(json.dumps(documents).encode(), received_ns=NOW)
    request = decode_documents(json.dumps({"TraceSegmentDocuments": documents}).encode(), received_ns=NOW)

    assert [span.name for span in bare.spans] == ["shop-web", "step-1", "shop-web"]
    assert [span[:8] for span in request.spans] == [span[:8] for span in bare.spans]
    assert not bare.refused


def test_broken_document_does_not_cost_the_others() -> None:
    """Each document that cannot be read is reported with its place, its id where it has one, and the reason."""
    documents = ["{", json.dumps(segment()), json.dumps(segment(trace_id="nonsense")), 7, segment()]

    spans, refused = decode_documents(json.dumps(documents).encode(), received_ns=NOW)

    assert len(spans) == 2
    assert [(each.position, each.segment_id) for each in refused] == [(0, ""), (2, segment()["id"]), (3, "")]
    assert "'nonsense' is no trace id" in refused[1].reason


@pytest.mark.parametrize("body", [b"", b"7", b"{}", b"[", b'{"TraceSegmentDocuments":7}', b"[" * 100_000, b"\xff"])
def test_body_that_is_no_list_is_malformed(body: bytes) -> None:
    """Without a list there is nothing to report one by one."""
    with pytest.raises(MalformedPayloadError, match="no list of segment documents"):
        decode_documents(body, received_ns=NOW)


def test_document_in_progress_waits_for_its_completion() -> None:
    """A row without an end is in progress, lasts no time yet, and its exceptions have the time of arrival."""
    cause = {"exceptions": [{"id": "09ecfdfa3c8c26ee", "message": "declined"}]}
    [span] = spans_of(segment(end_time=None, in_progress=True, cause=cause))

    assert span.in_progress
    assert span.end_ns == span.start_ns
    assert span.events[0].time_ns == NOW


def test_end_before_the_start_is_no_negative_time() -> None:
    """A row never ends before it starts; what was sent is kept."""
    [span] = spans_of(segment(start_time=100.0, end_time=99.5))

    assert (span.start_ns, span.end_ns) == (100_000_000_000, 100_000_000_000)
    assert span.attributes["aws.xray.other"] == '{"end_time":99.5}'


def test_subsegment_may_start_before_its_segment() -> None:
    """Lambda's initialization does."""
    _, init = spans_of(segment(start_time=100.0, subsegments=[subsegment(start_time=99.0, end_time=99.5)]))

    assert init.start_ns == 99_000_000_000


def test_unknown_members_are_kept_and_cost_nothing_else() -> None:
    """One more member, at any place, leaves the known ones where they belong; its JSON text is kept as sent."""
    sent = b'{"new": {"deep": [1.50, 1e400]}, "http": {"response": {"status": "502", "cached": 1e2}, "via": []},'
    [span] = decode_document(sent + json.dumps(segment(fault=True)).encode()[1:], received_ns=NOW)

    assert span.status == Status.ERROR
    assert span.attributes["http.response.status_code"] == 502
    assert span.attributes["aws.xray.other"] == (
        '{"new":{"deep": [1.50, 1e400]},"http":{"response":{"status":"502","cached":1e2},"via":[]}}'
    )


def test_ids_are_read_in_any_case_and_spelling() -> None:
    """Upper case, a time part without leading zeros, and OpenTelemetry's spelling are the same ids."""
    spellings = ("1-0AFFD54E-D5C212AACF5DBBF1D3F72814", "1-affd54e-d5c212aacf5dbbf1d3f72814")
    ids = {spans_of(segment(trace_id=text, id="3D4BF23559BA39BE"))[0][:2] for text in spellings}

    assert ids == {(bytes.fromhex("0affd54ed5c212aacf5dbbf1d3f72814"), bytes.fromhex("3d4bf23559ba39be"))}


def test_annotation_does_not_take_the_place_of_a_convention() -> None:
    """An annotation named like an attribute that says something else is kept under a prefix."""
    [span] = spans_of(segment(user="u-17", annotations={"enduser.id": "annotated", "aws.xray.fault": True}))

    assert span.attributes["enduser.id"] == "u-17"
    assert span.attributes["aws.xray.annotation.enduser.id"] == "annotated"
    assert "aws.xray.fault" not in span.attributes
    assert span.status == Status.UNSET


def test_half_of_an_emoji_does_not_cost_the_document() -> None:
    """JavaScript cuts strings between the halves of a pair; the half is replaced, whole pairs and backslashes stay."""
    text = rb'"user":"cut \ud83d","metadata":{"d":{"whole":"\ud83d\ude00","path":"C:\\ud83d"}}}'
    [span] = decode_document(json.dumps(segment()).encode()[:-1] + b"," + text, received_ns=NOW)

    assert span.attributes["enduser.id"] == "cut \N{REPLACEMENT CHARACTER}"
    assert json.loads(str(span.attributes["aws.xray.metadata.d"])) == {
        "whole": "\N{GRINNING FACE}",
        "path": r"C:\ud83d",
    }


def test_links_become_span_links() -> None:
    """A pointer to another trace keeps its attributes."""
    [span] = spans_of(segment(links=[{"trace_id": TRACE, "id": "00000000000000ff", "attributes": {"kind": "queue"}}]))

    [link] = span.links
    assert (link.trace_id, link.span_id.hex()) == (span.trace_id, "00000000000000ff")
    assert link.attributes == {"kind": "queue"}
    assert "aws.xray.other" not in span.attributes


@pytest.mark.parametrize("depth", [1, MAX_DEPTH])
def test_subsegments_may_nest_to_the_limit(depth: int) -> None:
    """Each level is a row whose parent is the one around it."""
    assert len(decode_document(_nested(depth), received_ns=NOW)) == depth + 1
    with_unknown = _nested(depth)[:-1] + b',"unknown":1}'
    assert len(decode_document(with_unknown, received_ns=NOW)) == depth + 1


@pytest.mark.parametrize(
    "document",
    [
        _nested(MAX_DEPTH + 1),
        _nested(MAX_DEPTH + 1)[:-1] + b',"unknown":1}',
        _nested(10_000),
        json.dumps(segment()).encode()[:-1] + b',"metadata":{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}}",
        json.dumps(segment()).encode()[:-1] + b',"unknown":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
    ],
    ids=["one too deep", "leniently", "10,000 deep", "metadata", "unknown"],
)
def test_deeper_nesting_is_malformed(document: bytes) -> None:
    """Depth is bounded before it costs a stack."""
    with pytest.raises(MalformedPayloadError, match="nested"):
        decode_document(document, received_ns=NOW)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"id": None}, "has no id"),
        ({"id": 7}, "has no id"),
        ({"id": "xyz"}, "no id of 16 hexadecimal digits"),
        ({"id": "a" * 60_000}, "no id of 16 hexadecimal digits"),
        ({"id": "3d 4b f2 35 59 b"}, "no id of 16 hexadecimal digits"),
        ({"trace_id": None}, "no trace_id"),
        ({"trace_id": "1-" + "a" * 60_000}, "is no trace id"),
        ({"start_time": None}, "has no start_time"),
        ({"start_time": "soon"}, "has no start_time"),
        ({"start_time": -1}, "no time in seconds"),
        ({"start_time": 1795151182145}, "no time in seconds"),
        ({"end_time": 1e300}, "no time in seconds"),
        ({"annotations": {"a": float("nan")}}, "not as X-Ray defines it"),
        ({"subsegments": ["x"]}, "a subsegment is no JSON object"),
        ({"subsegments": [{"id": "0000000000000001"}]}, "a subsegment has no start_time"),
    ],
)
def test_document_without_what_makes_it_one_is_malformed(members: dict[str, Any], reason: str) -> None:
    """The reason names what is missing or wrong, and shows no more than the beginning of it."""
    with pytest.raises(MalformedPayloadError, match=reason) as raised:
        spans_of(segment(**members))

    assert len(raised.value.message) < 200


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[1]", b"7", b'"x"', b"null", b'{"id":"\xff"}', b"{}{}", b"\x00", b"{'id':1}", b"\xef\xbb\xbf{}"],
)
def test_text_that_is_no_document_is_malformed(text: bytes) -> None:
    """Whatever it is, one kind of error says so."""
    with pytest.raises(MalformedPayloadError):
        decode_document(text, received_ns=NOW)


def test_two_documents_in_one_are_malformed() -> None:
    """X-Ray takes one document at a time."""
    document = json.dumps(segment()).encode()

    with pytest.raises(MalformedPayloadError, match="trailing"):
        decode_document(document + b"\n" + document, received_ns=NOW)


def test_of_repeated_members_the_last_counts() -> None:
    """As in JSON everywhere else."""
    document = b'{"name":7,"name":"first",' + json.dumps(segment(name="last")).encode()[1:]

    assert decode_document(document, received_ns=NOW)[0].name == "last"


@given(st.data())
def test_damaged_document_is_read_or_refused(data: st.DataObject) -> None:
    """No damage to real documents leads to any other error."""
    text = bytearray(data.draw(st.sampled_from(RECORDED)).read_bytes().partition(b"\n")[2])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        stop = start + data.draw(st.integers(0, 30))
        text[start:stop] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"null", b"{}", b'"', b"[", b"1e999", b"\\ud8"])
        )

    with suppress(MalformedPayloadError):
        decode_document(bytes(text), received_ns=NOW)


@pytest.mark.parametrize(
    "members",
    [
        {"cause": {"exceptions": [{"stack": [{"path": "(" * 15_000, "line": 1, "label": "(: " * 5000}]}]}},
        {"user": "\\" * 30_000},
        {"sql": {"url": "://" * 20_000}, "name": None},
        {"annotations": {f"key-{number}": "1" * 10 for number in range(2500)}},
        {"subsegments": [subsegment(number) for number in range(500)]},
    ],
    ids=["stack", "backslashes", "url", "annotations", "subsegments"],
)
def test_hostile_document_costs_bounded_time_and_memory(members: dict[str, Any]) -> None:
    """The largest datagram of the worst shape takes far less than a second and a few megabytes."""
    text = json.dumps(segment(**members)).encode()
    tracemalloc.start()
    begun = time.process_time()

    decode_document(text, received_ns=NOW)

    taken = time.process_time() - begun
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 1
    assert peak < 8_000_000
