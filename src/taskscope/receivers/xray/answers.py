"""Who answers the sampling polls: ourselves, or AWS through a callable that signs."""

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from taskscope.clock import SECOND, Clock, system_clock
from taskscope.errors import MalformedPayloadError
from taskscope.receivers.xray.sampling import MAX_DOCUMENTS, Sampler

RULES: Final = "/GetSamplingRules"
TARGETS: Final = "/SamplingTargets"
SUMMARIES: Final = "/SamplingStatisticSummaries"
PATHS: Final = frozenset({RULES, TARGETS, SUMMARIES})

Forward: TypeAlias = Callable[[str, bytes], tuple[int, bytes] | Awaitable[tuple[int, bytes]]]
"""Sends a path and a body to AWS, signed, and returns status and body; one that is no coroutine runs on a thread."""

_OK: Final = 200
_STALE: Final = 3600 * SECOND
"""How long rules are good at all: SDKs drop theirs an hour after the last answer."""


class Answer(NamedTuple):
    """Status and body of an answer."""

    status: int
    body: bytes


class SamplingAnswers(Protocol):
    """Answers sampling polls."""

    async def answer(self, path: str, body: bytes) -> Answer:
        """
        Answer a POST to one of ``PATHS``.

        Raises:
            MalformedPayloadError: The body is no request of that path.
            Exception: Whatever else goes wrong; the client is told to come again.
        """
        ...


class OwnAnswers:
    """Answers from rules and leases of our own."""

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler

    async def answer(self, path: str, body: bytes) -> Answer:
        """Answer a POST to one of ``PATHS``."""
        request = read_object(body)
        if path == TARGETS:
            return _json(self._targets(request))
        return _json(self._sampler.rules() if path == RULES else self._sampler.summaries())

    def _targets(self, request: dict[str, Any]) -> dict[str, Any]:
        documents = _documents(request, "SamplingStatisticsDocuments")
        answer = self._sampler.targets(documents)
        # Boosts are an answer to anomalies that only AWS computes: none is given, and a client that asks is told.
        if boosts := _documents(request, "SamplingBoostStatisticsDocuments"):
            message = {"ErrorCode": "InvalidRequestException", "Message": "sampling boosts are not supported"}
            names = [each.get("RuleName") if isinstance(each, dict) else None for each in boosts]
            answer["UnprocessedBoostStatistics"] = [{"RuleName": str(name), **message} for name in names]
        return answer


class ForwardedAnswers:
    """Answers of AWS; its rules are remembered for a while, and longer when AWS does not answer."""

    def __init__(self, forward: Forward, *, cache_seconds: float = 60.0, clock: Clock = system_clock) -> None:
        self._forward = forward
        self._cache_ns = round(cache_seconds * SECOND)
        self._clock = clock
        self._rules: tuple[int, Answer] | None = None
        self._fetching = asyncio.Lock()

    async def answer(self, path: str, body: bytes) -> Answer:
        """Answer a POST to one of ``PATHS``."""
        request = read_object(body)
        if path == RULES and not request.get("NextToken"):
            async with self._fetching:  # many clients that ask at once cost one request
                return await self._first_rules(body)
        return await self._ask(path, body)

    async def _first_rules(self, body: bytes) -> Answer:
        """Return the first page of rules, which for most accounts is all of them."""
        if (fresh := self._remembered(self._cache_ns)) is not None:
            return fresh
        try:
            answer = await self._ask(RULES, body)
        except Exception:
            if (stale := self._remembered(_STALE)) is None:
                raise
            return stale
        if answer.status == _OK:
            self._rules = (self._clock(), answer)
            return answer
        return self._remembered(_STALE) or answer

    def _remembered(self, age_ns: int) -> Answer | None:
        if self._rules is None or not 0 <= self._clock() - self._rules[0] < age_ns:
            return None
        return self._rules[1]

    async def _ask(self, path: str, body: bytes) -> Answer:
        if inspect.iscoroutinefunction(self._forward):
            return Answer(*await self._forward(path, body))
        answered = await asyncio.to_thread(self._forward, path, body)
        return Answer(*(await answered if inspect.isawaitable(answered) else answered))


def read_object(body: bytes) -> dict[str, Any]:
    """
    Read the JSON object of a request; no body is an empty one.

    Raises:
        MalformedPayloadError: The body is none.
    """
    try:
        request = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise MalformedPayloadError(f"the body is no JSON: {error}") from None
    if not isinstance(request, dict):
        raise MalformedPayloadError("the body is no JSON object")
    return request


def _documents(request: dict[str, Any], name: str) -> list[Any]:
    documents = [] if request.get(name) is None else request[name]
    if not isinstance(documents, list) or len(documents) > MAX_DOCUMENTS:
        raise MalformedPayloadError(f"{name} must be a list of at most {MAX_DOCUMENTS} documents")
    return documents


def _json(document: dict[str, Any]) -> Answer:
    return Answer(_OK, json.dumps(document, separators=(",", ":")).encode())
