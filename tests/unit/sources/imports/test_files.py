"""Files of every recognised form: what is in them, in pieces, and what is wrong with them."""

import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from taskscope.sources.imports import otlp, piece
from taskscope.sources.imports.files import read_file
from taskscope.sources.imports.piece import Flaw, Piece

_SEGMENT = {"trace_id": "1-6920aaaa-000000000000000000000001", "id": "0000000000000001", "start_time": 1.5, "name": "a"}
_TEXT = json.dumps(_SEGMENT)
_SPANS = {"resourceSpans": [{"resource": {"a": 1}, "scopeSpans": [{"scope": {}, "spans": [{"spanId": "1"}]}]}]}
_LOGS = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "x"}}] * 2}]}]}
_METRICS = {"resource_metrics": [{"scope_metrics": [{"metrics": [{"name": "m"}]}]}]}
_EVENT = {"logStreamName": "s", "timestamp": 5, "message": "m", "eventId": "7", "ingestionTime": 6}
_READ_EVENT = {
    "group": "file", "stream": "s", "time_ns": 5_000_000, "message": "m", "id": "7", "ingested_ns": 6_000_000
}  # fmt: skip
_LINE = {"time": "1970-01-01T00:00:00.005Z", "log_group": "g", "log_stream": "s", "message": "m", "event_id": "7"}


def _read(content: bytes, **options: Any) -> list[Piece | Flaw]:
    return list(read_file(io.BytesIO(content), "file.json", group="file", **options))


def _bodies(content: bytes) -> Iterator[tuple[str, Any]]:
    for each in _read(content):
        assert isinstance(each, Piece), each
        yield each.signal, json.loads(each.body)


def _json(*values: object) -> bytes:
    return "\n".join(json.dumps(each) for each in values).encode()


@pytest.mark.parametrize(
    "content",
    [
        _json(_SEGMENT),
        _json([_SEGMENT]),
        _json([_TEXT]),
        json.dumps(_SEGMENT, indent=2).encode(),
        b"\n\n" + _json({"format": "json", "version": 1}, _SEGMENT),
        _json({"TraceSegmentDocuments": [_TEXT]}),
        _json({"Traces": [{"Id": "1", "Segments": [{"Id": "1", "Document": _TEXT}]}], "UnprocessedTraceIds": []}),
        json.dumps({"Traces": [{"Segments": [{"Document": _TEXT}]}]}, indent=4).encode(),
        _json({"Segments": [{"Document": _TEXT}, {"Document": json.dumps({**_SEGMENT, "inferred": True})}]}),
        _json({"Id": "1", "Document": _TEXT}),
        gzip.compress(_json(_SEGMENT)),
        b"\xef\xbb\xbf" + _json(_SEGMENT),
    ],
)
def test_documents_of_xray_are_found(content: bytes) -> None:
    """In every form that X-Ray, its SDKs and `taskscope show` have for them; inferred ones are left out."""
    [(signal, documents)] = _bodies(content)

    assert signal == "spans"
    assert [json.loads(each) for each in documents] == [_SEGMENT]


@pytest.mark.parametrize(
    "content",
    [
        _json({"events": [_EVENT], "searchedLogStreams": []}),
        _json(_EVENT),
        _json([{**_EVENT, "logGroupName": "file"}]),
        json.dumps({"events": [_EVENT]}, indent=2).encode(),
        _json({"logGroup": "file", "logStream": "s", "logEvents": [{"id": "7", "timestamp": 5, "message": "m"}]}),
        _json({**_LINE, "log_group": "file"}, {"trace_id": "1-2", "segments": [], "time": "", "duration_ms": 1}),
    ],
)
def test_log_events_are_found(content: bytes) -> None:
    """Of FilterLogEvents, of subscriptions, and lines of `taskscope logs --output jsonl`."""
    [(signal, [event])] = _bodies(content)

    assert signal == "logs"
    assert event == _READ_EVENT | {"ingested_ns": event["ingested_ns"]}
    assert event["ingested_ns"] in (0, 6_000_000)


def test_requests_of_otlp_are_found_and_records_without_a_name_get_one() -> None:
    """All signals of a file, whatever the spelling; equal records have different names, the same at each reading."""
    first, second = (dict(_bodies(_json(_SPANS, _LOGS, _METRICS, _LOGS))) for _ in range(2))

    assert first == second
    assert first["spans"] == _SPANS
    assert first["metrics"]["resource_metrics"][0]["scope_metrics"] == [{"metrics": [{"name": "m"}]}]
    records = first["logs"]["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    names = [each["attributes"][0]["value"]["stringValue"] for each in records]
    assert [each.rpartition("-")[2] for each in names] == ["1", "2", "3", "4"]
    assert len({each.rpartition("-")[0] for each in names}) == 1


def test_a_file_that_grew_gives_its_old_lines_their_old_names() -> None:
    """Lines of CloudWatch without an id, two of them equal."""
    old = [{"timestamp": 5, "message": text} for text in ("a", "a", "b")]

    [(_, before)] = _bodies(_json(*old))
    [(_, after)] = _bodies(_json(*old, old[0]))

    assert after[:3] == before
    assert len({each["id"] for each in after}) == 4


def test_what_cannot_be_read_costs_only_itself() -> None:
    """Each flaw says where it is."""
    [first, second, third, found] = _read(
        b"{torn\n" + _json(_SEGMENT, {"who": "knows"}) + b"\n" + _json({"events": [{"message": 1}, _EVENT]})
    )[:4]

    assert [each.where for each in (first, second, third) if isinstance(each, Flaw)] == [
        "file.json, line 1", "file.json, line 3", "file.json, line 4"
    ]  # fmt: skip
    assert isinstance(found, Piece)


@pytest.mark.parametrize("content", [b"not json", b"7", b'"text"', _json({"a": 1}), b"\x1f\x8b\x08\x00torn"])
def test_what_is_nothing_is_said_to_be_nothing(content: bytes) -> None:
    """And nothing is sent."""
    assert all(isinstance(each, Flaw) for each in _read(content))
    assert _read(content)


def test_an_empty_file_is_none_to_complain_about() -> None:
    """It has nothing."""
    assert _read(b"") == _read(b"\n \n") == []


def test_a_torn_archive_gives_what_came_before() -> None:
    """And its end is a flaw."""
    whole = gzip.compress(b"\n".join(_json({**_SEGMENT, "id": f"{each:016x}"}) for each in range(2_000)))

    found = _read(whole[:-200])

    assert [type(each) for each in found] == [Flaw, Piece]


def test_only_requests_of_otlp_are_taken_where_these_are_meant() -> None:
    """As `taskscope import otlp-json` says."""
    [flaw, found] = _read(_json(_SEGMENT, _SPANS), only_otlp=True)

    assert isinstance(flaw, Flaw)
    assert isinstance(found, Piece)


def test_pieces_are_bounded_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """One document of OTLP with all spans, and as many segments."""
    for module in (otlp, piece):
        monkeypatch.setattr(module, "PIECE_ITEMS", 100)
    spans = [{"spanId": str(each)} for each in range(1_000)]
    content = _json({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}, [_SEGMENT] * 1_000)

    bodies = list(_bodies(content))

    assert len(bodies) == 20
    found = [body["resourceSpans"][0]["scopeSpans"][0]["spans"] for _, body in bodies if isinstance(body, dict)]
    assert [each for some in found for each in some] == spans
    assert sum(len(body) for _, body in bodies if isinstance(body, list)) == 1_000


def test_progress_is_told_in_bytes_of_the_file() -> None:
    """Compressed ones, so that it ends at its size."""
    content = gzip.compress(_json(_SEGMENT))
    told: list[int] = []

    list(read_file(io.BytesIO(content), "x", at=told.append))

    assert told[-1] == len(content)
