"""A function's output as log events."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from taskscope.lab.functions.log_decoder import LogDecoder


def _frame(message: str) -> bytes:
    """Frame a message as the runtime client does."""
    data = message.encode()
    return bytes.fromhex("a55a000f") + len(data).to_bytes(4, "big") + (7).to_bytes(8, "big") + data


_line = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=20).map(
    lambda text: f"{text}\n"
)
_message = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
_written = st.lists(st.tuples(st.booleans(), _line, _message), max_size=8)


@given(_written, st.lists(st.integers(0, 400), max_size=6))
def test_messages_survive_any_cut(written: list[tuple[bool, str, str]], cuts: list[int]) -> None:
    """Lines and frames come out as they went in, wherever the pipe cuts them."""
    expected = [message if framed else line for framed, line, message in written]
    data = b"".join(_frame(message) if framed else line.encode() for framed, line, message in written)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    decoder = LogDecoder()

    messages = [each for start, end in pairwise(edges) for each in decoder.feed(data[start:end])]

    assert messages + decoder.finish() == expected


def test_text_without_newline_ends_at_a_frame() -> None:
    """What was printed without a newline is a message of its own when a framed one follows."""
    decoder = LogDecoder()

    assert decoder.feed(b"waiting" + _frame("two\nlines\n") + b"rest") == ["waiting", "two\nlines\n"]
    assert decoder.finish() == ["rest"]


@given(st.integers(200_000, 600_000), st.sampled_from(["x", "é", "日", "😀"]))
def test_long_line_is_cut_between_characters(length: int, character: str) -> None:
    """A line that no log event can hold becomes several, without loss and without a broken character."""
    line = character * (length // len(character.encode())) + "\n"
    decoder = LogDecoder()

    messages = decoder.feed(line.encode()) + decoder.finish()

    assert "".join(messages) == line
    assert max(len(message.encode()) for message in messages) <= 262_118


def test_bytes_that_are_no_text_are_shown() -> None:
    """Binary output is decoded with replacements, not dropped."""
    assert LogDecoder().feed(b"\xff\xfe\n") == ["\ufffd\ufffd\n"]
