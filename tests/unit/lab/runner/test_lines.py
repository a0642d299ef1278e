"""Lines from bytes: every line once and in order, however the bytes are cut."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from taskscope.lab.logs.api import LogLine
from taskscope.lab.runner.lines import MAX_MESSAGE_BYTES, LineAssembler, MultilineAssembler


def assemble(chunks: list[bytes]) -> list[str]:
    """Return the messages that chunks make."""
    assembler = LineAssembler()
    lines = [line for index, chunk in enumerate(chunks) for line in assembler.feed(chunk, index)]
    return [line.message for line in [*lines, *assembler.close(len(chunks))]]


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=12))
def test_chunking_changes_nothing(data: bytes, cuts: list[int]) -> None:
    """However output is cut into reads, the messages are its lines: decoded, in order, empty ones as a blank."""
    bounds = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    chunks = [data[start:end] for start, end in pairwise(bounds)]

    expected = data.split(b"\n")
    if not expected[-1]:
        expected.pop()

    assert assemble(chunks) == [line.decode("utf-8", "replace") or " " for line in expected]


@given(st.text(alphabet="aé€😀", min_size=1, max_size=9), st.integers(-3, 3), st.integers(1, 70_000))
def test_a_long_line_is_split_between_characters(unit: str, extra: int, step: int) -> None:
    """The parts of a line over the limit join to the line, and none is over the limit or has half a character."""
    line = (unit * (MAX_MESSAGE_BYTES // len(unit.encode()) + 1 + max(0, extra))).encode()

    parts = assemble([line[at : at + step] for at in range(0, min(len(line), 40 * step), step)] + [line[40 * step :]])

    assert "".join(parts).encode() == line
    assert all(len(part.encode()) <= MAX_MESSAGE_BYTES for part in parts)


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    """What is over the limit is given on before the line ends."""
    assembler = LineAssembler()

    parts = [line for _ in range(100) for line in assembler.feed(b"x" * 65_536, 1)]

    assert sum(len(part.message) for part in parts) > 24 * MAX_MESSAGE_BYTES


def test_undecodable_bytes_are_replaced_and_stay_under_the_limit() -> None:
    """Each bad byte becomes three bytes, so a line near the limit is split anew after decoding."""
    parts = assemble([b"\xff" * MAX_MESSAGE_BYTES + b"\n"])

    assert "".join(parts) == "\ufffd" * MAX_MESSAGE_BYTES
    assert all(len(part.encode()) <= MAX_MESSAGE_BYTES for part in parts)


def test_a_line_has_the_time_at_which_its_end_was_read() -> None:
    """Lines of one batch have times of their own."""
    assembler = LineAssembler()

    lines = [*assembler.feed(b"one\ntw", 10), *assembler.feed(b"o\n", 20), *assembler.feed(b"three", 30)]

    assert [*lines, *assembler.close(40)] == [LogLine(10, "one"), LogLine(20, "two"), LogLine(40, "three")]


def test_a_matching_line_starts_a_new_message() -> None:
    """What comes before the next match is one message with the time of its first line."""
    assembler = MultilineAssembler(re.compile(r"^\d{4}-"))
    lines = [LogLine(1, "orphan"), LogLine(2, "2026-a"), LogLine(3, "  at b"), LogLine(4, "2026-c")]

    messages = [*assembler.feed(lines), *assembler.flush(), *assembler.flush()]

    assert messages == [LogLine(1, "orphan"), LogLine(2, "2026-a\n  at b"), LogLine(4, "2026-c")]
    assert assembler.pending_since is None


@given(st.lists(st.sampled_from(["START x", "more", "y" * 100_000]), max_size=12))
def test_joining_loses_no_line(texts: list[str]) -> None:
    """The messages' lines are the lines, and no message is over the limit."""
    assembler = MultilineAssembler(re.compile("START"))

    messages = [*assembler.feed(LogLine(1, text) for text in texts), *assembler.flush()]

    assert [part for message in messages for part in message.message.split("\n")] == texts
    assert all(len(message.message) <= MAX_MESSAGE_BYTES for message in messages)
