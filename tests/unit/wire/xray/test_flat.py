"""The flat decoder gives what the plain one gives, of whatever document."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.model.attributes import attribute_text
from taskscope.wire.xray import flat as module
from taskscope.wire.xray.datagram import document_in
from taskscope.wire.xray.decode import decode_document
from taskscope.wire.xray.flat import FlatSpans, add_document
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
        (span._replace(attributes={}), [(key, attribute_text(value)) for key, value in span.attributes.items()])
        for span in spans
    ]


def flat(text: bytes, into: FlatSpans | None = None) -> Any:
    """Return the same of the flat decoder, behind what is there already."""
    into = FlatSpans() if into is None else into
    before = len(into.spans)
    try:
        add_document(text, into, received_ns=NOW)
    except MalformedPayloadError as error:
        assert len(into.spans) == len(into.ends) == before
        return error.message
    found: list[tuple[tuple[Any, ...], list[tuple[str, str]]]] = []
    for number in range(before, len(into.spans)):
        pairs = into.pairs[into.ends[number - 1] if number else 0 : into.ends[number]]
        found.append((into.spans[number], list(zip(pairs[::2], pairs[1::2], strict=True))))
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
        before = (list(into.spans), list(into.pairs), list(into.ends))
        found = flat(text, into)

        assert found == plain(text)
        if isinstance(found, str):
            assert (into.spans, into.pairs, into.ends) == before


@pytest.mark.parametrize(
    "odd",
    [
        {"subsegments": []},
        {"subsegments": [subsegment(1), subsegment(2, id="nonsense")]},
        {"subsegments": [subsegment(1), subsegment(2, start_time=-1)]},
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
