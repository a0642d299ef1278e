"""What is printed, in each form."""

import json
from datetime import UTC
from typing import Any

import pytest

from taskscope.cli.task.output import Output
from taskscope.clock import SECOND
from taskscope.model.ecs import Task
from taskscope.model.timeline import Kind, TimelineEvent, Window
from taskscope.sources.timeline import Notice, Timeline

TASK = Task("a/0123", "a/prod", "a/web:7", SECOND, "RUNNING", "RUNNING", group="service:web", launch_type="FARGATE")
EVENTS = [
    TimelineEvent(SECOND, Kind.LIFECYCLE, "Created"),
    TimelineEvent(2 * SECOND, Kind.LOG, "a\nb \u2028\ud800é\n", container="web"),
]
TIMELINE = Timeline(TASK, EVENTS, [Notice("something is missing")], unread=Window(0, SECOND))

Captured = pytest.CaptureFixture[str]


def test_text_is_one_event_a_line(capsys: Captured) -> None:
    """Rule 1: a newline at the end of each line, no header, no footer; notices are not for stdout."""
    Output("text", UTC).timeline(TIMELINE)

    assert capsys.readouterr().out == (
        "1970-01-01T00:00:01.000Z\tTASK\tCreated\n1970-01-01T00:00:02.000Z\tCONTAINER:web\ta\\nb \\u2028\\ud800é\n"
    )


def test_text_is_utf_8_whatever_the_locale(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Rule 1; half a surrogate pair, which UTF-8 has not, is written as an escape where messages are raw."""
    Output("text", UTC, raw=True).timeline(TIMELINE)

    assert capfdbinary.readouterr().out.endswith("\ta\nb \u2028".encode() + rb"\ud800" + "é\n".encode())


def test_raw_message_ends_its_line_once(capsys: Captured) -> None:
    """With a newline of its own or without."""
    events = [TimelineEvent(0, Kind.LOG, text, container="web") for text in ("a", "b\n", "c\n\n")]

    Output("text", UTC, raw=True).events(events)

    assert [each.rpartition("\t")[2] for each in capsys.readouterr().out.split("\n")] == ["a", "b", "c", "", ""]


def test_colour_is_only_where_it_is_wanted(capsys: Captured) -> None:
    """Escape sequences of ours, never of a message."""
    Output("text", UTC, color=True).events(EVENTS)

    assert "\x1b[" in capsys.readouterr().out


def test_json_is_one_document(capsys: Captured) -> None:
    """Task, events, notices and what was not read."""
    Output("json", UTC).timeline(TIMELINE)

    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["task", "events", "notices", "unread"]
    assert document["task"]["id"] == "0123"
    assert [each["message"] for each in document["events"]] == [each.message for each in EVENTS]
    assert document["notices"] == ["something is missing"]
    assert document["unread"] == {"start": "1970-01-01T00:00:00.000Z", "end": "1970-01-01T00:00:01.000Z"}


def test_json_lines_are_one_event_a_line(capsys: Captured) -> None:
    """Messages are whole: newlines and half surrogate pairs too."""
    Output("jsonl", UTC).timeline(TIMELINE)

    lines = capsys.readouterr().out.removesuffix("\n").split("\n")
    assert [json.loads(each)["message"] for each in lines] == [each.message for each in EVENTS]


def test_table_has_a_head(capsys: Captured) -> None:
    """Then a row for each event."""
    Output("table", UTC).timeline(TIMELINE)

    [head, first, *_] = capsys.readouterr().out.splitlines()
    assert head.split() == ["TIME", "SOURCE", "MESSAGE"]
    assert first.split() == ["1970-01-01T00:00:01.000Z", "TASK", "Created"]


@pytest.mark.parametrize(
    ("form", "expected"),
    [("text", "a\nb\n"), ("table", "a\nb\n"), ("jsonl", '"a"\n"b"\n'), ("json", '[\n  "a",\n  "b"\n]\n')],
)
def test_clusters_are_listed_in_each_form(capsys: Captured, form: str, expected: str) -> None:
    """Names, one a line."""
    Output(form, UTC).clusters(["a", "b"])

    assert capsys.readouterr().out == expected


def test_tasks_are_listed_in_each_form(capsys: Captured) -> None:
    """As text separated by tabs, as a table with a head, as documents."""
    printed: dict[str, Any] = {}
    for form in ("text", "table", "json", "jsonl"):
        Output(form, UTC).tasks([TASK])
        printed[form] = capsys.readouterr().out

    columns = ["0123", "web:7", "RUNNING", "RUNNING", "1970-01-01T00:00:01Z", "service:web", "FARGATE"]
    assert printed["text"] == "\t".join(columns) + "\n"
    assert printed["table"].splitlines()[1].split() == columns
    assert json.loads(printed["json"]) == [json.loads(printed["jsonl"])]


def test_notices_go_to_stderr(capsys: Captured) -> None:
    """A line each, so that stdout is data only."""
    Output("json").notices(TIMELINE.notices)

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "taskscope: something is missing\n"
