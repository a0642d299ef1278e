"""The text form: one event a line, whatever the message."""

import re
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.model.timeline import Kind, TimelineEvent
from taskscope.render.text import STYLES, ansi, escape, line


def _event(message: str, kind: Kind = Kind.LOG) -> TimelineEvent:
    return TimelineEvent(0, kind, message, container="web" if kind in {Kind.LOG, Kind.CONTAINER_STATE} else None)


@given(st.text(st.characters()))
def test_escaped_message_is_one_line_without_controls(message: str) -> None:
    """Nothing but the tab is left of C0, DEL and C1, nothing that any program takes for a line's end; it is UTF-8."""
    escaped = escape(message)

    assert len(escaped.splitlines()) <= 1
    assert "\n" not in escaped
    assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]", escaped)
    assert escaped.encode().decode() == escaped


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))))
def test_ordinary_text_is_left_alone(message: str) -> None:
    """Letters of any script, blanks at the end, backslashes: as they are (rule 8)."""
    assert escape(message) == message
    assert escape(f"a\t{message}") == f"a\t{message}"


@pytest.mark.parametrize(
    ("message", "escaped"),
    [
        ("a\nb", r"a\nb"),
        ("a\r\nb\r\n", r"a\r\nb"),
        ("a\n", "a"),
        ("a\n\n", r"a\n"),
        ("\n", ""),
        ("", ""),
        ("ends in a blank ", "ends in a blank "),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x85\x9b\x7f\x00", r"\x85\x9b\x7f\x00"),
        ("\u2028\ud800", r"\u2028\ud800"),
        ("tab\tstays", "tab\tstays"),
        ("progress 1%\rprogress 2%", r"progress 1%\rprogress 2%"),
    ],
)
def test_controls_are_written_as_escapes(message: str, escaped: str) -> None:
    r"""A newline is ``\n``, others ``\x1b``; one newline at the end goes."""
    assert escape(message) == escaped


def test_line_has_three_columns() -> None:
    """Rule 2: separated by a tab; a tab in the message is part of it."""
    assert line(_event("a\tb"), zone=UTC) == "1970-01-01T00:00:00.000Z\tCONTAINER:web\ta\tb"


def test_raw_line_has_the_message_as_it_is() -> None:
    """With newlines and controls."""
    assert line(_event("a\n\x1bb\n"), zone=UTC, raw=True).endswith("\ta\n\x1bb\n")


@given(st.text(), st.sampled_from(Kind))
def test_colour_changes_nothing_but_colour(message: str, kind: Kind) -> None:
    """Without its SGR sequences a painted line is the plain one."""
    event = _event(message, kind)

    assert re.sub(r"\x1b\[[0-9;]*m", "", line(event, zone=UTC, paint=ansi)) == line(event, zone=UTC)


@pytest.mark.parametrize(
    ("kind", "message", "bad"),
    [
        (Kind.LIFECYCLE, "StoppedReason:x", True),
        (Kind.LIFECYCLE, "Stopped", False),
        (Kind.CONTAINER_STATE, "STOPPED (exit code: 1)", True),
        (Kind.CONTAINER_STATE, "STOPPED (reason: CannotPullContainerError)", True),
        (Kind.CONTAINER_STATE, "STOPPED (exit code: 0)", False),
        (Kind.CONTAINER_STATE, "RUNNING", False),
        (Kind.LOG, "STOPPED (exit code: 1)", False),
    ],
)
def test_why_it_ended_stands_out(kind: Kind, message: str, bad: bool) -> None:  # noqa: FBT001 (a column of the table)
    """Stop reasons and exit codes that are not 0 are red; a log line never is."""
    assert (f"\x1b[{STYLES['bad']}m{message}" in line(_event(message, kind), zone=UTC, paint=ansi)) is bad
