"""The JSON form: a schema that scripts rely on."""

import json
from datetime import UTC

from taskscope.clock import SECOND
from taskscope.model.ecs import Container, Task
from taskscope.model.timeline import Kind, LogOrigin, TimelineEvent, Window
from taskscope.render.json import event_document, task_document, window_document


def test_log_line_says_where_it_was_read() -> None:
    """Group, stream and time of ingestion."""
    event = TimelineEvent(
        SECOND, Kind.LOG, "a\nb", container="web", origin=LogOrigin("/g", "s"), ingested_at=2 * SECOND
    )

    assert event_document(event, zone=UTC) == {
        "time": "1970-01-01T00:00:01.000Z",
        "source": "CONTAINER:web",
        "kind": "log",
        "message": "a\nb",
        "container": "web",
        "log_group": "/g",
        "log_stream": "s",
        "ingested": "1970-01-01T00:00:02.000Z",
    }


def test_members_that_say_nothing_are_left_out() -> None:
    """``own`` only of service events, ``inferred`` only where true, ``ingested`` only where known."""
    assert set(event_document(TimelineEvent(0, Kind.LIFECYCLE, "Created"))) == {"time", "source", "kind", "message"}
    assert event_document(TimelineEvent(0, Kind.SERVICE_EVENT, "x"))["own"] is False
    assert event_document(TimelineEvent(0, Kind.SERVICE_EVENT, "x", own=True))["own"] is True
    assert event_document(TimelineEvent(0, Kind.CONTAINER_STATE, "x", inferred=True))["inferred"] is True
    assert "ingested" not in event_document(TimelineEvent(0, Kind.LOG, "x", origin=LogOrigin("/g", "s")))


def test_task_has_every_member_and_null_where_ecs_says_nothing() -> None:
    """A script needs no test for absence."""
    containers = (Container("web", "STOPPED", exit_code=0),)
    task = Task("a/0123", "a/prod", "a/web:7", SECOND, "RUNNING", "STOPPED", group="service:web", containers=containers)

    document = task_document(task, zone=UTC)

    assert (document["id"], document["cluster"], document["definition"]) == ("0123", "prod", "web:7")
    assert (document["created"], document["stopped"], document["stop_code"]) == ("1970-01-01T00:00:01.000Z", None, None)
    assert document["containers"] == [
        {"name": "web", "last_status": "STOPPED", "exit_code": 0, "reason": None, "health": None, "runtime_id": None}
    ]
    assert json.loads(json.dumps(document)) == document


def test_window_may_be_open_or_absent() -> None:
    """Null for no window, and for an end that is open."""
    assert window_document(None) is None
    assert window_document(Window(0, SECOND), zone=UTC) == {
        "start": "1970-01-01T00:00:00.000Z",
        "end": "1970-01-01T00:00:01.000Z",
    }
    assert (window_document(Window(0), zone=UTC) or {})["end"] is None
