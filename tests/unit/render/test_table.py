"""Tables: every message whole, marks where the text form has none."""

from datetime import UTC

import pytest
from rich.text import Text

from taskscope.model.ecs import Task
from taskscope.model.timeline import Kind, TimelineEvent
from taskscope.render.rows import TASK_COLUMNS, task_rows
from taskscope.render.table import print_rows, timeline_rows


def test_rows_mark_what_is_inferred_and_what_is_the_tasks_own() -> None:
    """``~`` for a time that AWS does not give, ``own`` for a service event that names the task."""
    events = [
        TimelineEvent(0, Kind.LIFECYCLE, "Created"),
        TimelineEvent(0, Kind.SERVICE_EVENT, "steady"),
        TimelineEvent(0, Kind.SERVICE_EVENT, "started", own=True),
        TimelineEvent(0, Kind.CONTAINER_STATE, "RUNNING", container="web", inferred=True),
    ]

    assert [str(row[2]) for row in timeline_rows(events, zone=UTC)] == ["", "", "own", "~"]


def test_table_off_a_terminal_keeps_ids_whole_and_has_no_colour(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is cut, so that a script may still find an id; markup in a text is text."""
    rows: list[list[str | Text]] = [["0" * 32, "[red]web[/red]", Text("message")]]

    print_rows(["TASK", "GROUP", "MESSAGE"], rows, color=False, terminal=False)

    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert out.splitlines()[1].split() == ["0" * 32, "[red]web[/red]", "message"]


def test_long_message_is_folded_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """Every character of it is there; controls are escaped as in the text form."""
    event = TimelineEvent(0, Kind.LOG, "x" * 500 + "\x1b[31m", container="web")

    print_rows(["TIME", "SOURCE", "", "MESSAGE"], timeline_rows([event], zone=UTC), color=False, terminal=False)

    out = capsys.readouterr().out
    assert out.count("x") - out.count(r"\x1b") == 500
    assert "\x1b" not in out


def test_colour_is_for_who_asks(capsys: pytest.CaptureFixture[str]) -> None:
    """The head is bold."""
    print_rows(["TASK"], [["a"]], color=True, terminal=False)

    assert "\x1b[1m" in capsys.readouterr().out


def test_list_of_tasks_has_the_columns_of_its_head() -> None:
    """Id, definition with revision, statuses, creation, group, launch type."""
    task = Task("a/0123", "a/prod", "a/web:7", 0, "RUNNING", "STOPPED", group="service:web", launch_type="FARGATE")

    [row] = task_rows([task], zone=UTC)

    assert dict(zip(TASK_COLUMNS, row, strict=True)) == {
        "TASK": "0123",
        "DEFINITION": "web:7",
        "LAST": "RUNNING",
        "DESIRED": "STOPPED",
        "CREATED": "1970-01-01T00:00:00Z",
        "GROUP": "service:web",
        "LAUNCH": "FARGATE",
    }
