"""Sampling polls are answered by ourselves, or by AWS and remembered."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from taskscope.clock import SECOND
from taskscope.errors import MalformedPayloadError
from taskscope.receivers.xray.answers import RULES, SUMMARIES, TARGETS, Answer, ForwardedAnswers, OwnAnswers
from taskscope.receivers.xray.rules import RuleStore
from taskscope.receivers.xray.sampling import Sampler
from tests.unit.receivers.xray.conftest import MovedClock

_CLIENT = "0a1b2c3d4e5f60718293a4b5"


def _own(store: RuleStore, clock: MovedClock, path: str, document: Any) -> Any:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    answer = asyncio.run(OwnAnswers(Sampler(store, clock=clock)).answer(path, body))
    assert answer.status == 200
    return json.loads(answer.body)


def test_each_path_has_its_answer(store: RuleStore, clock: MovedClock) -> None:
    """Rules, targets and summaries; no body is an empty request."""
    document = {"RuleName": "Default", "ClientID": _CLIENT, "RequestCount": 1}

    assert list(_own(store, clock, RULES, b"")) == ["SamplingRuleRecords"]
    assert _own(store, clock, SUMMARIES, {}) == {"SamplingStatisticSummaries": []}
    assert len(_own(store, clock, TARGETS, {"SamplingStatisticsDocuments": [document]})["SamplingTargetDocuments"]) == 1


def test_boost_that_is_asked_for_is_declined(store: RuleStore, clock: MovedClock) -> None:
    """The client is told, and its statistics count all the same."""
    answer = _own(store, clock, TARGETS, {"SamplingBoostStatisticsDocuments": [{"RuleName": "Default"}, 7]})

    assert [each["RuleName"] for each in answer["UnprocessedBoostStatistics"]] == ["Default", "None"]


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"SamplingStatisticsDocuments": {}}',
        json.dumps({"SamplingStatisticsDocuments": [{}] * 26}).encode(),
    ],
)
def test_wrong_request_is_malformed(store: RuleStore, clock: MovedClock, body: bytes) -> None:
    """No request of that path, and no crash however deep it is nested."""
    with pytest.raises(MalformedPayloadError):
        asyncio.run(OwnAnswers(Sampler(store, clock=clock)).answer(TARGETS, body))


class _Aws:
    """Answers as a test says, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes]] = []
        self.next: Answer | Exception = Answer(200, b"rules-1")
        self.threads: set[str] = set()

    def __call__(self, path: str, body: bytes) -> tuple[int, bytes]:
        self.asked.append((path, body))
        self.threads.add(threading.current_thread().name)
        if isinstance(self.next, Exception):
            raise self.next
        return self.next


def _ask(answers: ForwardedAnswers, path: str = RULES, body: bytes = b"{}") -> Answer:
    return asyncio.run(answers.answer(path, body))


def test_rules_of_aws_are_remembered_for_the_set_time(clock: MovedClock) -> None:
    """One request serves all clients for a minute."""
    aws = _Aws()
    answers = ForwardedAnswers(aws, cache_seconds=60, clock=clock)
    assert [_ask(answers), _ask(answers)] == [Answer(200, b"rules-1")] * 2
    clock.now += 60 * SECOND
    aws.next = Answer(200, b"rules-2")

    assert [_ask(answers), _ask(answers)] == [Answer(200, b"rules-2")] * 2
    assert aws.asked == [(RULES, b"{}")] * 2
    assert "MainThread" not in aws.threads


def test_statistics_and_further_pages_are_never_remembered(clock: MovedClock) -> None:
    """They are one client's own."""
    aws = _Aws()
    answers = ForwardedAnswers(aws, clock=clock)
    for path, body in [(TARGETS, b'{"a":1}'), (RULES, b'{"NextToken":"x"}')]:
        _ask(answers, path, body)
        _ask(answers, path, body)

    assert len(aws.asked) == 4


@pytest.mark.parametrize("trouble", [OSError("unreachable"), Answer(500, b"down"), Answer(429, b"slow down")])
def test_remembered_rules_outlast_trouble_of_aws(clock: MovedClock, trouble: Answer | Exception) -> None:
    """For an hour, as SDKs keep them; then the trouble is told."""
    aws = _Aws()
    answers = ForwardedAnswers(aws, cache_seconds=60, clock=clock)
    _ask(answers)
    aws.next = trouble
    clock.now += 3599 * SECOND
    assert _ask(answers) == Answer(200, b"rules-1")
    clock.now += SECOND

    if isinstance(trouble, Exception):
        with pytest.raises(OSError, match="unreachable"):
            _ask(answers)
    else:
        assert _ask(answers) == trouble


def _coroutine_function(aws: _Aws) -> Any:
    async def forward(path: str, body: bytes) -> tuple[int, bytes]:
        await asyncio.sleep(0)
        return aws(path, body)

    return forward


class _Object:
    """Has a coroutine for its call, which does not make it a coroutine function."""

    def __init__(self, aws: _Aws) -> None:
        self._forward = _coroutine_function(aws)

    async def __call__(self, path: str, body: bytes) -> Any:
        """Forward."""
        return await self._forward(path, body)


@pytest.mark.parametrize("made", [_coroutine_function, _Object])
def test_callable_may_be_a_coroutine(clock: MovedClock, made: Callable[[_Aws], Any]) -> None:
    """Clients that ask at once cost one request."""
    aws = _Aws()
    answers = ForwardedAnswers(made(aws), clock=clock)

    async def several() -> list[Answer]:
        return await asyncio.gather(*(answers.answer(RULES, b"{}") for _ in range(5)))

    assert asyncio.run(several()) == [Answer(200, b"rules-1")] * 5
    assert len(aws.asked) == 1
