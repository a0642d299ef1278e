"""Spans as documents within X-Ray's limits."""

import json

from taskscope.model.span import Span
from taskscope.sinks.xray.documents import REQUEST_BYTES, documents_of
from taskscope.wire.xray.decode import decode_document
from tests.unit.sinks.rows import span

_NOW = 1_700_000_000_000_000_000


def test_a_call_has_at_most_50_documents() -> None:
    """As the daemon has it."""
    documents = documents_of([span(number, start_ns=_NOW) for number in range(1, 121)])

    assert [len(part) for part in documents.parts] == [50, 50, 20]
    assert [row for part in documents.parts for document in part for row in document.rows] == list(range(120))


def test_a_call_has_at_most_a_megabyte() -> None:
    """Large documents share a call with fewer others."""
    large = {"note": "x" * 60_000}
    documents = documents_of([span(number, start_ns=_NOW)._replace(attributes=large) for number in range(1, 41)])

    assert all(sum(document.size_bytes for document in part) <= REQUEST_BYTES for part in documents.parts)
    assert sum(map(len, documents.parts)) == 40


def test_a_document_that_stays_too_large_is_rejected() -> None:
    """64 kB and no more; its neighbours are sent."""
    rows = [span(1, start_ns=_NOW), span(2, start_ns=_NOW)._replace(attributes={"note": "x" * 70_000})]
    documents = documents_of(rows)

    assert [each.position for each in documents.rejected] == [1]
    assert "65536" in documents.rejected[0].reason
    assert [document.rows for part in documents.parts for document in part] == [[0]]


def test_a_span_that_cannot_be_written_is_rejected_alone() -> None:
    """Half a surrogate pair is no text; the other spans of the batch are."""
    rows = [span(1, start_ns=_NOW), span(2, start_ns=_NOW)._replace(attributes={"note": "\ud800"})]
    documents = documents_of(rows)

    assert [each.position for each in documents.rejected] in ([1], [])
    sent = [row for part in documents.parts for document in part for row in document.rows]
    assert sorted(sent + [each.position for each in documents.rejected]) == [0, 1]


def _segment(*, children: int, size: int) -> list[Span]:
    subsegments = [
        {
            "id": f"{number:016x}",
            "name": "call",
            "start_time": 1,
            "end_time": 2,
            "metadata": {"default": {"x": "y" * size}},
        }
        for number in range(2, children + 2)
    ]
    document = {
        "id": f"{1:016x}",
        "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
        "name": "shop",
        "start_time": 1,
        "end_time": 2,
        "subsegments": subsegments,
    }
    return list(decode_document(json.dumps(document).encode(), received_ns=_NOW))


def test_a_segment_goes_with_its_subsegments() -> None:
    """One document, which stands for all of their rows."""
    [[document]] = documents_of(_segment(children=3, size=10)).parts

    assert document.rows == [0, 1, 2, 3]


def test_subsegments_of_a_large_segment_are_sent_alone() -> None:
    """Each knows its own row."""
    documents = documents_of(_segment(children=3, size=30_000))
    sent = [document for part in documents.parts for document in part]

    assert not documents.rejected
    assert [document.rows for document in sent] == [[0], [1], [2], [3]]
    assert json.loads(sent[1].text)["type"] == "subsegment"


def test_a_segment_in_progress_and_its_end_are_two_rows() -> None:
    """They share an id; each document has its own row."""
    rows = [span(1, start_ns=_NOW, in_progress=True), span(1, start_ns=_NOW)]
    [part] = documents_of(rows).parts

    assert [document.rows for document in part] == [[0], [1]]
    assert json.loads(part[0].text)["in_progress"] is True
