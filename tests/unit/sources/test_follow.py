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
from taskscope.errors import TaskscopeError, ThrottledError
from taskscope.model.ecs import Container, EcsService, LogConfiguration, ServiceEvent, Task, TaskDefinition
from taskscope.model.timeline import Kind, TimelineEvent, head_and_tail
from taskscope.sources.follow import Follower, Pace
from taskscope.sources.timeline import TimelineSource, Wanted

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
    events: list[ServiceEvent] = field(default_factory=list)
    happens: dict[int, Callable[[], None]] = field(default_factory=dict)
    failing: list[TaskscopeError] = field(default_factory=list)
    said: list[list[str]] = field(default_factory=list)
    """The follower's notices at each batch."""
    looks: int = 0

    def __post_init__(self) -> None:
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
        assert self.looks < 100, "the follower does not end"
        self.happens.get(self.looks, lambda: None)()

    def follow(self, pace: Pace | None = None) -> tuple[list[list[TimelineEvent]], Follower]:
        """Follow to the end; return the batches, and the follower."""
        definition = TaskDefinition("a/web:1", {"web": AWSLOGS})
        ecs = self.make_ecs(
            {"prod": self.tasks},
            definition=definition,
            service=lambda: EcsService("web", tuple(reversed(self.events))),
            failing=self.failing,
        )
        start = self.now
        wanted = Wanted(lambda task: head_and_tail(task, margin=MARGIN, now=start))
        with self.make_source(ecs, self.make_logs({STREAM: self.lines}), now=start) as source:
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
