"""The flat decoder gives what the plain one gives, of whatever document."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.model.attributes import attribute_text
from taskscope.model.resource import NO_SCOPE
from taskscope.model.span import Span
from taskscope.wire.xray import flat as module
from taskscope.wire.xray.datagram import document_in
from taskscope.wire.xray.decode import decode_document
from taskscope.wire.xray.flat import add_document
from taskscope.wire.xray.flat_spans import FlatSpans, Marks
from taskscope.wire.xray.times import nanoseconds
from tests.unit.wire.xray.documents import (
    NOW,
    RECORDED,
    TRACE,
    segment,
    segments,
    subsegment,
    subsegments_alone,
)

FIRST = json.dumps(segment(name="first", annotations={"a": 1}, subsegments=[subsegment(1)])).encode()


def plain(text: bytes) -> Any:
    """Return the spans of the plain decoder with attributes as texts, or why there are none."""
    try:
        spans = decode_document(text, received_ns=NOW)
    except MalformedPayloadError as error:
        return error.message
    return [
        span._replace(
            parent_span_id=span.parent_span_id or bytes(8),
            events=span.events or (),
            links=span.links or (),
            attributes=_in_order((key, attribute_text(value)) for key, value in span.attributes.items()),
        )
        for span in spans
    ]


def _in_order(attributes: Iterable[tuple[str, str]]) -> Any:
    """Keep the order and what comes twice, which mappings that are compared do not tell."""
    return list(attributes)


def flat(text: bytes, into: FlatSpans | None = None) -> Any:
    """Return the same of the flat decoder, behind what is there already."""
    into = FlatSpans() if into is None else into
    before = len(into.rows)
    try:
        add_document(text, into, received_ns=NOW)
    except MalformedPayloadError as error:
        return error.message
    return spans_of(into)[before:]


def spans_of(into: FlatSpans) -> list[Any]:
    """Return flat rows as spans."""
    texts = iter(into.texts)
    places = [(trace_id, resource) for trace_id, resource, count in into.documents for _ in range(count)]
    found = []
    for number, ((span_id, parent, name, kind, start, end, shape), (trace_id, resource)) in enumerate(
        zip(into.rows, places, strict=True)
    ):
        marks = into.marks.get(number, Marks(0, "", (), ()))
        start_ns, end_ns = into.exact.get(number) or (nanoseconds(start), nanoseconds(end))
        attributes = _in_order((key, next(texts)) for keys in shape for key in keys)
        found.append(
            Span(
                trace_id, bytes.fromhex(span_id), bytes.fromhex(parent), name, kind,
                start_ns, end_ns, attributes, resource, NO_SCOPE, marks.status, marks.message,
                marks.events or (), marks.links or (), in_progress=number in into.running,
            )
        )  # fmt: skip
    assert next(texts, None) is None
    return found


@given(segments() | subsegments_alone())
def test_flat_and_plain_agree(document: dict[str, Any]) -> None:
    """Span by span, attribute by attribute, in the same order."""
    text = json.dumps(document).encode()

    assert flat(text) == plain(text)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_recorded_datagrams_agree(path: Path) -> None:
    """What SDKs have sent."""
    text = document_in(path.read_bytes())

    assert flat(text) == plain(text)


@pytest.mark.parametrize("path", [path for path in RECORDED if "orm" not in path.stem], ids=lambda path: path.stem)
def test_what_sdks_send_is_usual(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never comes to the plain decoder, which would do it all over."""
    monkeypatch.delattr(module, "decode_document")
    text = document_in(path.read_bytes())

    assert flat(text)


@given(st.binary(max_size=40) | st.sampled_from(["{}", "[]", "7", "{" * 9]).map(str.encode), st.integers(0, 300))
@example(b'{"id":"00000000000000ff"}', 0)
@example(b"[" * 100_000, 0)
def test_unreadable_documents_agree(rubbish: bytes, length: int) -> None:
    """The reason is the plain decoder's, and what was there before is untouched."""
    for text in (rubbish, FIRST[:length], FIRST[:length] + rubbish):
        into = FlatSpans()
        add_document(FIRST, into, received_ns=NOW)
        before = spans_of(into)
        found = flat(text, into)

        assert found == plain(text)
        if isinstance(found, str):
            assert spans_of(into) == before
            assert len(into.documents) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"subsegments": []},
        {"subsegments": [subsegment(1), subsegment(2, id="nonsense")]},
        {"subsegments": [subsegment(1), subsegment(2, start_time=-1)]},
        {"subsegments": [subsegment(1), subsegment(2, id="00000000 0000002")]},
        {"subsegments": [subsegment(1), subsegment(2, id="0000000000000A", subsegments=[subsegment(3)])]},
        {"start_time": 1.6e9},
        {"subsegments": [subsegment(1, trace_id=TRACE, parent_id="00000000000000aa", type="other")]},
        {"subsegments": [subsegment(1, aws={"retries": 1, "unheard": "of", "table_names": ["a", "b"]})]},
        {"subsegments": [subsegment(1, aws={"table_name": "a", "table_names": ["b"]}), subsegment(2, aws={})]},
        {"start_time": 9.0, "end_time": 8.0},
        {"in_progress": True},
        {"in_progress": False, "name": None, "sql": {"url": "postgresql://h/d"}},
        {"end_time": None, "in_progress": True, "cause": "53995c3f42cd8ad8"},
        {"annotations": {"n": "12", "t": "true", "f": "fine", "x": 1.5, "b": True, "db.user": "u"}},
        {"http": {"request": {"method": "get"}, "response": {}}},
        {"http": {"request": {}}},
        {"http": {}},
        {"sql": {"url": 7, "user": None}},
        {"metadata": {}},
        {"annotations": {}},
        {"type": "odd"},
        {"user": "u", "error": False, "throttle": True, "fault": False},
    ],
    ids=str,
)
def test_odd_documents_agree(odd: dict[str, object]) -> None:
    """Those with something in them that the flat decoder leaves to the plain one, or nearly."""
    text = json.dumps(segment(**odd)).encode()
    into = FlatSpans()
    add_document(FIRST, into, received_ns=NOW)

    assert flat(text, into) == plain(text)
