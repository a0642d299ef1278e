"""The streams of a log group: each line once, whatever happens in between."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.clock import SECOND
from taskscope.errors import SpoolFullError
from taskscope.sources.watch.group_tail import OVERLAP_MS, SETTLE_MS, GroupTail
from taskscope.sources.watch.outlet import dump
from taskscope.wire.log_events import decode_frame
from tests.unit.sources.watch.conftest import START_MS, MemoryAws, MemoryOutlet, Time

_OF = {"aws.ecs.task.arn": "task-1", "container.name": "app"}
_MINUTE = 60_000


def _tail(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> GroupTail:
    return GroupTail(aws, "/ecs/web", "eu-west-1", outlet, look_back_seconds=3600, clock=time)


def _texts(outlet: MemoryOutlet) -> list[str]:
    return [event["message"] for body in outlet.take() for event in body["events"]]


def test_lines_come_with_who_wrote_them(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """As the pipeline reads them: with CloudWatch's own id, times in nanoseconds."""
    aws.say("ecs/app/1", "hello", START_MS - 5, ingested=START_MS)
    tail = _tail(aws, outlet, time)
    tail.follow("ecs/app/1", _OF, created_ms=START_MS - _MINUTE, ends=None)
    tail.look()

    [body] = outlet.take()
    assert body["streams"] == {"ecs/app/1": _OF}
    assert body["events"] == [
        {
            "group": "/ecs/web",
            "stream": "ecs/app/1",
            "time_ns": (START_MS - 5) * 1_000_000,
            "message": "hello",
            "id": f"{0:056}",
            "ingested_ns": START_MS * 1_000_000,
        }
    ]


def test_a_look_gives_away_what_is_new(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """Equal texts at one time are two lines; one that comes late is not left out."""
    tail = _tail(aws, outlet, time)
    tail.follow("ecs/app/1", _OF, created_ms=START_MS, ends=None)
    for text in ("same", "same"):
        aws.say("ecs/app/1", text, START_MS + 1000)
    time.pass_by(2)
    tail.look()
    assert _texts(outlet) == ["same", "same"]
    aws.say("ecs/app/1", "late", START_MS + 500, ingested=START_MS + 9000)
    time.pass_by(10)
    tail.look()
    assert _texts(outlet) == ["late"]
    time.pass_by(100)
    tail.look()
    assert _texts(outlet) == []


def test_a_clock_that_is_fast_loses_no_line(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """AWS takes requests of a machine that is up to five minutes fast, and says with each answer what time it is."""
    time.pass_by(240)
    tail = _tail(aws, outlet, time)
    tail.follow("ecs/app/1", _OF, created_ms=START_MS - _MINUTE, ends=None)
    aws.ahead_after_call_ns = 240 * SECOND
    for number in range(20):
        aws.say("ecs/app/1", f"line {number}", START_MS + number * 10_000)
        tail.look()
        time.pass_by(10)

    assert _texts(outlet) == [f"line {number}" for number in range(20)]


def test_lines_of_others_in_the_group_are_left_out(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """One request for all streams brings those of other clusters as well."""
    aws.say("ecs/app/1", "mine", START_MS)
    aws.say("ecs/app/2", "another's", START_MS)
    aws.say("ecs/log/3", "mine too", START_MS)
    tail = _tail(aws, outlet, time)
    for stream in ("ecs/app/1", "ecs/log/3"):
        tail.follow(stream, _OF, created_ms=START_MS - _MINUTE, ends=None)
    tail.look()

    assert sorted(_texts(outlet)) == ["mine", "mine too"]
    assert [each["prefix"] for each in aws.asked] == ["ecs/"]


def test_a_new_stream_does_not_have_the_others_read_again_from_its_beginning(
    aws: MemoryAws, outlet: MemoryOutlet, time: Time
) -> None:
    """It is read by itself until it is not behind."""
    tail = _tail(aws, outlet, time)
    tail.follow("ecs/app/1", _OF, created_ms=START_MS, ends=None)
    time.pass_by(600)
    tail.look()
    tail.follow("ecs/app/2", _OF, created_ms=START_MS, ends=None)
    aws.asked.clear()
    tail.look()
    tail.look()

    assert [(each["prefix"], each["start"]) for each in aws.asked] == [
        ("ecs/app/2", START_MS - OVERLAP_MS),
        ("ecs/app/1", START_MS + 600_000 - OVERLAP_MS),
        ("ecs/app/", START_MS + 600_000 - OVERLAP_MS),
    ]


def test_lines_are_not_looked_for_beyond_the_look_back(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """A task that runs for days: its last hour."""
    aws.say("ecs/app/1", "old", START_MS - 2 * 3_600_000)
    aws.say("ecs/app/1", "young", START_MS - 1_800_000)
    tail = _tail(aws, outlet, time)
    tail.follow("ecs/app/1", _OF, created_ms=START_MS - 48 * 3_600_000, ends=None)
    tail.look()

    assert _texts(outlet) == ["young"]


def test_a_task_that_began_while_nobody_watched_is_read_from_its_beginning(
    aws: MemoryAws, outlet: MemoryOutlet, time: Time
) -> None:
    """Six hours, which is more than the look back; so is what a quiet task said, which was found before it."""
    tail = _tail(aws, outlet, time)
    aws.say("ecs/app/1", "first", START_MS)
    tail.follow("ecs/app/1", _OF, created_ms=START_MS, ends=None)
    tail.look()
    time.pass_by(700)
    tail.look()
    aws.say("ecs/app/1", "second", time.ms)
    tail.look()
    began = time.ms + _MINUTE
    for stream in ("ecs/app/1", "ecs/app/2"):
        aws.say(stream, f"meanwhile {stream}", began)
    time.pass_by(6 * 3600)

    again = _tail(aws, outlet, time)
    again.look()  # before the tasks are described
    again.follow("ecs/app/2", _OF, created_ms=began, ends=None)
    again.follow("ecs/app/1", _OF, created_ms=START_MS, ends=None)
    again.look()

    assert sorted(_texts(outlet)) == ["first", "meanwhile ecs/app/1", "meanwhile ecs/app/2", "second"]


def test_what_is_long_over_is_forgotten(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """So that a group in which tasks come and go for months does not grow."""
    tail = _tail(aws, outlet, time)
    for number in range(5):
        tail.follow(f"ecs/app/{number}", _OF, created_ms=time.ms, ends=time.ms + SETTLE_MS)
        time.pass_by(3600)
        tail.look()
    time.pass_by(3600)
    tail.follow("ecs/app/5", _OF, created_ms=time.ms, ends=None)
    tail.look()
    aws.say("ecs/app/5", "hello", time.ms)
    tail.look()

    [section] = outlet.memory.values()
    assert sorted(section["streams"]) == ["ecs/app/2", "ecs/app/3", "ecs/app/4", "ecs/app/5"]


def test_the_stream_of_a_stopped_task_is_read_to_its_end_and_no_longer(
    aws: MemoryAws, outlet: MemoryOutlet, time: Time
) -> None:
    """And is not taken for a new one while ECS still tells of the task."""
    tail = _tail(aws, outlet, time)
    tail.follow("ecs/app/1", _OF, created_ms=START_MS, ends=START_MS + SETTLE_MS)
    aws.say("ecs/app/1", "last", START_MS + 10)
    time.pass_by(30)
    tail.look()
    idle = [tail.is_idle]
    aws.say("ecs/app/1", "very last", START_MS + 20_000)
    time.pass_by(31)
    tail.look()
    assert [*idle, tail.is_idle] == [False, True]
    assert _texts(outlet) == ["last", "very last"]

    again = _tail(aws, outlet, time)
    again.follow("ecs/app/1", _OF, created_ms=START_MS, ends=START_MS + SETTLE_MS)
    again.look()

    assert _texts(outlet) == []


def test_the_end_of_a_task_that_nobody_saw_is_read(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """ECS does not know it any more, CloudWatch Logs does."""
    tail = _tail(aws, outlet, time)
    tail.follow("ecs/app/1", _OF, created_ms=START_MS, ends=None)
    aws.say("ecs/app/1", "one", START_MS)
    tail.look()
    aws.say("ecs/app/1", "two", START_MS + _MINUTE)
    time.pass_by(7200)

    again = _tail(aws, outlet, time)
    again.look()
    assert _texts(outlet) == ["one"]  # of a cluster that nobody watches now
    again.end("task-1")
    again.look()
    time.pass_by(1)
    again.look()

    assert _texts(outlet) == ["two"]
    assert again.is_idle


def test_a_task_that_was_taken_for_gone_is_read_on(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """It is described as running again."""
    tail = _tail(aws, outlet, time)
    tail.follow("ecs/app/1", _OF, created_ms=START_MS, ends=None)
    tail.end("task-1")
    time.pass_by(60)
    tail.look()
    tail.follow("ecs/app/1", _OF, created_ms=START_MS, ends=None)
    aws.say("ecs/app/1", "still here", time.ms)
    tail.look()

    assert _texts(outlet) == ["still here"]


def test_many_pages_are_given_away_one_by_one(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """A look ends after some, so that others have their turn; the next goes on."""
    for number in range(100):
        aws.say("ecs/app/1", str(number), START_MS - 1_000_000 + number * 1000)
    tail = _tail(aws, outlet, time)
    tail.follow("ecs/app/1", _OF, created_ms=START_MS - 2_000_000, ends=None)
    tail.look()
    more = [tail.has_more]
    assert len(outlet.bodies) == 20
    tail.look()

    assert [*more, tail.has_more] == [True, False]
    assert _texts(outlet) == [str(number) for number in range(100)]


def test_any_text_can_be_kept(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """One line must not cost the page that it is on."""
    texts = ["half \ud83d", 'quotes " and \\', "line\nbreak \x00", "\u2603 \U0001f600"]
    for number, text in enumerate(texts):
        aws.say("ecs/app/1", text, START_MS + number)
    aws.page = 10
    tail = _tail(aws, outlet, time)
    tail.follow("ecs/app/1", _OF, created_ms=START_MS, ends=None)
    tail.look()

    records, refused = decode_frame(dump(outlet.take()[0]))
    assert [each.body for each in records] == ["half ?", *texts[1:]]
    assert records[0].resource.attributes["container.name"] == "app"
    assert refused == []


def test_what_is_full_is_read_again(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """Nothing counts as read that was not kept."""
    aws.say("ecs/app/1", "kept", START_MS)
    tail = _tail(aws, outlet, time)
    tail.follow("ecs/app/1", _OF, created_ms=START_MS, ends=None)
    outlet.full = True
    with pytest.raises(SpoolFullError):
        tail.look()
    outlet.full = False
    tail.look()

    assert _texts(outlet) == ["kept"]


_STEP = st.one_of(
    st.tuples(st.just("say"), st.integers(0, 2), st.integers(0, OVERLAP_MS - 1)),
    st.tuples(st.just("pass"), st.integers(0, 200), st.just(0)),
    st.tuples(st.just("look"), st.just(0), st.just(0)),
    st.tuples(st.just("restart"), st.just(0), st.just(0)),
    st.tuples(st.just("full"), st.just(0), st.just(0)),
)


@given(st.lists(_STEP, max_size=60))
def test_each_line_is_given_away_once(steps: list[tuple[str, int, int]]) -> None:
    """
    Whatever comes late within the overlap, wherever the watcher is killed and begins anew from what it remembered, and
    while the spool is full.
    """
    aws, outlet, time = MemoryAws(), MemoryOutlet(), Time()
    tail = _begin(aws, outlet, time)
    said: list[str] = []
    for what, number, late in steps:
        if what == "say":
            said.append(f"line {len(said)}")
            aws.say(f"ecs/app/{number}", said[-1], time.ms - late, ingested=time.ms)
        elif what == "pass":
            tail.look()  # lines later than the overlap are not promised
            time.pass_by(number)
        elif what == "restart":
            outlet.memory = json.loads(json.dumps(outlet.memory))
            tail = _begin(aws, outlet, time)
        elif what == "full":
            outlet.full = True
            _try(tail)
            outlet.full = False
        else:
            tail.look()
    tail.look()

    assert sorted(_texts(outlet)) == sorted(said)


def _begin(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> GroupTail:
    tail = _tail(aws, outlet, time)
    for number in range(3):
        tail.follow(f"ecs/app/{number}", _OF, created_ms=START_MS, ends=None)
    return tail


def _try(tail: GroupTail) -> None:
    try:
        tail.look()
    except SpoolFullError:
        return
