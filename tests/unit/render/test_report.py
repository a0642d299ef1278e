"""A report within the limits of SNS."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.model.timeline import Kind, TimelineEvent
from taskscope.render.report import MESSAGE_LIMIT, fit, subject, text_lines

_lines = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=60), max_size=40)


def test_report_has_the_text_form() -> None:
    """The lines that ``trace`` prints."""
    assert text_lines([TimelineEvent(0, Kind.LIFECYCLE, "Created")], zone=UTC) == [
        "1970-01-01T00:00:00.000Z\tTASK\tCreated"
    ]


@given(_lines, st.integers(160, 1000))
def test_message_never_exceeds_the_limit_and_keeps_the_newest_lines_whole(lines: list[str], limit: int) -> None:
    """What fits is whole; else the newest lines stay, and the first says how many are left out."""
    message = fit(lines, limit=limit)

    assert len(message.encode()) <= limit
    whole = "".join(f"{each}\n" for each in lines)
    if len(whole.encode()) <= limit:
        assert message == whole
        return
    head, _, rest = message.partition("\n")
    left_out = int(head[1:].partition(" ")[0])
    assert 0 <= left_out < len(lines)
    if "the beginning of the next one" in head:
        assert left_out == len(lines) - 1
        assert f"{lines[-1]}\n".endswith(rest)
    else:
        assert rest == "".join(f"{each}\n" for each in lines[left_out:])


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=200), st.integers(160, 199))
def test_line_over_the_limit_loses_its_beginning_at_a_character(text: str, limit: int) -> None:
    """The end of the newest line is what tells how it ended; the message is UTF-8, and says what is missing."""
    message = fit(["before", text], limit=limit)

    head, _, rest = message.partition("\n")
    assert head.startswith("(1 earlier lines and the beginning of the next one are left out")
    assert len(message.encode()) <= limit
    assert rest.removesuffix("\n")
    assert text.endswith(rest.removesuffix("\n"))


def test_as_many_lines_stay_as_there_is_room_for() -> None:
    """At SNS's own limit, with ten-byte lines: hardly any room is wasted."""
    message = fit([f"{number:09}" for number in range(30_000)])

    assert MESSAGE_LIMIT - 50 < len(message.encode()) <= MESSAGE_LIMIT
    assert message.endswith("000029999\n")


def test_nothing_to_say_is_an_empty_message() -> None:
    """And a limit that holds not even the word for what is left out is refused."""
    assert fit([]) == ""
    with pytest.raises(ValueError, match="holds nothing"):
        fit(["x" * 100], limit=20)


@pytest.mark.parametrize(
    ("cluster", "task", "expected"),
    [
        ("prod", "0123", "Tracer: 0123 on prod"),
        ("prod", None, "Tracer: tasks on prod"),
        (None, None, "Tracer: clusters"),
        ("pröd\n", "0123", "Tracer: 0123 on pr?d?"),
    ],
)
def test_subject_is_that_of_tracer(cluster: str | None, task: str | None, expected: str) -> None:
    """In printable ASCII."""
    assert subject(cluster, task) == expected


@given(st.text(), st.text())
def test_subject_is_at_most_100_printable_ascii_characters(cluster: str, task: str) -> None:
    """SNS refuses others."""
    made = subject(cluster, task)

    assert 1 <= len(made) <= 100
    assert made.isascii()
    assert made.isprintable()
