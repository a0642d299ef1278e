"""The store's sink: tokens, halving, and what is told of rejected rows, with a writer that remembers."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from taskscope.errors import MalformedPayloadError, UnavailableError
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from taskscope.sinks.store import StoreSink
from taskscope.wire.otlp.traces import encode_traces
from tests.contract.store.rows import log_record, span, spans
from tests.unit.wire.xray.documents import HEADER, segment, subsegment


class _Writer:
    """Remembers each insert; refuses those with a row named ``bad`` or a body in ``refused``."""

    def __init__(self, refused: Sequence[bytes] = (), *, away: bool = False) -> None:
        self.inserts: list[tuple[str, str, int]] = []
        self._refused = refused
        self._away = away

    def insert_columns(self, table: str, columns: Any, *, token: str) -> None:
        """Take rows."""
        if self._away:
            raise UnavailableError("away")
        if "SpanName" in columns.column_names and "bad" in columns["SpanName"].to_pylist():
            raise MalformedPayloadError("a bad row")
        self.inserts.append((table, token, columns.num_rows))

    def insert_otlp_spans(self, bodies: Sequence[bytes], *, token: str) -> None:
        """Take bodies."""
        if any(body in self._refused for body in bodies):
            raise MalformedPayloadError("a bad body")
        self.inserts.append(("otlp", token, len(bodies)))


def test_token_names_the_table() -> None:
    """Rows of one batch go to their tables under tokens of their own, and are counted."""
    writer = _Writer()
    rows = [span(1), span(2, in_progress=True), span(3)]
    outcome = StoreSink(writer).consume(Batch(Signal.SPANS, rows, "lane:0:9"))

    assert outcome == (3, [])
    assert writer.inserts == [("spans", "lane:0:9:spans", 2), ("spans_in_progress", "lane:0:9:spans_in_progress", 1)]


def test_bad_rows_are_found_by_halving_always_in_the_same_way() -> None:
    """The tokens of the halves follow from their places, so that a replay inserts the same under the same names."""
    rows = [span(number)._replace(name="bad" if number == 2 else "good") for number in range(5)]
    writers = [_Writer(), _Writer()]
    outcomes = [StoreSink(writer).consume(Batch(Signal.SPANS, rows, "t")) for writer in writers]

    assert outcomes[0] == outcomes[1] == (4, [(2, "a bad row", 1)])
    assert writers[0].inserts == writers[1].inserts == [("spans", "t:spans/0", 2), ("spans", "t:spans/1/1", 2)]


def test_refused_body_is_decoded_here() -> None:
    """A body that the engine refuses is stored as rows; one without frames of Protobuf never reaches the engine."""
    good, odd = encode_traces(spans(2)), encode_traces(spans(3))
    writer = _Writer(refused=[odd])
    outcome = StoreSink(writer).consume(EncodedBatch(Encoded.OTLP_SPANS, [good, b"\xff", odd], "t"))

    assert outcome.accepted == 5
    assert [(each.position, each.rows) for each in outcome.rejected] == [(1, 1)]
    assert writer.inserts == [("otlp", "t:otlp/0", 1), ("spans", "t:otlp/1:spans", 3)]


def test_rows_of_a_refused_body_count_for_it() -> None:
    """Rows that are bad in the end are rejected under the place of their body."""
    odd = encode_traces([span(1), span(2)._replace(name="bad")])
    outcome = StoreSink(_Writer(refused=[odd])).consume(EncodedBatch(Encoded.OTLP_SPANS, [encode_traces([]), odd], "t"))

    assert outcome == (1, [(1, "a bad row", 1)])


def test_trouble_that_may_pass_is_raised() -> None:
    """The batch comes again."""
    with pytest.raises(UnavailableError):
        StoreSink(_Writer(away=True)).consume(Batch(Signal.LOGS, [log_record()], "t"))


def test_nothing_is_inserted_of_nothing() -> None:
    """A batch without rows or bodies makes no insert."""
    writer = _Writer()
    assert StoreSink(writer).consume(Batch(Signal.LOGS, [], "t")) == (0, [])
    assert StoreSink(writer).consume(EncodedBatch(Encoded.OTLP_SPANS, [], "t")) == (0, [])
    assert writer.inserts == []


def _datagram(name: str, **members: object) -> bytes:
    return HEADER + json.dumps(segment(name=name, **members)).encode()


def test_documents_are_stored_table_by_table() -> None:
    """Under tokens as rows have them; what cannot be read stands for no row."""
    writer = _Writer()
    running = _datagram("running", end_time=None, in_progress=True)
    bodies = [_datagram("good"), HEADER + b"{}", running, _datagram("good")]
    outcome = StoreSink(writer).consume(EncodedBatch(Encoded.XRAY_SPANS, bodies, "t", [1, 2, 3, 4]))

    assert outcome.accepted == 3
    assert [(each.position, each.rows) for each in outcome.rejected] == [(1, 0)]
    assert "no id" in outcome.rejected[0].reason
    assert writer.inserts == [("spans", "t:spans", 2), ("spans_in_progress", "t:spans_in_progress", 1)]


def test_documents_that_the_store_refuses_become_rows() -> None:
    """So that only the row at fault is rejected, under the place of its document."""
    bodies = [HEADER + b"{}", *(_datagram(name, subsegments=[subsegment(1)]) for name in ("good", "bad", "good"))]
    writer = _Writer()
    outcome = StoreSink(writer).consume(EncodedBatch(Encoded.XRAY_SPANS, bodies, "t", [1, 2, 3, 4]))

    assert outcome.accepted == 5
    assert [(each.position, each.rows) for each in outcome.rejected] == [(0, 0), (2, 1)]
    assert outcome.rejected[1].reason == "a bad row"
    assert sum(rows for _, _, rows in writer.inserts) == 5
    assert len({token for _, token, _ in writer.inserts}) == len(writer.inserts)
