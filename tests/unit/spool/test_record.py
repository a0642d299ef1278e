"""Records: what was written is read, and nothing else is taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.spool import record
from taskscope.spool.frame import Frame
from taskscope.spool.record import Flaw, Record, decode, encode, find

FRAMES = st.builds(
    Frame,
    kind=st.integers(0, 255),
    received_ns=st.integers(-(2**63), 2**63 - 1),
    body=st.binary(max_size=300),
    encoding=st.integers(0, 255),
    sender=st.text(st.characters(codec="utf-8"), max_size=60),
)


def encoded(*frames: Frame) -> bytes:
    """Return the records of frames, one after another."""
    return b"".join(piece for each in frames for piece in encode(each))


@given(FRAMES, st.binary(max_size=50), st.binary(max_size=50))
def test_record_reads_as_it_was_written(frame: Frame, before: bytes, after: bytes) -> None:
    """Wherever it lies, and whatever kind a later version gives it."""
    read = decode(before + encoded(frame) + after, len(before))

    assert read == Record(frame, len(before) + len(encoded(frame)))
    assert record.size(frame) == len(encoded(frame))


@given(FRAMES, st.data())
def test_record_that_ends_early_is_incomplete(frame: Frame, data: st.DataObject) -> None:
    """A reader waits for the rest."""
    content = encoded(frame)

    assert decode(content[: data.draw(st.integers(0, len(content) - 1))], 0) is Flaw.INCOMPLETE


@given(FRAMES, st.data())
def test_changed_bit_is_never_taken_for_the_record(frame: Frame, data: st.DataObject) -> None:
    """Damage, or, if the length was hit, a record that never ends."""
    content = bytearray(encoded(frame))
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    content[bit // 8] ^= 1 << bit % 8

    assert isinstance(decode(bytes(content), 0), Flaw)


@given(st.lists(FRAMES, min_size=1, max_size=5), st.binary(max_size=80).filter(lambda noise: b"\xf5" not in noise))
def test_sound_record_is_found_behind_damage(frames: list[Frame], noise: bytes) -> None:
    """The first one that is sound, wherever the search begins before it."""
    content = noise + encoded(*frames)

    assert find(content, 0) == len(noise)
    assert find(content, len(noise) + 1) == (len(noise) + record.size(frames[0]) if frames[1:] else None)


@given(st.binary(max_size=200))
def test_no_record_is_found_in_bytes_that_hold_none(noise: bytes) -> None:
    """Random bytes do not have the right checksum."""
    assert find(noise, 0) is None


def test_long_sender_is_cut_to_what_its_length_can_say() -> None:
    """At 255 bytes, even in the middle of a character; its size stays the record's."""
    frame = Frame(1, 7, b"body", sender="é" * 200)
    read = decode(encoded(frame), 0)

    assert isinstance(read, Record)
    assert read.frame.sender == "é" * 127 + "\N{REPLACEMENT CHARACTER}"
    assert record.size(read.frame) == read.end == record.size(frame)


def test_too_long_body_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says how long it may be; a length beyond that is damage, not a reason to wait."""
    content = encoded(Frame(1, 7, b"12345"))
    monkeypatch.setattr(record, "MAX_BODY_BYTES", 4)

    with pytest.raises(ValueError, match="a body of 5 bytes is longer than 4"):
        encode(Frame(1, 7, b"12345"))
    assert decode(content[:-1], 0) is Flaw.DAMAGED
