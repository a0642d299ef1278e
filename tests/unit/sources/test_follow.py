"""Following a task: each event is shown exactly once, however late it comes, and the end is the task's."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.aws.ecs import Ecs
from taskscope.aws.logs import LogEvent, Logs
from taskscope.clock import SECOND
from taskscope.errors import DeniedError, TaskscopeError, ThrottledError, UnreachableError
from taskscope.model.ecs import Container, EcsService, LogConfiguration, ServiceEvent, Task, TaskDefinition
from taskscope.model.timeline import Kind, TimelineEvent, head_and_tail
from taskscope.sources.follow import Follower, Pace
from taskscope.sources.timeline import Notice, TimelineSource, Wanted

START = 1_000 * SECOND
"""When following begins."""
STREAM = "p/web/0123"
AWSLOGS = LogConfiguration("awslogs", {"awslogs-group": "/web", "awslogs-stream-prefix": "p"})
MARGIN = 60 * SECOND


def _line(second: float, message: str) -> LogEvent:
    return LogEvent(timestamp=int(second * 1000), message=message)


@dataclass
class World:
    """An AWS whose clock goes on when the follower sleeps, and then something happens."""

    make_ecs: Callable[..., Ecs]
    make_logs: Callable[..., Logs]
    make_source: Callable[..., TimelineSource]
    created: int = START - 20 * SECOND
    now: int = START
    tasks: list[Task] = field(default_factory=list)
    lines: list[LogEvent] = field(default_factory=list)
    clusters: dict[str, list[Task]] = field(default_factory=dict)
    streams: dict[str, list[LogEvent] | TaskscopeError] = field(default_factory=dict)
    events: list[ServiceEvent] = field(default_factory=list)
    happens: dict[int, Callable[[], None]] = field(default_factory=dict)
    failing: list[TaskscopeError] = field(default_factory=list)
    definition: TaskDefinition | TaskscopeError = field(
        default_factory=lambda: TaskDefinition("a/web:1", {"web": AWSLOGS})
    )
    service_error: TaskscopeError | None = None
    deleted: bool = False
    """Whether the service is."""
    said: list[list[str]] = field(default_factory=list)
    """The follower's notices at each batch."""
    looks: int = 0

    def __post_init__(self) -> None:
        self.streams = {STREAM: self.lines}
        self.clusters["prod"] = self.tasks
        container = Container("web", "RUNNING")
        self.tasks.append(
            Task("a/0123", "a/prod", "a/web:1", self.created, "RUNNING", "RUNNING", started_at=self.created + SECOND,
                 group="service:web", containers=(container,))
        )  # fmt: skip

    def stop(self) -> None:
        """Let the task end now."""
        ended = replace(self.tasks[0], last_status="STOPPED", stopping_at=self.now, stopped_at=self.now,
                        containers=(Container("web", "STOPPED", exit_code=0),))  # fmt: skip
        self.tasks[:] = [ended]

    def sleep(self, seconds: float) -> None:
        """Let time pass, and what is planned for the next look happen."""
        self.now += int(seconds * SECOND)
        self.looks += 1
        assert self.looks < 1000, "the follower does not end"
        self.happens.get(self.looks, lambda: None)()

    def _service(self) -> EcsService | None:
        if self.service_error:
            raise self.service_error
        return None if self.deleted else EcsService("web", tuple(reversed(self.events)))

    def follow(self, pace: Pace | None = None) -> tuple[list[list[TimelineEvent]], Follower]:
        """Follow to the end; return the batches, and the follower."""
        ecs = self.make_ecs(
            self.clusters, definition=lambda: self.definition, service=self._service, failing=self.failing
        )
        start = self.now
        wanted = Wanted(lambda task: head_and_tail(task, margin=MARGIN, now=start))
        with self.make_source(ecs, self.make_logs(self.streams), now=start) as source:
            follower = Follower(source, wanted, pace=pace or Pace(), clock=lambda: self.now, sleep=self.sleep)
            batches = []
            for batch in follower.follow(source.collect(self.tasks[0], wanted)):
                batches.append(batch)
                self.said.append([each.text for each in follower.notices])
            return batches, follower


NewWorld = Callable[..., World]


@pytest.fixture(scope="session")
def new_world(
    make_ecs: Callable[..., Ecs], make_logs: Callable[..., Logs], make_source: Callable[..., TimelineSource]
) -> NewWorld:
    """Give a factory of worlds with one running task."""
    return lambda **settings: World(make_ecs, make_logs, make_source, **settings)


def _logs(batches: list[list[TimelineEvent]]) -> list[str]:
    return [each.message for batch in batches for each in batch if each.kind is Kind.LOG]


@given(
    age=st.sampled_from([1, 20, 59, 60, 61, 130, 7200]),
    before=st.lists(st.tuples(st.integers(0, 50), st.sampled_from("ab"))),
    arrivals=st.lists(st.tuples(st.integers(1, 20), st.integers(0, 55), st.sampled_from("ab"))),
)
def test_every_line_is_shown_once_whatever_its_delay(
    new_world: NewWorld, age: int, before: list[tuple[int, str]], arrivals: list[tuple[int, int, str]]
) -> None:
    """
    Lines come at any look, up to 55 s late, with repeats of equal time and text: each is shown as often as it is there.

    For a task of any age: one that has just been created is still in its head window.
    """
    world = new_world(created=START - age * SECOND)
    world.lines.extend(_line(1000 - min(late, age), text) for late, text in before)

    def arrive(look: int) -> Callable[[], None]:
        coming = [(late, text) for when, late, text in arrivals if when == look]

        def happen() -> None:
            seconds = world.now // SECOND
            world.lines.extend(_line(seconds - min(late, seconds - 1000 + age), text) for late, text in coming)
            if look == 20:
                world.stop()

        return happen

    world.happens = {look: arrive(look) for look in range(1, 21)}

    batches, _ = world.follow()

    shown = Counter((each.time, each.message) for batch in batches for each in batch if each.kind is Kind.LOG)
    assert shown == Counter((each["timestamp"] * 1_000_000, each["message"]) for each in world.lines)


def test_lines_of_a_young_task_are_followed(new_world: NewWorld) -> None:
    """Its head window lasts until a minute after the start: what is written meanwhile is not lost."""
    world = new_world(created=START - 5 * SECOND)
    world.happens = {1: lambda: world.lines.append(_line(1001, "hello")), 2: world.stop}

    batches, _ = world.follow()

    assert _logs(batches) == ["hello"]


def test_line_from_the_future_hides_none_of_the_present(new_world: NewWorld) -> None:
    """CloudWatch Logs takes times up to two hours ahead; such a line is shown once, and those after it too."""
    world = new_world()
    world.happens = {
        1: lambda: world.lines.append(_line(1002 + 3600, "ahead")),
        2: lambda: world.lines.append(_line(1004, "now")),
        3: world.stop,
    }

    batches, _ = world.follow()

    assert _logs(batches) == ["ahead", "now"]


def test_last_lines_are_waited_for(new_world: NewWorld) -> None:
    """The log driver sends every 5 s: lines that come after the stop are shown before the follower ends."""
    world = new_world()
    world.happens = {1: world.stop, 3: lambda: world.lines.append(_line(1001.5, "last words"))}

    batches, _ = world.follow()

    assert _logs(batches) == ["last words"]
    assert world.now - START >= 6 * SECOND


def test_states_of_containers_come_with_the_end_only(new_world: NewWorld) -> None:
    """While the task runs a state would be told at each look; the stop, its lines and states come once."""
    world = new_world()
    world.happens = {2: world.stop}

    batches, _ = world.follow()

    messages = [each.message for batch in batches for each in batch]
    assert messages == ["Created", "Started", "Stopping", "Stopped", "STOPPED (exit code: 0)"]


def test_old_service_events_stay_out_and_new_ones_come_once(new_world: NewWorld) -> None:
    """What lies between head and tail is not told later either."""
    world = new_world(created=START - 7200 * SECOND)
    world.events.append(ServiceEvent("1", START - 3600 * SECOND, "long ago"))
    world.happens = {
        1: lambda: world.events.append(ServiceEvent("2", world.now - SECOND, "deregistered")),
        3: world.stop,
    }

    batches, _ = world.follow()

    assert [each.message for batch in batches for each in batch if each.source == "SERVICE"] == ["deregistered"]


def test_task_that_ecs_forgets_has_stopped(new_world: NewWorld) -> None:
    """Following ends although no look ever sees STOPPED."""
    world = new_world()
    world.happens = {2: world.tasks.clear}

    batches, _ = world.follow()

    assert batches[-1][-1].source == "CONTAINER:web"


def test_look_that_fails_is_told_and_repeated(new_world: NewWorld) -> None:
    """A throttled look is no end: the next one brings the lines, and the notice is gone."""
    world = new_world()

    def fail() -> None:
        world.failing.append(ThrottledError("slow down"))
        world.lines.append(_line(1001, "kept"))

    world.happens = {1: fail, 4: world.stop}

    batches, _ = world.follow()

    assert world.said[1] == ["slow down"]
    assert world.said[-1] == []
    assert _logs(batches) == ["kept"]


def test_following_for_hours_does_not_grow(new_world: NewWorld) -> None:
    """Lines that no look reads again are forgotten."""
    world = new_world()
    world.happens = {
        look: lambda: world.lines.extend(_line(world.now // SECOND, f"{world.now} {n}") for n in range(10))
        for look in range(1, 80)
    }
    world.happens[80] = world.stop

    batches, follower = world.follow(Pace(interval=30))

    assert len(_logs(batches)) == 790
    assert sum(each.kind is Kind.LOG for each in follower._shown) <= 40


def test_an_endpoint_that_goes_away_for_long_loses_no_line(new_world: NewWorld) -> None:
    """However long CloudWatch Logs is unreachable: the stream is read on from where it was read last."""
    world = new_world()

    def away() -> None:
        world.streams[STREAM] = UnreachableError("nothing answers")

    def write() -> None:
        world.lines.append(_line(world.now // SECOND, "meanwhile"))

    def back() -> None:
        world.streams[STREAM] = world.lines

    world.happens = {1: away, 2: write, 500: back, 501: world.stop}

    batches, follower = world.follow()

    assert _logs(batches) == ["meanwhile"]
    assert follower.notices == []


def test_last_lines_are_waited_for_while_aws_does_not_answer(new_world: NewWorld) -> None:
    """The look after the stop fails: that is no reason to end without the last lines."""
    world = new_world()

    def stop() -> None:
        world.lines.append(_line(world.now // SECOND, "last words"))
        world.streams[STREAM] = ThrottledError("slow down")
        world.stop()

    world.happens = {1: stop, 12: lambda: world.streams.update({STREAM: world.lines})}

    batches, _ = world.follow()

    assert _logs(batches) == ["last words"]


def test_what_stays_unanswered_ends_with_the_code_of_a_retry(new_world: NewWorld) -> None:
    """A minute after the stop nothing more is awaited, and the last notices say the container and 5."""
    world = new_world()
    world.streams[STREAM] = ThrottledError("slow down")
    world.happens = {1: world.stop}

    _, follower = world.follow()

    assert follower.notices == [Notice("logs of container web are incomplete: slow down", 5)]
    assert 60 <= (world.now - START) // SECOND <= 70


def test_history_that_is_denied_ends_no_following(new_world: NewWorld) -> None:
    """Without ecs:DescribeServices the log lines still come, as they do without --follow."""
    world = new_world(service_error=DeniedError("the permission ecs:DescribeServices is missing"))
    world.happens = {1: lambda: world.lines.append(_line(1001, "hello")), 2: world.stop}

    batches, follower = world.follow()

    assert _logs(batches) == ["hello"]
    assert [each.exit_code for each in follower.notices] == [0]


def test_service_that_is_deleted_meanwhile_is_told(new_world: NewWorld) -> None:
    """Its last events are gone with it, which is not the same as none; the task is followed to its end."""
    world = new_world()

    def delete() -> None:
        world.deleted = True

    world.happens = {1: delete, 2: world.stop}

    batches, follower = world.follow()

    assert [each.text for each in follower.notices] == ["the service web is gone, and its events with it"]
    assert batches[-1][-1].message == "STOPPED (exit code: 0)"


def test_cluster_that_is_deleted_meanwhile_ends_following(new_world: NewWorld) -> None:
    """ECS then knows neither the task nor where it was: it has stopped."""
    world = new_world()
    world.happens = {1: lambda: world.lines.append(_line(1001, "bye")), 2: world.clusters.clear}

    batches, _ = world.follow()

    assert _logs(batches) == ["bye"]
    assert batches[-1][-1].source == "CONTAINER:web"


def test_definition_that_was_throttled_is_asked_for_again(new_world: NewWorld) -> None:
    """It says where the lines are: without it there would be none until the end."""
    world = new_world(definition=ThrottledError("slow down"))
    world.lines.append(_line(999, "hello"))

    def answer() -> None:
        world.definition = TaskDefinition("a/web:1", {"web": AWSLOGS})

    world.happens = {2: answer, 3: world.stop}

    batches, _ = world.follow()

    assert _logs(batches) == ["hello"]


@pytest.mark.parametrize("ahead", [-30, 0, 30, 3600])
def test_a_clock_that_differs_from_that_of_ecs_shortens_no_wait(new_world: NewWorld, ahead: int) -> None:
    """Last lines come within seconds of the stop, whatever our clock says of it."""
    world = new_world()

    def stop() -> None:
        world.stop()
        world.tasks[:] = [replace(world.tasks[0], stopped_at=world.now - ahead * SECOND)]

    world.happens = {1: stop, 3: lambda: world.lines.append(_line(1001.5, "last words"))}

    batches, _ = world.follow()

    assert _logs(batches) == ["last words"]
    assert (world.now - START) // SECOND <= 12
