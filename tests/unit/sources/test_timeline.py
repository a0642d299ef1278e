"""The whole timeline of one task: complete where AWS answers, and a word for what it does not give."""

from collections.abc import Callable

import pytest

from taskscope.aws.ecs import Ecs
from taskscope.aws.logs import LogEvent, Logs
from taskscope.clock import MILLISECOND, SECOND
from taskscope.errors import DeniedError, TaskscopeError, ThrottledError
from taskscope.model.ecs import Container, EcsService, LogConfiguration, ServiceEvent, Task, TaskDefinition
from taskscope.model.timeline import Kind, Reading, head_and_tail, whole_life
from taskscope.sources.timeline import Timeline, TimelineSource, Wanted

NOW = 100 * SECOND
AWSLOGS = LogConfiguration("awslogs", {"awslogs-group": "/web", "awslogs-stream-prefix": "p"})
TASK = Task(
    "a/0123", "a/prod", "a/web:1", 10 * SECOND, "STOPPED", "STOPPED",
    started_at=20 * SECOND, stopping_at=80 * SECOND, stopped_at=90 * SECOND,
    stopped_reason="Essential container in task exited", group="service:web",
    containers=(Container("web", "STOPPED", exit_code=1), Container("mesh", "STOPPED", exit_code=0)),
)  # fmt: skip
SERVICE = EcsService("web", (ServiceEvent("1", 85 * SECOND, "(task 0123) stopped"),))
LINES = [LogEvent(timestamp=each * 1000, message=f"line {each}") for each in (21, 50, 89)]

Collect = Callable[..., Timeline]


def _whole(task: Task) -> Reading:
    return whole_life(task, margin=SECOND, now=NOW)


@pytest.fixture
def collect(
    make_ecs: Callable[..., Ecs], make_logs: Callable[..., Logs], make_source: Callable[..., TimelineSource]
) -> Collect:
    """Give ``collect(wanted, task=..., service=..., definition=..., streams=...)`` on a made-up AWS."""

    def run(
        wanted: Wanted | None = None,
        *,
        task: Task = TASK,
        service: EcsService | TaskscopeError | None = SERVICE,
        definition: object = None,
        streams: dict[str, object] | None = None,
    ) -> Timeline:
        known = definition or TaskDefinition("a/web:1", {"web": AWSLOGS, "mesh": None})
        logs = make_logs({"p/web/0123": LINES} if streams is None else streams)
        with make_source(make_ecs(service=service, definition=known), logs, now=NOW) as source:
            return source.collect(task, wanted or Wanted(_whole))

    return run


def test_all_sources_are_merged_in_order(collect: Collect) -> None:
    """Service, task, containers and logs; the container without a log driver is said."""
    timeline = collect()

    assert [(each.source, each.message) for each in timeline.events] == [
        ("TASK", "Created"),
        ("TASK", "Started"),
        ("CONTAINER:web", "line 21"),
        ("CONTAINER:web", "line 50"),
        ("TASK", "Stopping"),
        ("TASK", "StoppedReason:Essential container in task exited"),
        ("SERVICE", "(task 0123) stopped"),
        ("CONTAINER:web", "line 89"),
        ("TASK", "Stopped"),
        ("CONTAINER:web", "STOPPED (exit code: 1)"),
        ("CONTAINER:mesh", "STOPPED (exit code: 0)"),
    ]
    assert [each.text for each in timeline.notices] == [
        "logs of container mesh are not in the timeline: it has no log configuration"
    ]
    assert timeline.unread is None


def test_what_lies_between_head_and_tail_is_told(collect: Collect) -> None:
    """The line in the middle stays out, and the stretch is given with the timeline."""
    timeline = collect(Wanted(lambda task: head_and_tail(task, margin=5 * SECOND, now=NOW)))

    assert [each.message for each in timeline.events if each.kind is Kind.LOG] == ["line 21", "line 89"]
    assert timeline.unread is not None
    assert 50_000 * MILLISECOND in timeline.unread


def test_without_logs_no_stream_is_asked(collect: Collect) -> None:
    """Neither the definition nor a stream: both would fail here."""
    timeline = collect(Wanted(_whole, logs=False), definition=DeniedError("no"), streams={})

    assert not any(each.kind is Kind.LOG for each in timeline.events)
    assert timeline.notices == []


def test_container_that_is_not_chosen_is_left_out(collect: Collect) -> None:
    """Its state, its lines and what would be said of them."""
    timeline = collect(Wanted(_whole, container=lambda name: name == "web"))

    assert {each.container for each in timeline.events} == {None, "web"}
    assert timeline.notices == []


def test_stream_that_does_not_exist_is_a_notice(collect: Collect) -> None:
    """It is no error: a task that never started writes nothing."""
    timeline = collect(streams={})

    assert any("there is no log stream p/web/0123 in /web" in each.text for each in timeline.notices)
    assert {each.exit_code for each in timeline.notices} == {0}
    assert any(each.message == "Created" for each in timeline.events)


def test_stream_that_may_not_be_read_is_a_notice(collect: Collect) -> None:
    """The rest is still shown, and the command succeeds: a retry is of no use."""
    timeline = collect(streams={"p/web/0123": DeniedError("the permission logs:GetLogEvents is missing")})

    assert any("are missing: the permission logs:GetLogEvents" in each.text for each in timeline.notices)
    assert {each.exit_code for each in timeline.notices} == {0}


def test_stream_that_is_throttled_ends_the_command_with_its_exit_code(collect: Collect) -> None:
    """What is missing may come with a retry, so a script has to know."""
    timeline = collect(streams={"p/web/0123": ThrottledError("slow down")})

    assert max(each.exit_code for each in timeline.notices) == 5
    assert any("are incomplete: slow down" in each.text for each in timeline.notices)


@pytest.mark.parametrize("part", ["service", "definition"])
def test_part_that_is_denied_leaves_the_rest(collect: Collect, part: str) -> None:
    """The lifecycle is there without the service's history or the logs."""
    timeline = collect(**{part: DeniedError("the permission is missing")})

    assert "the permission is missing" in [each.text for each in timeline.notices]
    assert any(each.message == "Stopped" for each in timeline.events)


def test_service_that_is_gone_is_said(collect: Collect) -> None:
    """Its events cannot be told, which is not the same as none."""
    timeline = collect(service=None)

    assert any("the service web is gone" in each.text for each in timeline.notices)


def test_service_of_a_connect_proxy_is_asked_for_its_logs(collect: Collect) -> None:
    """The proxy's stream is found by the service's configuration."""
    proxy = "ecs-service-connect-x"
    task = Task("a/0123", "a/prod", "a/web:1", SECOND, "RUNNING", "RUNNING", group="service:web",
                containers=(Container(proxy, "RUNNING"),))  # fmt: skip
    timeline = collect(
        task=task,
        service=EcsService("web", connect_logs={"ecs-svc/1": AWSLOGS}),
        definition=TaskDefinition("a/web:1", {}),
        streams={f"p/{proxy}/0123": LINES},
    )

    assert [each.message for each in timeline.events if each.kind is Kind.LOG] == ["line 21", "line 50", "line 89"]
    assert timeline.notices == []


def test_lines_of_a_shared_stream_come_once(collect: Collect) -> None:
    """Two containers with one ``awslogs-stream``: each line once, and a word on whose it may be."""
    fixed = LogConfiguration("awslogs", {"awslogs-group": "/web", "awslogs-stream": "fixed"})
    definition = TaskDefinition("a/web:1", {"web": fixed, "mesh": fixed})
    timeline = collect(definition=definition, streams={"fixed": LINES})

    assert [each.message for each in timeline.events if each.kind is Kind.LOG] == ["line 21", "line 50", "line 89"]
    assert ["mesh" in each.text for each in timeline.notices] == [True]


@pytest.mark.parametrize(("kept", "oldest", "notices"), [(100, 30, 1), (100, 1, 0), (99, 30, 0)])
def test_events_that_ecs_no_longer_keeps_are_told(collect: Collect, kept: int, oldest: int, notices: int) -> None:
    """ECS keeps the newest 100: where the oldest of them is later than the head's beginning, others may be gone."""
    times = [oldest * SECOND] * kept
    timeline = collect(
        service=EcsService("web", tuple(ServiceEvent(str(n), time, "x") for n, time in enumerate(times)))
    )

    assert sum("events of service web are incomplete" in each.text for each in timeline.notices) == notices
