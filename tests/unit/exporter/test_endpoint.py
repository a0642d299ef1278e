"""Readings of an endpoint that does what endpoints do at their worst."""

import time

import pytest

from taskscope.aws.task_metadata import TaskMetadata
from taskscope.exporter.endpoint import read_endpoint
from taskscope.exporter.reading import Outcome
from tests.unit.exporter import misbehaving
from tests.unit.exporter.misbehaving import STATS, TASK, Behaviour, Endpoint


def _read(metadata: Endpoint, timeout_seconds: float = 2.0) -> Outcome:
    return read_endpoint(
        TaskMetadata(metadata.url, timeout_seconds=timeout_seconds, attempts=2, pause=lambda _seconds: None)
    )


def test_task_and_statistics_are_read_together(metadata: Endpoint) -> None:
    """One question each."""
    outcome = _read(metadata)

    assert outcome.reading is not None
    assert [each.name for each in outcome.reading.task.containers] == ["web", "cache"]
    assert all(outcome.reading.stats.values())
    assert outcome.is_complete
    assert outcome.seconds > 0
    assert metadata.asked == ["/task", "/task/stats"]


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (misbehaving.answer_bytes(b"<html>"), "no JSON"),
        (misbehaving.answer_bytes(b"\xff\xfe\x00"), "no JSON"),
        (misbehaving.answer([]), "no JSON object"),
        (misbehaving.answer({}), "TaskARN"),
        (misbehaving.half_a_body(TASK), "IncompleteRead"),
        (misbehaving.no_http, "ESMTP"),
        (misbehaving.hang_up, "without response"),
        (misbehaving.answer("later", 429), "429"),
        (misbehaving.answer("failed", 500), "500"),
        (misbehaving.answer("unknown", 404), "404"),
    ],
    ids=["html", "bytes", "list", "nothing", "half", "smtp", "closed", "429", "500", "404"],
)
def test_without_the_task_there_is_no_reading(metadata: Endpoint, behaviour: Behaviour, said: str) -> None:
    """And the outcome says why."""
    metadata.behaviours["/task"] = behaviour
    outcome = _read(metadata)

    assert outcome.reading is None
    assert said in outcome.error
    assert not outcome.is_complete


@pytest.mark.parametrize(
    "behaviour",
    [
        misbehaving.answer_bytes(b"<html>"),
        misbehaving.answer([]),
        misbehaving.half_a_body(STATS),
        misbehaving.no_http,
        misbehaving.hang_up,
        misbehaving.answer("later", 429),
        misbehaving.answer("failed", 500),
    ],
    ids=["html", "list", "half", "smtp", "closed", "429", "500"],
)
def test_without_statistics_there_is_the_task(metadata: Endpoint, behaviour: Behaviour) -> None:
    """Its containers have none, and the outcome or the reading says why."""
    metadata.behaviours["/task/stats"] = behaviour
    outcome = _read(metadata)

    assert outcome.reading is not None
    assert outcome.reading.task.family == "shop-web"
    assert not any(outcome.reading.stats.values())
    assert outcome.error or outcome.reading.faults
    assert not outcome.is_complete


@pytest.mark.parametrize("behaviour", [misbehaving.silence, misbehaving.drip], ids=["silent", "dripping"])
def test_slow_answers_end_in_time(metadata: Endpoint, behaviour: Behaviour) -> None:
    """Also one that sends a byte now and then."""
    metadata.behaviours["/task"] = behaviour
    began = time.monotonic()
    outcome = _read(metadata, timeout_seconds=0.2)

    assert outcome.reading is None
    assert time.monotonic() - began < 2


def test_refused_connections_end_at_once(metadata: Endpoint) -> None:
    """Nothing listens there."""
    metadata.shutdown()
    metadata.server_close()
    outcome = _read(metadata)

    assert outcome.reading is None
    assert "refused" in outcome.error


def test_container_that_ends_between_the_two_answers_is_the_only_one_without(metadata: Endpoint) -> None:
    """The task still names it, the statistics do not."""
    [first, *_] = STATS
    metadata.behaviours["/task/stats"] = misbehaving.answer({first: STATS[first]})
    outcome = _read(metadata)

    assert outcome.reading is not None
    assert [each is not None for each in outcome.reading.stats.values()] == [True, False]
    assert outcome.missing == ("cache",)
    assert not outcome.is_complete
