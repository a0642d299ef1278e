"""Following log groups: every line is told once, however late it comes and however live tail behaves."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskscope.clock import MILLISECOND, SECOND
from taskscope.errors import DeniedError, NotFoundError, TaskscopeError, ThrottledError
from taskscope.model.log_reading import LogBatch, LogEntry
from taskscope.sources.logs.follow import LIVE, POLLING, LogFollower
from taskscope.sources.logs.pace import Pace
from taskscope.sources.logs.place import LogPlace
from taskscope.sources.logs.window import order

GROUPS = ("/a", "/b")
PACE = Pace(interval=2, live_interval=20, overlap=10, late=60, deep_interval=8)


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    """Give a few threads."""
    with ThreadPoolExecutor(2) as executor:
        yield executor


def _places(world: Any, *groups: str, live: bool = True, required: bool = True) -> list[LogPlace]:
    arns = {each.name: each.arn for each in world.search.groups()}
    return [LogPlace(each, arn=arns.get(each, "") if live else "", required=required) for each in groups]


def _follow(
    world: Any, places: Sequence[LogPlace], pool: Executor, *, seconds: int, since: float = 0, pattern: str = ""
) -> list[LogBatch]:
    """Follow for so many seconds of the world's clock."""
    follower = LogFollower(
        places,
        world.now - int(since * SECOND),
        search=lambda _region: world.search,
        pool=pool,
        pattern=pattern,
        pace=PACE,
        clock=lambda: int(world.now),
        make_tails=world.make_tails,
    )
    batches = []
    following = follower.follow()
    for batch in following:
        batches.append(batch)
        if world.seconds >= seconds:
            break
    following.close()  # type: ignore[attr-defined]  # it is a generator
    assert world.closed
    return batches


def _lines(batches: Sequence[LogBatch]) -> list[tuple[str, str, int, str]]:
    return [(each.group, each.stream, each.time_ns, each.message) for batch in batches for each in batch.entries]


_ARRIVALS = st.lists(
    st.tuples(
        st.integers(1, 90),
        st.sampled_from(GROUPS),
        st.sampled_from(["s", "t"]),
        st.sampled_from([0, 0, 0.5, 3, 9.9, 11, 30, 60, -30]),
        st.sampled_from("ab"),
    ),
    max_size=30,
)
_TROUBLE = st.lists(
    st.tuples(st.integers(1, 90), st.sampled_from(["connect", "break_off", "lose", "keep", "throttle"]))
)


@settings(max_examples=150)
@given(
    before=st.lists(st.tuples(st.sampled_from(GROUPS), st.integers(0, 100), st.sampled_from("ab")), max_size=8),
    arrivals=_ARRIVALS,
    trouble=_TROUBLE,
    live=st.booleans(),
)
def test_every_line_is_told_once(
    make_world: Callable[..., Any],
    pool: Executor,
    before: list[tuple[str, int, str]],
    arrivals: list[tuple[int, str, str, float, str]],
    trouble: list[tuple[int, str]],
    live: bool,  # noqa: FBT001 (hypothesis passes it by name)
) -> None:
    """
    None is lost and none is doubled: equal lines, late ones, sessions that break, samples, looks that fail.

    Several groups are written to at once; each batch is in order.
    """
    world = make_world(*GROUPS)
    for group, age, text in before:
        world.search.put(group, "s", world.now - age * SECOND, text, ingested_ns=world.now - age * SECOND)
    actions: dict[str, Callable[[], None]] = {
        "connect": world.connect,
        "break_off": world.break_off,
        "lose": lambda: setattr(world, "loses", True),
        "keep": lambda: setattr(world, "loses", False),
        "throttle": lambda: world.search.failing.setdefault("/a", []).append(ThrottledError("slow down")),
    }
    for second, name in trouble:
        world.happens.setdefault(second, []).append(actions[name])
    for second, group, stream, delay, text in arrivals:
        world.happens.setdefault(second, []).append(lambda line=(group, stream, delay, text): world.line(*line))
    since = world.now - 50 * SECOND

    batches = _follow(world, _places(world, *GROUPS, live=live), pool, seconds=180, since=50)

    written = Counter(
        (group, each["logStreamName"], each["timestamp"] * MILLISECOND, each["message"])
        for group in GROUPS
        for each in world.search.held[group]
        if each["timestamp"] * MILLISECOND >= since
    )
    assert Counter(_lines(batches)) == written
    assert all([*map(order, batch.entries)] == sorted(map(order, batch.entries)) for batch in batches)


def test_live_tail_is_used_as_soon_as_it_tells(make_world: Callable[..., Any], pool: Executor) -> None:
    """The batch says which way lines come; what arrived before the session began is looked for."""
    world = make_world("/a")
    world.happens = {
        2: [lambda: world.line("/a", "s", 0, "before")],
        3: [world.connect],
        5: [lambda: world.line("/a", "s", 30, "late")],
        7: [world.break_off],
    }

    batches = _follow(world, _places(world, "/a"), pool, seconds=8, since=40)

    assert [each.how for each in batches[1:]] == [POLLING] * 2 + [LIVE] * 4 + [POLLING] * 2
    assert [each.entries[0].message for each in batches if each.entries] == ["before", "late"]
    assert batches[0].is_backlog
    assert not batches[1].is_backlog


@pytest.mark.parametrize("trouble", ["break_off", "sample"])
def test_late_line_that_live_tail_does_not_tell_is_found(
    make_world: Callable[..., Any], pool: Executor, trouble: str
) -> None:
    """A deep look goes as far back as lines come late, once the session has broken, or has left lines out."""
    world = make_world("/a")
    world.happens = {
        2: [world.connect],
        40: [world.break_off if trouble == "break_off" else lambda: setattr(world, "loses", True)],
        42: [lambda: world.line("/a", "s", 55, "late")],
        43: [lambda: setattr(world, "loses", False)],
    }

    batches = _follow(world, _places(world, "/a"), pool, seconds=60, since=100)

    assert [each.message for batch in batches for each in batch.entries] == ["late"]


def test_line_from_the_future_moves_no_look(make_world: Callable[..., Any], pool: Executor) -> None:
    """CloudWatch Logs takes lines two hours ahead; those of the present that follow are found all the same."""
    world = make_world("/a")
    world.happens = {
        1: [lambda: world.line("/a", "s", -7000, "ahead")],
        5: [lambda: world.line("/a", "s", 2, "now")],
    }

    batches = _follow(world, _places(world, "/a", live=False), pool, seconds=7)

    assert [each.message for batch in batches for each in batch.entries] == ["ahead", "now"]


def test_refused_live_tail_is_said_and_polled(make_world: Callable[..., Any], pool: Executor) -> None:
    """Lines come all the same."""
    world = make_world("/a")
    refused = DeniedError("the permission logs:StartLiveTail is missing")
    world.happens = {1: [lambda: world.refuse(refused)], 2: [lambda: world.line("/a", "s", 0, "x")]}

    batches = _follow(world, _places(world, "/a"), pool, seconds=6)

    assert [each for batch in batches for each in batch.notices] == [
        f"live tail cannot be had, groups are looked at every 2 s: {refused}"
    ]
    assert [each.message for batch in batches for each in batch.entries] == ["x"]
    assert {each.how for each in batches} == {POLLING}


def test_group_that_is_deleted_is_said_and_the_others_go_on(make_world: Callable[..., Any], pool: Executor) -> None:
    """When the last one is gone, following ends with exit code 3."""
    world = make_world("/a", "/b")
    world.happens = {3: [lambda: world.search.held.pop("/a")], 20: [lambda: world.search.held.pop("/b")]}
    seen: list[LogBatch] = []
    follower = LogFollower(
        _places(world, "/a", "/b"), world.now, search=lambda _region: world.search, pool=pool, pace=PACE,
        clock=lambda: int(world.now), make_tails=world.make_tails,
    )  # fmt: skip

    with pytest.raises(NotFoundError, match="every log group that was followed is gone"):
        seen.extend(follower.follow())

    assert [each for batch in seen for each in batch.notices] == ["the log group /a is gone"]
    assert world.seconds >= 20


def test_group_that_does_not_exist_yet_is_waited_for(make_world: Callable[..., Any], pool: Executor) -> None:
    """That of a function which was never called; it is no reason to keep lines in mind for ever."""
    world = make_world("/a")

    def create() -> None:
        world.search.held["/b"] = []
        world.line("/b", "s", 0, "first")

    world.happens = {5: [create]}

    batches = _follow(world, [*_places(world, "/a"), *_places(world, "/b", required=False)], pool, seconds=10)

    assert [each.message for batch in batches for each in batch.entries] == ["first"]
    assert not [each for batch in batches for each in batch.notices]


def test_places_that_come_to_be_join(make_world: Callable[..., Any], pool: Executor) -> None:
    """Groups that a glob fits; a search that fails is repeated; nothing is read twice."""
    world = make_world("/a")
    world.happens = {
        2: [lambda: world.line("/a", "s", 0, "old")],
        40: [lambda: world.search.held.update({"/b": []}), lambda: world.line("/b", "s", 0, "new")],
        50: [lambda: world.line("/b", "s", 0, "newer"), lambda: world.line("/a", "s", 0, "old too")],
    }
    failing: list[TaskscopeError] = [ThrottledError("slow down")]

    def find() -> Sequence[LogPlace]:
        if failing:
            raise failing.pop()
        return _places(world, *world.search.held)

    follower = LogFollower(
        _places(world, "/a"), world.now, search=lambda _region: world.search, pool=pool, pace=PACE, find=find,
        clock=lambda: int(world.now), make_tails=world.make_tails,
    )  # fmt: skip
    told: list[str] = []
    for batch in follower.follow():
        told += [each.message for each in batch.entries]
        time.sleep(0.001)  # the search is done by another thread
        if world.seconds == 120:
            break

    assert sorted(told) == ["new", "newer", "old", "old too"]


def test_throttling_is_said_once_and_read_again(make_world: Callable[..., Any], pool: Executor) -> None:
    """What arrived meanwhile comes afterwards."""
    world = make_world("/a")
    slow = [ThrottledError("AWS throttles", hint="wait")] * 3
    world.happens = {
        1: [lambda: world.search.failing.update({"/a": list(slow)})],
        2: [lambda: world.line("/a", "s", 0, "x")],
    }

    batches = _follow(world, _places(world, "/a", live=False), pool, seconds=20)

    assert [each for batch in batches for each in batch.notices] == ["AWS throttles (wait) (it is tried again)"]
    assert [each.message for batch in batches for each in batch.entries] == ["x"]


@pytest.mark.parametrize("error", [DeniedError("no"), ThrottledError("slow")])
def test_what_cannot_be_read_at_first_ends_it(
    make_world: Callable[..., Any], pool: Executor, error: TaskscopeError
) -> None:
    """With the exit code of the error."""
    world = make_world("/a")
    world.search.failing["/a"] = [error]

    with pytest.raises(type(error)):
        _follow(world, _places(world, "/a"), pool, seconds=5)


def test_backlog_comes_in_pieces_and_is_filtered(make_world: Callable[..., Any], pool: Executor) -> None:
    """A thousand lines a batch, so that memory does not grow with the window."""
    world = make_world("/a")
    for number in range(2500):
        world.search.put("/a", "s", world.now - 3000 * SECOND + number * SECOND, "ab"[number % 2], ingested_ns=0)

    batches = _follow(world, _places(world, "/a"), pool, seconds=2, since=3000, pattern="a")

    assert [len(each.entries) for each in batches if each.is_backlog] == [1000, 250]
    assert {each.message for batch in batches for each in batch.entries} == {"a"}


def test_lines_of_a_day_are_not_kept_in_mind(make_world: Callable[..., Any], pool: Executor) -> None:
    """Only those that a look may read again are."""
    world = make_world("/a")
    world.happens = {second: [lambda: world.line("/a", "s", 0, "tick")] for second in range(1, 1000)}
    follower = LogFollower(
        _places(world, "/a"), world.now, search=lambda _region: world.search, pool=pool, pace=PACE,
        clock=lambda: int(world.now), make_tails=world.make_tails,
    )  # fmt: skip
    told: list[LogEntry] = []

    for batch in follower.follow():
        told += batch.entries
        if world.seconds == 1000:
            break

    assert len(told) > 990
    assert len(follower._ledger) < 250
