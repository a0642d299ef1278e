"""Pieces: what a range decodes to, in parts that a replay repeats."""

import pytest

from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from taskscope.pipeline import piece
from taskscope.pipeline.piece import Gathering, Opened, Piece, only
from tests.unit.pipeline.doubles import logs
from tests.unit.sinks.rows import log, span

LOGS = [log(str(number), time_ns=number) for number in range(3)]
SPAN = span(1, start_ns=0)


def opened(text: str, size: int = 10) -> Opened:
    """Return a frame with a body of some length."""
    return Opened(logs(text), bytes(size))


def tokens(pieces: list[Piece]) -> list[str]:
    """Return the names of pieces."""
    return [each.batch.token for each in pieces]


def test_rows_and_bodies_of_each_signal_are_pieces_of_their_own() -> None:
    """Each with the frames that they came from."""
    gathering = Gathering("range")
    one, two, three = opened("1"), opened("2"), opened("3")
    gathering.add_rows(Signal.LOGS, LOGS[:2], one)
    gathering.add_rows(Signal.SPANS, [SPAN], two)
    gathering.add_body(Encoded.OTLP_SPANS, three)
    gathering.add_rows(Signal.LOGS, LOGS[2:], two)

    encoded, spans, texts = gathering.pieces()

    assert isinstance(encoded.batch, EncodedBatch)
    assert (encoded.batch.bodies, encoded.frames, len(encoded)) == ([three.body], [three.frame], 1)
    assert isinstance(spans.batch, Batch)
    assert (spans.batch.rows, spans.frames) == ([SPAN], [two.frame])
    assert isinstance(texts.batch, Batch)
    assert (texts.batch.rows, texts.frames, len(texts)) == (LOGS, [one.frame, one.frame, two.frame], 3)
    assert len({*tokens([encoded, spans])}) == 2


def test_body_without_rows_makes_no_piece() -> None:
    """Nothing to deliver, nothing to name."""
    gathering = Gathering("range")
    gathering.add_rows(Signal.LOGS, [], opened("1"))

    assert list(gathering.pieces()) == []
    assert list(gathering.pieces()) == []


def test_a_sink_may_ask_for_smaller_pieces() -> None:
    """One that forwards, where memory is scarce."""
    gathering = Gathering("range", most_bytes=100)
    gathering.add_body(Encoded.OTLP_LOGS, opened("1", 60))
    assert not gathering.is_full
    gathering.add_body(Encoded.OTLP_LOGS, opened("2", 60))
    assert gathering.is_full


def test_full_is_told_by_the_bytes_of_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the pieces that were given out do not count on."""
    monkeypatch.setattr(piece, "PIECE_BYTES", 100)
    gathering = Gathering("range")
    told = [gathering.is_full]
    gathering.add_body(Encoded.OTLP_LOGS, opened("1", 60))
    told.append(gathering.is_full)
    gathering.add_rows(Signal.LOGS, LOGS, opened("1", 40))
    told.append(gathering.is_full)
    first = list(gathering.pieces())
    told.append(gathering.is_full)
    gathering.add_body(Encoded.OTLP_LOGS, opened("1", 60))

    assert told == [False, False, True, False]
    assert len(set(tokens(first + list(gathering.pieces())))) == 3


def test_replay_that_divides_its_frames_in_another_way_uses_other_names() -> None:
    """More may be known of a sender by then: its body is decoded, and the rest is no longer the batch that it was."""

    def divide(*forms: str) -> list[str]:
        gathering = Gathering("range")
        for number, form in enumerate(forms):
            if form == "rows":
                gathering.add_rows(Signal.LOGS, [LOGS[number]], opened(str(number)))
            else:
                gathering.add_body(Encoded.OTLP_LOGS, opened(str(number)))
        return tokens(list(gathering.pieces()))

    assert divide("body", "body") == divide("body", "body")
    names = [divide(*forms) for forms in (["body"] * 2, ["rows"] * 2, ["body", "rows"], ["rows", "body"])]
    assert len({each for name in names for each in name}) == 6


def test_sink_gets_what_it_takes() -> None:
    """In the order of the range."""
    gathering = Gathering("range")
    gathering.add_rows(Signal.LOGS, LOGS, opened("1"))
    gathering.add_rows(Signal.SPANS, [SPAN], opened("1"))
    pieces = list(gathering.pieces())

    assert list(only([Signal.LOGS], pieces)) == pieces[1:]
    assert list(only(Signal, pieces)) == pieces
