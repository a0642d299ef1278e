"""Looks again and again: what stays, and what is said once."""

import json

import pytest

from taskscope.cli.discover.rounds import Rounds
from taskscope.errors import NotFoundError, ThrottledError
from taskscope.model.placement import PlacedTask
from taskscope.sources.discovery.left_out import LeftOut
from taskscope.sources.discovery.look import Look
from taskscope.sources.discovery.targets import ScrapeTarget
from tests.unit.cli.discover.looks import Looks

_ARN = "arn:aws:ecs:eu-west-1:111122223333"
_TARGET = ScrapeTarget("10.0.0.9:9659", {"cluster": "shop", "family": "web"})
_TASK = PlacedTask(f"{_ARN}:task/shop/1a2b3c4d", f"{_ARN}:cluster/shop", f"{_ARN}:task-definition/web:4")
_LEFT_OUT = Look((_TARGET,), (LeftOut(_TASK, "why"),))
_LINE = "left out task 1a2b3c4d of web:4 in cluster shop: why"
_NOTHING = Look((), ())


def test_content_is_what_prometheus_reads() -> None:
    """A list of groups, with a line's end."""
    content = Rounds(Looks(_LEFT_OUT), lambda _: None).look()

    assert content.endswith(b"]\n")
    assert json.loads(content) == [{"targets": ["10.0.0.9:9659"], "labels": dict(_TARGET.labels)}]


def test_task_that_is_left_out_is_said_when_that_changes() -> None:
    """Not at each look; again when it comes back."""
    said: list[str] = []
    rounds = Rounds(Looks(_LEFT_OUT, _LEFT_OUT, _NOTHING, _LEFT_OUT), said.append)
    told = []
    for _ in range(4):
        rounds.look()
        told.append(len(said))

    assert said == [_LINE, _LINE]
    assert told == [1, 1, 1, 2]


def test_failure_keeps_what_was_found_and_is_said_once() -> None:
    """And that it is over."""
    said: list[str] = []
    throttled = ThrottledError("AWS throttles")
    rounds = Rounds(Looks(_NOTHING, throttled, throttled, NotFoundError("gone"), _NOTHING), said.append)

    assert [rounds.first(), rounds.again(), rounds.again(), rounds.again()] == [True, False, False, False]
    assert rounds.content == b"[]\n"
    assert rounds.failure == "gone"
    assert rounds.again()
    assert rounds.failure == ""
    assert said == [
        "AWS throttles; the targets stay as they are", "gone; the targets stay as they are", "AWS answers again",
    ]  # fmt: skip


def test_first_look_fails_by_what_no_retry_helps() -> None:
    """A wrong name is told at once; a throttled call is tried again."""
    with pytest.raises(NotFoundError):
        Rounds(Looks(NotFoundError("no such cluster")), lambda _: None).first()
    rounds = Rounds(Looks(ThrottledError("later")), lambda _: None)

    assert not rounds.first()
    assert rounds.content is None
