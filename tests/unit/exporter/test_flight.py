"""Readings that many ask for."""

import threading

import pytest

from taskscope.exporter.flight import SharedReading
from taskscope.exporter.reading import Outcome
from taskscope.model.task_metadata import TaskInfo, TaskReading
from tests.unit.exporter.conftest import Log
from tests.unit.exporter.misbehaving import eventually

_TASK = TaskReading(TaskInfo("shop", "arn:aws:ecs:eu-west-1:111122223333:task/shop/1", "web", "1"), {})


def _ask(shared: SharedReading, count: int, seconds: float = 10.0) -> tuple[list[threading.Thread], list[Outcome]]:
    outcomes: list[Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(shared.ask(seconds))) for _ in range(count)]
    for each in threads:
        each.start()
    return threads, outcomes


def test_all_who_ask_meanwhile_get_the_same_outcome() -> None:
    """Twenty ask, one reads."""
    reads, let = [], threading.Event()

    def read() -> Outcome:
        reads.append(1)
        let.wait(10)
        return Outcome(_TASK)

    shared = SharedReading(read)
    threads, outcomes = _ask(shared, 20)
    assert eventually(lambda: len(reads) == 1)
    let.set()
    for each in threads:
        each.join()

    assert len(outcomes) == 20
    assert {id(each) for each in outcomes} == {id(outcomes[0])}
    assert len(reads) == 1
    assert shared.counts() == {True: 1, False: 0}


def test_who_asks_later_reads_anew() -> None:
    """Nothing is kept."""
    outcomes = iter([Outcome(_TASK), Outcome(None, "gone")])
    shared = SharedReading(lambda: next(outcomes))

    assert shared.ask(5).reading is _TASK
    assert shared.ask(5).error == "gone"
    assert shared.counts() == {True: 1, False: 1}


def test_patience_is_of_who_asks() -> None:
    """One leaves, and the other still gets what comes; who asks then reads no second time."""
    let = threading.Event()
    reads = []

    def read() -> Outcome:
        reads.append(1)
        let.wait(10)
        return Outcome(_TASK)

    shared = SharedReading(read)
    [patient], outcomes = _ask(shared, 1)
    left = shared.ask(0.05)
    assert left.reading is None
    assert left.error == "the task metadata endpoint did not answer within 0.05 s"
    assert left.seconds >= 0.05
    let.set()
    patient.join()

    assert outcomes == [Outcome(_TASK)]
    assert len(reads) == 1


def test_our_own_mistakes_are_raised_and_do_not_stay() -> None:
    """The next who asks reads again."""
    seconds = iter([0.0, 1.0])
    shared = SharedReading(lambda: Outcome(_TASK, seconds=1 / next(seconds)))

    with pytest.raises(ZeroDivisionError):
        shared.ask(5)
    assert shared.ask(5).reading is _TASK


def test_what_is_wrong_is_logged_when_it_changes(log: Log) -> None:
    """Not with every scrape: a task without an endpoint would fill a log group."""
    faulty = TaskReading(_TASK.task, {}, ("web: no figures",))
    outcomes = iter(
        [
            *[Outcome(None, "refused")] * 3,
            *[Outcome(_TASK, "HTTP Error 500")] * 2,
            *[Outcome(faulty)] * 2,
            *[Outcome(_TASK)] * 2,
            Outcome(None, "refused"),
        ]
    )
    shared = SharedReading(lambda: next(outcomes))
    for _ in range(10):
        shared.ask(5)

    assert log.messages() == [
        "the task's metadata cannot be read",
        "the containers' statistics cannot be read",
        "statistics are missing",
        "the task's metadata are read",
        "the task's metadata cannot be read",
    ]
    assert log.fields("statistics are missing") == [{"containers": (), "faults": ("web: no figures",)}]
