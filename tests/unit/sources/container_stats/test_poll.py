"""Readings go on as they came, each once, whatever happens to the endpoint or the spool."""

import json
import logging
import threading
from collections import deque
from collections.abc import Iterable
from pathlib import Path

import pytest

from taskscope.counters import Counters
from taskscope.errors import SpoolFullError, TaskscopeError, UnreachableError
from taskscope.sources.container_stats.last_read import LastRead
from taskscope.sources.container_stats.poll import ContainerStats

_TASK = b'{"TaskARN": "arn:aws:ecs:eu-west-1:111122223333:task/shop/1", "Containers": [] }'


class ScriptedEndpoint:
    """Gives one answer after another, the last one for ever; an error is raised."""

    def __init__(self, stats: Iterable[bytes | TaskscopeError], task: bytes = _TASK) -> None:
        self._stats = deque(stats)
        self._task = task
        self.tasks_asked = 0

    def task_answer(self) -> bytes:
        """Return the task."""
        self.tasks_asked += 1
        return self._task

    def stats_answer(self) -> bytes:
        """Return the next statistics."""
        answer = self._stats.popleft() if len(self._stats) > 1 else self._stats[0]
        if isinstance(answer, TaskscopeError):
            raise answer
        return answer


def _stats(**reads: str | None) -> bytes:
    return json.dumps({name: {"read": read} if read else None for name, read in reads.items()}).encode()


class Rig:
    """A poller with what it delivers."""

    def __init__(
        self, *stats: bytes | TaskscopeError, task: bytes = _TASK, path: Path = Path("/dev/null/none")
    ) -> None:
        self.endpoint = ScriptedEndpoint(stats, task)
        self.delivered: list[bytes] = []
        self.counters = Counters()
        self.refuse: Exception | None = None
        self.poll = ContainerStats(self.endpoint, self._deliver, self.counters, seconds=0.01, last=LastRead(path))

    def read(self, times: int) -> list[bytes]:
        """Read so many times; return what was delivered."""
        for _ in range(times):
            self.poll.read_once()
        return self.delivered

    def _deliver(self, reading: bytes) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.delivered.append(reading)


def test_both_answers_are_passed_on_as_they_came() -> None:
    """Spaces and all: what cannot be read today is still there for a later version."""
    stats = b'{"c1": { "read":"2024-03-12T21:00:00.000000001Z" }}'

    assert Rig(stats).read(1) == [b'{"task":' + _TASK + b',"stats":' + stats + b"}"]


def test_statistics_that_are_not_renewed_are_taken_once() -> None:
    """Fargate gives the same ones for 10 s; the task is not asked for then."""
    rig = Rig(_stats(a="1", b="1"), _stats(a="1", b="1"), _stats(a="2", b="1"), _stats(a="2", b=None))

    assert len(rig.read(6)) == 3
    assert rig.endpoint.tasks_asked == 3
    assert rig.counters.value("received.container_stats") == 3


def test_a_reading_says_whose_statistics_are_not_new() -> None:
    """Containers of a task are not read at the same moment."""
    rig = Rig(_stats(a="1", b="1", c="1"), _stats(a="2", b="1", c="1"), _stats(a="3", b="2", c="2"))

    assert [json.loads(each).get("seen", []) for each in rig.read(3)] == [[], ["b", "c"], []]


def test_before_containers_run_there_is_no_reading() -> None:
    """Null on Fargate, an empty object on EC2, and none at all."""
    assert Rig(_stats(a=None), b'{"a": {}}', b"{}").read(3) == []


def test_trouble_is_said_once_and_its_end_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each failure is counted."""
    rig = Rig(
        UnreachableError("gone"), UnreachableError("gone"), _stats(a="1"), _stats(a="2"), path=tmp_path / "last.json"
    )
    with caplog.at_level(logging.WARNING):
        rig.read(4)

    assert [record.getMessage() for record in caplog.records] == [
        "containers are not measured for now: gone",
        "containers are measured again",
    ]
    assert rig.counters.all() == {"failed.container_stats": 2, "received.container_stats": 2}


@pytest.mark.parametrize(
    "answer",
    [
        *(b"<html>", b'{"a": {"read"', b"[]", b'"fail"', b"\xff", b"[" * 100_000, b'\xef\xbb\xbf{"a": {"read": "1"}}'),
        '{"a": {"read": "1"}}'.encode("utf-16"),
    ],
)
def test_other_answers_are_failures(answer: bytes) -> None:
    """Half a body, or somebody else who answers there: nothing of it reaches the spool."""
    rig = Rig(answer)

    assert rig.read(1) == []
    assert rig.counters.value("failed.container_stats") == 1
    assert Rig(_stats(a="1"), task=answer).read(1) == []


def test_a_reading_that_the_spool_refuses_is_offered_again() -> None:
    """The same statistics are new as long as nobody has them."""
    rig = Rig(_stats(a="1"))
    rig.refuse = SpoolFullError("full")
    rig.read(1)
    rig.refuse = None

    assert len(rig.read(2)) == 1


def test_a_fault_of_ours_does_not_end_the_readings(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is told once, with where it is, and counted as a failure."""
    rig = Rig(_stats(a="1"), path=tmp_path / "last.json")
    rig.refuse = ZeroDivisionError("by zero")
    rig.read(2)
    rig.refuse = None

    assert len(rig.read(1)) == 1
    assert rig.counters.value("failed.container_stats") == 2
    assert [bool(record.exc_info) for record in caplog.records] == [True, False]


def test_it_reads_until_it_is_stopped() -> None:
    """One after the other, at its interval."""
    rig = Rig(*(_stats(a=str(number)) for number in range(5)))
    thread = threading.Thread(target=rig.poll.run)
    thread.start()
    waiting = threading.Event()
    while len(rig.delivered) < 5:
        assert thread.is_alive()
        waiting.wait(0.005)
    rig.poll.stop()
    rig.poll.stop()
    thread.join(5)

    assert not thread.is_alive()


def test_a_restart_takes_no_reading_twice(tmp_path: Path) -> None:
    """The next process finds the statistics that the one before it took."""
    path = tmp_path / "last.json"
    Rig(_stats(a="1"), path=path).read(1)

    assert Rig(_stats(a="1"), path=path).read(2) == []
    assert len(Rig(_stats(a="2"), path=path).read(1)) == 1


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 7}', "[" * 100_000])
def test_a_damaged_memory_costs_nothing(tmp_path: Path, content: str) -> None:
    """At worst a reading comes twice."""
    path = tmp_path / "last.json"
    path.write_text(content)

    assert len(Rig(_stats(a="1"), path=path).read(1)) == 1


def test_a_memory_that_cannot_be_written_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Readings go on."""
    rig = Rig(_stats(a="1"), _stats(a="2"), path=tmp_path / "none" / "last.json")

    assert len(rig.read(2)) == 2
    assert len(caplog.records) == 1
