"""Sessions of live tail: which there are, and that they are begun again."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from taskscope.aws.log_search import LogSearch, TailedEvent, TailEndedError, TailUpdate
from taskscope.errors import DeniedError, TaskscopeError
from taskscope.sources.logs.place import LogPlace
from taskscope.sources.logs.tails import Arrived, Begun, Broken, LiveTails, News, Refused, plan


def _place(name: str, **more: str) -> LogPlace:
    return LogPlace(name, more.get("region"), prefix=more.get("prefix", ""), arn=f"arn:aws:logs:x:1:log-group:{name}")


def test_ten_groups_make_a_session_and_regions_stay_apart() -> None:
    """Places without an ARN have none; no more sessions than CloudWatch Logs lets one command have."""
    places = [_place(f"/g{number:03}") for number in range(25)]

    sessions = plan([*places, _place("/g000", region="us-east-1"), LogPlace("/polled")])

    assert [(each.region, len(each.arns)) for each in sessions] == [(None, 10), (None, 10), (None, 5), ("us-east-1", 1)]
    assert len(plan([_place(f"/g{number:03}") for number in range(200)])) == 10


def test_session_of_one_group_is_narrowed_to_its_streams() -> None:
    """More than one group cannot be: their lines are chosen here."""
    web, api = _place("/g", prefix="ecs/web/"), _place("/g", prefix="ecs/api/")

    [narrow] = plan([web, api])
    [wide] = plan([web, _place("/h")])

    assert narrow.prefixes == ("ecs/web/", "ecs/api/")
    assert wide.prefixes == ()


def test_lines_go_to_the_place_that_wants_them() -> None:
    """With its labels; those of other streams are dropped."""
    place = LogPlace("/g", prefix="ecs/web/", labels={"container": "web"}, arn="arn:aws:logs:x:1:log-group:/g")
    [session] = plan([place])
    event = TailedEvent(logGroupIdentifier="1:/g", logStreamName="ecs/web/1", timestamp=5, message="x", ingestionTime=6)
    other = TailedEvent(logGroupIdentifier="1:/g", logStreamName="ecs/api/1", timestamp=5, message="x")

    [entry] = session.entries([event, other])

    assert (entry.time_ns, entry.ingested_ns, entry.event_id) == (5_000_000, 6_000_000, "")
    assert entry.labels == {"container": "web", "task": "1"}


@dataclass
class Scripted(LogSearch):
    """Sessions that go as a test says: what is yielded, then what is raised."""

    script: list[tuple[list[TailUpdate | None], TaskscopeError]] = field(default_factory=list)
    begun: int = 0

    def live_tail(
        self, arns: Sequence[str], *, prefixes: Sequence[str] = (), pattern: str = ""
    ) -> Iterator[TailUpdate | None]:
        """Go on with the next session of the script; the last one stays open."""
        assert arns
        assert pattern == "ERROR"
        assert not prefixes
        updates, error = self.script[min(self.begun, len(self.script) - 1)]
        self.begun += 1
        yield from updates
        raise error


@pytest.fixture
def started() -> Iterator[Callable[[Scripted], LiveTails]]:
    """Give ``started(search)``: the tails of one group, whose threads end with the test."""
    running: list[LiveTails] = []

    def start(search: Scripted) -> LiveTails:
        tails = LiveTails(plan([_place("/g")]), lambda _region: search, "ERROR", pauses=(0.0,))
        running.append(tails)
        tails.start()
        return tails

    yield start
    for each in running:
        each.close()
    end = time.monotonic() + 5
    while any(each.name == "live-tail" for each in threading.enumerate()) and time.monotonic() < end:
        time.sleep(0.01)
    assert not any(each.name == "live-tail" for each in threading.enumerate())


def _news(tails: LiveTails, until: type[News], count: int = 1) -> list[News]:
    """Take news until so many of a kind have come."""
    found: list[News] = []
    end = time.monotonic() + 5
    while sum(isinstance(each, until) for each in found) < count and time.monotonic() < end:
        found += tails.take(0.1)
    return found


def test_session_that_ends_is_begun_again(started: Callable[[Scripted], LiveTails]) -> None:
    """After three hours, or when the connection breaks; in between it is said that nothing is told."""
    update = TailUpdate(
        [TailedEvent(logGroupIdentifier="1:/g", logStreamName="s", timestamp=1, message="x")], sampled=True
    )
    search = Scripted(script=[([None, update], TailEndedError("over"))])

    found = _news(started(search), Begun, 2)

    assert [type(each) for each in found[:4]] == [Begun, Arrived, Broken, Begun]
    assert isinstance(found[1], Arrived)
    assert found[1].sampled
    assert [each.message for each in found[1].entries] == ["x"]


def test_session_that_is_refused_is_not_tried_again(started: Callable[[Scripted], LiveTails]) -> None:
    """A missing permission, or a class of groups without live tail."""
    search = Scripted(script=[([], DeniedError("no"))])
    tails = started(search)

    found = _news(tails, Refused)

    assert [type(each) for each in found] == [Refused]
    assert tails.take(0.05) == []
    assert search.begun == 1
