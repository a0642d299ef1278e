"""The timeline of a task out of a real store."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pytest

from taskscope.api.app import make_app
from taskscope.errors import NotFoundError
from taskscope.model.change import EcsChange, Subject
from taskscope.model.container_metrics import CPU_RESERVED, CPU_USAGE, MEMORY_LIMIT, MEMORY_WORKING_SET
from taskscope.model.document import from_document, to_document
from taskscope.model.metric import Datapoint, Metric
from taskscope.model.resource import Resource
from taskscope.model.span import Span, SpanEvent, SpanKind
from taskscope.model.timeline import Kind, TaskTimeline
from taskscope.query.timeline import task_timeline
from taskscope.store.engine import Store
from tests.contract.logs.conftest import Put, insert
from tests.contract.logs.records import SECOND, START, TASK, WEB, record
from tests.unit.api.asgi import ask_now
from tests.unit.api.parts import make_parts

SERVICE = "arn:aws:ecs:eu-west-1:123456789012:service/shop/web"
CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop"
TASK_ID = "0123456789abcdef0123456789abcdef"
TRACE = bytes.fromhex("5759e988bd862e3fe1be46a994272793")


def iso(at: float) -> str:
    """Return a time, so many seconds after the start, as EventBridge writes it."""
    minutes, seconds = divmod(20 + at, 60)
    return f"2026-09-21T14:{13 + int(minutes):02}:{seconds:06.3f}Z"


def change(subject: Subject, arn: str, at: float, name: str, document: dict[str, Any], event_id: str = "") -> EcsChange:
    """Return a change of a task or a line of its service's history."""
    at_ns = START + round(at * SECOND)
    return EcsChange(
        subject, arn, at_ns // 1_000_000, at_ns, CLUSTER, "1", "eu-west-1", event_id, name, SERVICE, document
    )


def span(at: float, name: str, number: int, **attributes: str) -> Span:
    """Return a span of the task."""
    start = START + round(at * SECOND)
    ids = TRACE, bytes([number]) * 8, b""
    return Span(*ids, name, SpanKind.SERVER, start, start + 12_345_678, attributes, WEB)


@pytest.fixture
def stopped(empty: Store, put: Put) -> Store:
    """Give a store with a task that ran from second 10 to second 400."""
    document = {
        "taskArn": TASK, "clusterArn": CLUSTER, "taskDefinitionArn": "web:7", "group": "service:web",
        "createdAt": iso(10), "startedAt": iso(20), "stoppingAt": iso(390), "stoppedAt": iso(400),
        "lastStatus": "STOPPED", "desiredStatus": "STOPPED", "stoppedReason": "Essential container in task exited",
        "stopCode": "EssentialContainerExited",
        "containers": [{"name": "web", "lastStatus": "STOPPED", "exitCode": 1}],
    }  # fmt: skip
    old = {**document, "lastStatus": "RUNNING"}
    insert(empty, "ecs_tasks", [change(Subject.TASK, TASK, 20, "RUNNING", old)])
    insert(empty, "ecs_tasks", [change(Subject.TASK, TASK, 400, "STOPPED", document)])
    history = [
        change(Subject.SERVICE_EVENT, SERVICE, 395, "SERVICE_TASK_START_IMPAIRED", {"reason": TASK_ID}, "e1"),
        change(Subject.SERVICE_EVENT, SERVICE, 4_000, "SERVICE_STEADY_STATE", {}, "e2"),
    ]
    insert(empty, "ecs_service_events", history)
    put([record("ready", 21, resource=WEB), record("in between", 200, resource=WEB), record("boom", 391, resource=WEB)])
    put([record("another's", 391)])
    failed = span(390.5, "POST /orders", 2, **{"http.response.status_code": "500"})
    raised = SpanEvent(failed.start_ns, "exception", {"exception.type": "KeyError", "exception.message": "'id'"})
    insert(empty, "spans", [span(22, "GET /", 1), failed._replace(events=[raised]), span(200, "GET /late", 3)])
    return empty


def lines(timeline: TaskTimeline) -> list[tuple[float, str, str]]:
    """Return time, source and message of each event."""
    return [((each.time - START) / SECOND, each.source, each.message) for each in timeline.events]


def test_everything_is_in_one_order(stopped: Store) -> None:
    """A minute around start and end, as `taskscope trace` reads; the newest version of the task counts."""
    timeline = task_timeline(stopped, TASK_ID, now_ns=START + 1_000 * SECOND)
    assert lines(timeline) == [
        (10, "TASK", "Created"),
        (20, "TASK", "Started"),
        (21, "CONTAINER:web", "ready"),
        (22, "SPAN:web", f"GET / 12.346ms trace={TRACE.hex()}"),
        (390, "TASK", "Stopping"),
        (390, "TASK", "StoppedReason:Essential container in task exited"),
        (390, "TASK", "StoppedCode:EssentialContainerExited"),
        (390.5, "SPAN:web", f"POST /orders 500 12.346ms fault: KeyError: 'id' trace={TRACE.hex()}"),
        (391, "CONTAINER:web", "boom"),
        (395, "SERVICE", f"SERVICE_TASK_START_IMPAIRED: {TASK_ID}"),
        (400, "TASK", "Stopped"),
        (400, "CONTAINER:web", "STOPPED (exit code: 1)"),
    ]
    assert timeline.task_arn == TASK
    assert timeline.notices == ()


def test_a_time_and_kinds_choose(stopped: Store) -> None:
    """With a time all from there on; only the kinds that are asked for."""
    found = task_timeline(
        stopped, TASK, now_ns=START + 1_000 * SECOND, since_ns=START + 100 * SECOND, kinds=[Kind.LOG, Kind.SPAN]
    )
    assert [message.split(" 1")[0] for _, _, message in lines(found)] == [
        "in between",
        "GET /late",
        "POST /orders 500",
        "boom",
    ]


def test_a_task_that_ecs_told_nothing_of(stopped: Store) -> None:
    """It has log lines and spans, where a time is given."""
    stopped.execute(f"TRUNCATE TABLE `{stopped.database}`.ecs_tasks")
    with pytest.raises(NotFoundError):
        task_timeline(stopped, TASK_ID, now_ns=START + 1_000 * SECOND)
    found = task_timeline(stopped, TASK_ID, now_ns=START + 1_000 * SECOND, since_ns=START)
    assert {each.kind for each in found.events} == {Kind.LOG, Kind.SPAN}
    assert found.task_arn == ""


def _readings(cpu: Sequence[float], memory: Sequence[float], *, limit: float = 0) -> list[Datapoint]:
    """Return readings of container ``web``, every ten seconds from 20 s on."""
    resource = Resource({"aws.ecs.task.arn": TASK, "container.name": "web", "aws.ecs.cluster.arn": "c"})
    told: list[tuple[Metric, Sequence[float]]] = [(CPU_USAGE, cpu), (MEMORY_WORKING_SET, [n * 2**20 for n in memory])]
    if limit:
        told += [(CPU_RESERVED, [limit] * len(cpu)), (MEMORY_LIMIT, [limit * 2**30] * len(cpu))]
    return [
        Datapoint(metric, {}, START + (20 + 10 * number) * SECOND, value, resource)
        for metric, values in told
        for number, value in enumerate(values)
    ]


def _metrics(store: Store) -> list[tuple[float, str, str]]:
    return lines(task_timeline(store, TASK, now_ns=START + 1_000 * SECOND, since_ns=START, kinds=[Kind.METRIC]))


def test_readings_that_tell_something_stand_in_the_timeline(stopped: Store) -> None:
    """The first, the last, and those by which CPU or memory has moved by a tenth of its limit."""
    stopped.execute(f"TRUNCATE TABLE `{stopped.database}`.usage_by_minute")
    used = _readings([0.1, 0.11, 0.13, 0.25, 0.26, 0.26], [100, 110, 120, 130, 400, 401], limit=0.5)
    insert(stopped, "otel_metrics_gauge", used)

    assert _metrics(stopped) == [
        (20, "METRIC:web", "cpu=0.1 of 0.5 (20%) memory=100 of 512 MiB (20%)"),
        (50, "METRIC:web", "cpu=0.25 of 0.5 (50%) memory=130 of 512 MiB (25%)"),
        (60, "METRIC:web", "cpu=0.26 of 0.5 (52%) memory=400 of 512 MiB (78%)"),
        (70, "METRIC:web", "cpu=0.26 of 0.5 (52%) memory=401 of 512 MiB (78%)"),
    ]


def test_readings_without_limits_are_told_of_when_they_double(stopped: Store) -> None:
    """Half and double are news; memory may not be known."""
    stopped.execute(f"TRUNCATE TABLE `{stopped.database}`.usage_by_minute")
    insert(stopped, "otel_metrics_gauge", _readings([0.1, 0.15, 0.31, 0.2, 0.14, 0.14], []))

    assert [(at, message) for at, _, message in _metrics(stopped)] == [
        (20, "cpu=0.1"),
        (40, "cpu=0.31"),
        (60, "cpu=0.14"),
        (70, "cpu=0.14"),
    ]


def test_of_too_many_spans_the_failed_ones_are_shown(stopped: Store) -> None:
    """And it is said how many there are."""
    insert(stopped, "spans", [span(30, f"GET /{number}", 9) for number in range(600)])
    found = task_timeline(stopped, TASK_ID, now_ns=START + 1_000 * SECOND, since_ns=START, kinds=[Kind.SPAN])
    assert len(found.events) == 500
    assert "POST /orders" in {each.message[:12] for each in found.events}
    assert found.notices == ("500 of 603 spans of a stretch of time are shown: failed ones, then the latest",)


def test_the_route_answers_with_the_document(stopped: Store) -> None:
    """It reads as what it was; unknown tasks and kinds are problems."""
    app = make_app(make_parts(reader=stopped, now=START + 1_000 * SECOND))

    def asked(task: str, **given: object) -> Any:
        return ask_now(app, "GET", f"/api/tasks/{task}/timeline?{urlencode(given)}")

    whole = task_timeline(stopped, TASK_ID, now_ns=START + 1_000 * SECOND)
    assert (
        from_document(TaskTimeline, asked(TASK_ID).document) == from_document(TaskTimeline, to_document(whole)) == whole
    )
    assert len(asked(TASK_ID, start=START, kinds="span").document["events"]) == 3
    assert asked("nothing").status == 404
    assert asked(TASK_ID, kinds="noise").status == 400


def test_what_was_polled_of_a_service_is_told_once(stopped: Store) -> None:
    """A deployment that EventBridge told of as well is one line; a line of the history has its text."""
    finished = {"deploymentId": "ecs-svc/7", "reason": "done"}
    told = change(Subject.DEPLOYMENT, "ecs-svc/7", 394, "SERVICE_DEPLOYMENT_COMPLETED", finished, "e3")
    seen = change(Subject.DEPLOYMENT, "ecs-svc/7", 394.5, "SERVICE_DEPLOYMENT_COMPLETED", finished, "watch:7")
    insert(stopped, "ecs_deployments", [told, seen])
    line = change(Subject.SERVICE_EVENT, SERVICE, 396, "", {"message": "(service web) has stopped 1 tasks"}, "e4")
    insert(stopped, "ecs_service_events", [line])

    found = lines(task_timeline(stopped, TASK, now_ns=START + 9_000 * SECOND, kinds={Kind.SERVICE_EVENT}))

    assert [message for _, _, message in found] == [
        "ecs-svc/7 SERVICE_DEPLOYMENT_COMPLETED: done",
        f"SERVICE_TASK_START_IMPAIRED: {TASK_ID}",
        "(service web) has stopped 1 tasks",
    ]
