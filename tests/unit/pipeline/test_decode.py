"""Frames to pieces: every kind, and what cannot be read beside what can."""

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from taskscope.model.batch import Batch, Encoded, EncodedBatch, Row, Signal
from taskscope.model.resource import Resource
from taskscope.pipeline import decode as module
from taskscope.pipeline import piece
from taskscope.pipeline.decode import Contents, Decoder
from taskscope.pipeline.piece import Piece
from taskscope.pipeline.quarantine import list_quarantined
from taskscope.sinks.testing import MemorySink
from taskscope.spool.frame import Encoding, Frame, Kind
from tests.unit.pipeline.doubles import NOW, Rig, logs, span, spans
from tests.unit.sinks.rows import log
from tests.unit.wire.xray.documents import FIXTURES, HEADER, segment

OTLP = frozenset(Encoded) - {Encoded.XRAY_SPANS}


def protobuf(text: str = "hi", *, attributes: bytes = b"", sender: str = "10.0.0.1") -> Frame:
    """Return an OTLP request in Protobuf: one log record, written by hand (field number and type, length, content)."""

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    record = field(5, field(1, text.encode()))
    resource = field(1, field(1, field(1, attributes) + field(2, field(1, b"x")))) if attributes else b""
    body = field(1, resource + field(2, field(2, record)))
    return Frame(Kind.OTLP_LOGS_PROTOBUF, NOW, body, sender=sender)


class Known:
    """Knows one address."""

    def knows(self, sender: str) -> bool:
        """Say whether it is that one."""
        return sender == "10.0.0.9"

    def enrich(self, resource: Resource, sender: str) -> Resource:
        """Add where it is."""
        return Resource({**resource.attributes, "at": sender})


def decoder(rig: Rig, **more: object) -> Decoder:
    """Make a decoder for the rig's sink."""
    options: dict[str, object] = {
        "signals": rig.sink.signals,
        "encoded": rig.sink.encoded,
        "quarantine": rig.quarantine,
        "counters": rig.counters,
    }
    return Decoder(**(options | more))  # type: ignore[arg-type]


def rows(pieces: Iterable[Piece]) -> list[Row]:
    """Return the rows of decoded pieces."""
    return [row for each in pieces if isinstance(each.batch, Batch) for row in each.batch.rows]


def reasons(rig: Rig) -> list[str]:
    """Return why bodies are in quarantine."""
    return [each.reason for each in list_quarantined(rig.folder / "quarantine")]


def test_compressed_body_decodes_like_a_plain_one(tmp_path: Path) -> None:
    """Its frame says how it came."""
    plain = protobuf("packed")
    packed = plain._replace(body=gzip.compress(plain.body), encoding=Encoding.GZIP)

    first, second = rows(decoder(Rig(tmp_path)).pieces([plain, packed], "token"))

    assert first._replace(resource=second.resource, scope=second.scope) == second  # type: ignore[call-arg,union-attr]


def test_body_that_cannot_be_read_does_not_cost_the_others(tmp_path: Path) -> None:
    """Wherever in the range it lies, and whatever is wrong with it."""
    rig = Rig(tmp_path)
    bad = [
        Frame(99, NOW, b"from the future"),
        Frame(Kind.OTLP_LOGS_JSON, NOW, b"{"),
        Frame(Kind.OTLP_LOGS_PROTOBUF, NOW, b"\xff\xff"),
        Frame(Kind.OTLP_LOGS_PROTOBUF, NOW, b"\x1f\xff", Encoding.GZIP),
        Frame(Kind.FLUENT_MESSAGE, NOW, b"\xc1"),
        Frame(Kind.XRAY_DATAGRAM, NOW, b"no header"),
        Frame(Kind.AWS_EVENT, NOW, b"{"),
    ]
    frames = [frame for each in bad for frame in (each, logs("good"))]

    assert len(rows(decoder(rig).pieces(frames, "token"))) == len(bad)
    assert len(reasons(rig)) == len(bad)
    assert "frames of kind 99 cannot be read by this version" in reasons(rig)


def test_fault_of_ours_costs_one_body(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is kept, with where it happened, and counted."""

    def broken(frame: Frame, _: bytes) -> Iterable[Contents]:
        if b"odd" in frame.body:
            raise IndexError("list index out of range")
        return [Contents(Signal.LOGS, [log("good", time_ns=1)])]

    monkeypatch.setattr(module, "_function", lambda _: broken)
    rig = Rig(tmp_path)

    assert len(rows(decoder(rig).pieces([logs("1"), logs("odd"), logs("2")], "token"))) == 2
    [reason] = reasons(rig)
    assert reason.startswith("a fault: IndexError: list index out of range (broken, line ")
    assert rig.counters.value("faults.decode") == 1


def test_replay_makes_the_same_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, order and names, by another decoder, with bodies that cannot be read among them."""
    monkeypatch.setattr(piece, "PIECE_BYTES", 300)
    frames = [frame for number in range(9) for frame in (logs(str(number)), spans(span(number)), protobuf())]
    frames.insert(4, Frame(Kind.OTLP_LOGS_JSON, NOW, b"{"))
    rig = Rig(tmp_path, MemorySink(encoded=OTLP))

    first, again = (
        [(each.batch.token, each.batch.signal, len(each), each.frames) for each in decoder(rig).pieces(frames, "token")]
        for _ in range(2)
    )

    assert first == again
    assert len({(token, signal) for token, signal, *_ in first}) == len(first) > 6


def test_otlp_stays_encoded_for_sinks_that_take_it_so(tmp_path: Path) -> None:
    """In Protobuf, uncompressed; JSON is decoded."""
    rig = Rig(tmp_path, MemorySink(encoded=OTLP))

    encoded, decoded = decoder(rig).pieces([protobuf("a"), logs("b"), protobuf("c")], "token")

    assert isinstance(encoded.batch, EncodedBatch)
    assert encoded.batch.bodies == [protobuf("a").body, protobuf("c").body]
    assert len(rows([decoded])) == 1


def test_otlp_is_decoded_where_something_is_to_be_done_with_its_rows(tmp_path: Path) -> None:
    """Added, unless its sender has said it; or chosen from."""
    rig = Rig(tmp_path, MemorySink(encoded=OTLP))
    known = protobuf("known", sender="10.0.0.9")
    said = protobuf("said", attributes=b"aws.ecs.task.arn", sender="10.0.0.9")

    encoded, decoded = decoder(rig, enrichment=Known()).pieces([protobuf(), known, said], "token")

    assert isinstance(encoded.batch, EncodedBatch)
    assert encoded.batch.bodies == [protobuf().body, said.body]
    [row] = rows([decoded])
    assert row.resource.attributes == {"at": "10.0.0.9"}  # type: ignore[union-attr]
    assert len(rows(decoder(rig, selection=Nothing()).pieces([protobuf()], "token"))) == 0


def test_replay_decodes_what_was_decoded_before(tmp_path: Path) -> None:
    """Who was known when the range was cut may not be known by then, nor the other way round."""
    rig = Rig(tmp_path, MemorySink(encoded=OTLP))
    frames = [protobuf("a"), protobuf("b", sender="10.0.0.9"), protobuf("c")]
    knowing, forgetful = decoder(rig, enrichment=Known()), decoder(rig, enrichment=Nobody())

    def tokens(by: Decoder, known: list[str] | None) -> list[tuple[str, int]]:
        return [(each.batch.token, len(each)) for each in by.pieces(frames, "token", known=known)]

    assert (knowing.known(frames), forgetful.known(frames)) == (["10.0.0.9"], [])
    assert decoder(rig).known(frames) is None
    assert tokens(forgetful, ["10.0.0.9"]) == tokens(knowing, ["10.0.0.9"]) == tokens(knowing, None)
    assert tokens(knowing, []) == tokens(forgetful, None) != tokens(knowing, None)


class Nobody(Known):
    """Knows no address."""

    def knows(self, sender: str) -> bool:
        """Say no."""
        return not sender


class Nothing:
    """Chooses no row."""

    def select(self, signal: Signal, rows: Sequence[Row]) -> Sequence[Row]:
        """Return none."""
        assert signal == Signal.LOGS
        return rows[:0]


def test_enriched_rows_go_on_to_share_their_resource(tmp_path: Path) -> None:
    """What is made of it later is made once."""
    frame = logs("1", "2")._replace(sender="10.0.0.9")

    first, second = rows(decoder(Rig(tmp_path), enrichment=Known()).pieces([frame], "token"))

    assert first.resource is second.resource  # type: ignore[union-attr]


def test_sink_that_takes_nothing_of_a_body_does_not_have_it_read(tmp_path: Path) -> None:
    """Not even one that cannot be read."""
    rig = Rig(tmp_path, MemorySink(signals=frozenset({Signal.SPANS})))
    frames = [Frame(Kind.OTLP_LOGS_JSON, NOW, b"{"), spans(span(1))]

    assert len(rows(decoder(rig).pieces(frames, "token"))) == 1
    assert reasons(rig) == []


def test_kinds_that_are_nothing_for_a_sink_are_passed_over(tmp_path: Path) -> None:
    """Lines that were read from CloudWatch, for a sink that would write them back."""
    rig = Rig(tmp_path)
    event = {"group": "g", "stream": "s", "time_ns": 5, "message": "m", "id": "7"}
    frames = [Frame(Kind.LOG_EVENTS, NOW, json.dumps({"events": [event]}).encode()), logs("1")]

    assert len(rows(decoder(rig).pieces(frames, "token"))) == 2
    assert len(rows(decoder(rig, left_out=frozenset({Kind.LOG_EVENTS})).pieces(frames, "token"))) == 1


def test_what_no_sink_takes_is_counted(tmp_path: Path) -> None:
    """Nothing is lost without a trace."""
    rig = Rig(tmp_path, MemorySink(signals=frozenset({Signal.SPANS})))

    list(decoder(rig, unclaimed=frozenset({Signal.LOGS})).pieces([logs("1"), spans(span(1))], "token"))

    assert rig.counters.all() == {"dropped.no_sink.otlp_logs_json": 1}


def test_rows_that_make_no_sense_are_counted(tmp_path: Path) -> None:
    """Those beside them in the body are taken."""
    rig = Rig(tmp_path)

    assert len(rows(decoder(rig).pieces([spans(span(1), span(2) | {"traceId": "00"})], "token"))) == 1
    assert rig.counters.value("invalid.spans") == 1


def datagram(name: str, *, sender: str = "10.0.0.1") -> Frame:
    """Return an X-Ray datagram that says which task it is from, where OTLP would look for that."""
    body = HEADER + json.dumps(segment(name=name, metadata={"aws.ecs.task.arn": 1})).encode()
    return Frame(Kind.XRAY_DATAGRAM, NOW, body, sender=sender)


def test_datagrams_stay_encoded_for_sinks_that_take_them_so(tmp_path: Path) -> None:
    """But for OTLP in their envelope, and those to which something can be added; wrong headers are told at once."""
    rig = Rig(tmp_path, MemorySink(encoded=frozenset({Encoded.XRAY_SPANS})))
    otlp = Frame(Kind.XRAY_DATAGRAM, NOW, (FIXTURES / "adot_T1S.bin").read_bytes())
    wrong = Frame(Kind.XRAY_DATAGRAM, NOW, b'{"format":"json","version":2}\n{}')
    frames = [datagram("a"), otlp, wrong, datagram("b", sender="10.0.0.9"), datagram("c")._replace(received_ns=NOW + 1)]

    encoded, decoded = decoder(rig, enrichment=Known()).pieces(frames, "token")

    assert isinstance(encoded.batch, EncodedBatch)
    assert encoded.batch.bodies == [datagram("a").body, datagram("c").body]
    assert encoded.batch.received_ns == [NOW, NOW + 1]
    assert "b" in {row.name for row in rows([decoded])}  # type: ignore[union-attr]
    assert len(rows([decoded])) > 1
    assert reasons(rig) == ['the header names another format or version: b\'{"format":"json","version":2}\'']
    assert len(rows(decoder(rig, selection=All()).pieces([datagram("a")], "token"))) == 1


class All:
    """Chooses every row."""

    def select(self, _: Signal, rows: Sequence[Row]) -> Sequence[Row]:
        """Return all."""
        return rows
