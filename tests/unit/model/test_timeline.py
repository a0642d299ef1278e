"""Merging is stable and complete, and windows cover a life without overlap."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from taskscope.clock import SECOND
from taskscope.model.ecs import Task
from taskscope.model.timeline import Kind, TimelineEvent, Window, between, head_and_tail, merge, whole_life

MINUTE = 60 * SECOND
_instants = st.integers(1, 10_000)
_maybe = st.none() | _instants
_events = st.builds(TimelineEvent, st.integers(0, 3), st.sampled_from(Kind), st.sampled_from("ab"))


def order(event: TimelineEvent) -> tuple[int, int]:
    """Return the place of an event: by time, then by kind."""
    return event.time, list(Kind).index(event.kind)


def _task(created: int, **times: int | None) -> Task:
    return Task("a/t", "a/c", "a/d:1", created, "RUNNING", "RUNNING", **times)  # type: ignore[arg-type]


@st.composite
def _tasks(draw: st.DrawFn) -> Task:
    """Draw a task: its image and its start come after its creation; it may be stopped at any time, also between."""
    created = draw(_instants)
    times = ("pull_stopped_at", "started_at", "stopping_at", "stopped_at")
    after = {name: draw(_maybe) for name in times}
    return _task(created, **{name: None if each is None else created + each for name, each in after.items()})


@given(st.lists(st.lists(_events)))
def test_merge_loses_and_doubles_nothing(sources: list[list[TimelineEvent]]) -> None:
    """What goes in comes out, repeats of equal time included."""
    assert Counter(merge(*sources)) == Counter(event for source in sources for event in source)


@given(st.lists(st.lists(_events)))
def test_merge_is_ordered_and_stable(sources: list[list[TimelineEvent]]) -> None:
    """Rule 13: by time and kind; what is equal in both keeps the order of its source."""
    merged = merge(*sources)

    assert [order(each) for each in merged] == sorted(order(each) for each in merged)
    for key in {order(each) for each in merged}:
        brought = [event for source in sources for event in source if order(event) == key]
        assert [id(each) for each in merged if order(each) == key] == [id(each) for each in brought]


def test_order_at_equal_times_is_service_task_container_log() -> None:
    """Rule 13: service events, then task lines, then container states, then log lines."""
    log = TimelineEvent(1, Kind.LOG, "line", container="web")
    state = TimelineEvent(1, Kind.CONTAINER_STATE, "STOPPED", container="web")
    lifecycle = TimelineEvent(1, Kind.LIFECYCLE, "Stopped")
    service = TimelineEvent(1, Kind.SERVICE_EVENT, "steady")

    assert merge([log], [state], [lifecycle], [service]) == [service, lifecycle, state, log]


def test_source_is_named_as_in_the_text_form() -> None:
    """Rule 4: TASK, SERVICE and CONTAINER with its name."""
    assert TimelineEvent(1, Kind.LIFECYCLE, "").source == "TASK"
    assert TimelineEvent(1, Kind.SERVICE_EVENT, "").source == "SERVICE"
    assert TimelineEvent(1, Kind.LOG, "", container="web").source == "CONTAINER:web"


def test_window_holds_its_start_but_not_its_end() -> None:
    """Log windows include the start (rule 11); ``encloses`` excludes both bounds, as service events want it."""
    window = Window(10, 20)

    assert [each in window for each in (9, 10, 19, 20)] == [False, True, True, False]
    assert [window.encloses(each) for each in (10, 11, 19, 20)] == [False, True, True, False]
    assert 10**20 in Window(10)


def test_head_and_tail_of_a_stopped_task_are_those_of_the_rule() -> None:
    """Rule 10: createdAt - margin to pullStoppedAt + margin, stoppingAt - margin to stoppedAt + margin; logs open."""
    task = _task(10 * MINUTE, pull_stopped_at=12 * MINUTE, stopping_at=30 * MINUTE, stopped_at=31 * MINUTE)

    reading = head_and_tail(task, margin=MINUTE, now=99 * MINUTE)

    assert reading.services == (Window(9 * MINUTE, 13 * MINUTE), Window(29 * MINUTE, 32 * MINUTE))
    assert reading.logs == (Window(9 * MINUTE, 13 * MINUTE), Window(29 * MINUTE))
    assert reading.unread == Window(13 * MINUTE, 29 * MINUTE)


def test_tail_of_a_running_task_is_at_the_clock() -> None:
    """Rule 10: while it runs the clock stands for stoppingAt and stoppedAt, and startedAt for the pull."""
    reading = head_and_tail(_task(10 * MINUTE, started_at=11 * MINUTE), margin=MINUTE, now=40 * MINUTE)

    assert reading.services == (Window(9 * MINUTE, 12 * MINUTE), Window(39 * MINUTE, 40 * MINUTE))


def test_tail_of_a_task_without_stopping_at_is_at_its_end() -> None:
    """A task that ended long ago without a stoppingAt is read around its end, not around the clock."""
    reading = head_and_tail(_task(10 * MINUTE, stopped_at=30 * MINUTE), margin=MINUTE, now=99 * MINUTE)

    assert reading.logs[-1] == Window(29 * MINUTE)


@given(_tasks(), st.integers(0, 500), st.integers(0, 20_000))
def test_head_gap_and_tail_cover_the_life_once(task: Task, margin: int, now: int) -> None:
    """Log windows are disjoint; with what is unread each moment from the head's start on is in exactly one."""
    reading = head_and_tail(task, margin=margin, now=now)
    parts = [*reading.logs, *([reading.unread] if reading.unread else [])]
    edges = {edge + by for each in parts for edge in (each.start, each.end) if edge is not None for by in (-1, 0, 1)}

    for instant in edges | {now, 10**9}:
        holding = sum(instant in each for each in parts)
        assert holding == (1 if instant >= task.created_at - margin else 0)


@given(_tasks(), st.integers(0, 500), st.integers(0, 20_000))
def test_whole_life_leaves_nothing_unread(task: Task, margin: int, now: int) -> None:
    """One window, open at its end, and no gap."""
    reading = whole_life(task, margin=margin, now=now)

    assert reading.logs == (Window(task.created_at - margin),)
    assert reading.unread is None


def test_between_takes_what_is_given() -> None:
    """A missing start is that of the task; a missing end is open."""
    task = _task(10 * MINUTE)

    assert between(3, 9, task=task, margin=MINUTE).logs == (Window(3, 9),)
    assert between(None, None, task=task, margin=MINUTE).services == (Window(9 * MINUTE),)
