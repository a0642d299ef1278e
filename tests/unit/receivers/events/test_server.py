"""The receiver over HTTP: what is answered with 200 is durable."""

import asyncio
import http.client
import json
import logging
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import pytest
import uvloop

from taskscope.clock import fixed_clock
from taskscope.config.access import Token
from taskscope.counters import Counters
from taskscope.errors import UsageError
from taskscope.receivers.events.config import EventsConfig
from taskscope.receivers.events.server import EventsReceiver
from taskscope.sockets import listen_tcp
from taskscope.spool.frame import Frame, Kind
from tests.unit.receivers.doubles import MemorySpool

_EVENT = b'{"detail-type": "ECS Task State Change", "detail": {}}'


class Answer(NamedTuple):
    """What was answered."""

    status: int
    headers: dict[str, str]
    document: dict[str, Any]


class Running:
    """A receiver on a free port."""

    def __init__(self, config: EventsConfig, token: str) -> None:
        self.spool = MemorySpool()
        self.counters = Counters()
        self.receiver = EventsReceiver(config, self.spool, self.counters, token=Token(token), clock=fixed_clock(7))
        self.socket = listen_tcp("127.0.0.1", 0, flag="--port")
        self.port: int = self.socket.getsockname()[1]

    async def ask(
        self, body: bytes, *, method: str = "POST", path: str = "/v1/events", headers: dict[str, str] | None = None
    ) -> Answer:
        """Make one request, on another thread."""
        return await asyncio.to_thread(self._ask, body, method, path, headers or {})

    def _ask(self, body: bytes, method: str, path: str, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            got = connection.getresponse()
            return Answer(got.status, {key.lower(): each for key, each in got.getheaders()}, json.loads(got.read()))
        finally:
            connection.close()


@asynccontextmanager
async def _running(*, token: str = "", **settings: Any) -> AsyncIterator[Running]:
    running = Running(EventsConfig(**settings), token)
    await running.receiver.start([running.socket])
    try:
        yield running
    finally:
        await running.receiver.stop()
        await running.receiver.stop()


def test_messages_are_kept_then_answered() -> None:
    """Whatever the content type, each message is a frame."""

    async def scenario() -> None:
        async with _running() as running:
            answer = await running.ask(_EVENT + b"\n" + _EVENT, headers={"Content-Type": "text/plain"})
            assert (answer.status, answer.document) == (200, {"kept": 2})
            assert running.spool.frames == [Frame(Kind.AWS_EVENT, 7, _EVENT, sender="127.0.0.1")] * 2
            assert running.spool.calls == [2]
            assert running.counters.all() == {"received.events": 2, "received_bytes.events": 2 * len(_EVENT)}

    uvloop.run(scenario())


def test_nothing_is_answered_before_it_is_durable() -> None:
    """While the spool works the sender waits."""

    async def scenario() -> None:
        async with _running() as running:
            running.spool.open.clear()
            asking = asyncio.create_task(running.ask(_EVENT))
            await running.spool.asked.wait()
            await asyncio.sleep(0.02)
            assert not asking.done()
            running.spool.open.set()
            assert (await asking).status == 200

    uvloop.run(scenario())


def test_full_spool_asks_to_come_again() -> None:
    """EventBridge retries a 503 for a day."""

    async def scenario() -> None:
        async with _running(retry_seconds=2.5) as running:
            running.spool.refusals = 1
            answer = await running.ask(_EVENT)
            assert (answer.status, answer.headers["retry-after"]) == (503, "3")
            assert (await running.ask(_EVENT)).status == 200
            assert running.counters.value("refused.events.spool_full") == 1

    uvloop.run(scenario())


@pytest.mark.parametrize(
    ("request_", "status", "why"),
    [
        ({"path": "/"}, 404, "path"),
        ({"method": "GET"}, 405, "method"),
        ({"headers": {"Content-Encoding": "gzip"}}, 415, "encoding"),
        ({"body": b"{"}, 400, "malformed"),
        ({"body": b"{" + b" " * 1000 + b"}"}, 413, "size"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_requests_are_told_why(request_: dict[str, Any], status: int, why: str) -> None:
    """With a message, a status that no sender retries, and a count."""

    async def scenario() -> None:
        async with _running(max_body_bytes=1000) as running:
            answer = await running.ask(**({"body": _EVENT} | request_))
            assert answer.status == status
            assert answer.document["message"]
            assert running.counters.all() == {f"refused.events.{why}": 1}
            assert running.spool.frames == []

    uvloop.run(scenario())


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("Bearer other", 401),
        ("Basic !", 401),
        ("Basic " + b64encode(b"sns:other").decode(), 401),
        ("Bearer secret", 200),
        ("Basic " + b64encode(b"sns:secret").decode(), 200),
    ],
)
def test_token_is_asked_for(authorization: str | None, status: int) -> None:
    """As a bearer, or as the password in the address of an SNS subscription."""

    async def scenario() -> None:
        async with _running(token="secret") as running:
            headers = {"Authorization": authorization} if authorization else {}
            assert (await running.ask(_EVENT, headers=headers)).status == status

    uvloop.run(scenario())


def test_subscription_is_left_to_people(caplog: pytest.LogCaptureFixture) -> None:
    """Its address is logged, never fetched: anybody could send one."""
    asked = {"Type": "SubscriptionConfirmation", "TopicArn": "arn", "SubscribeURL": "https://sns.test/confirm"}

    async def scenario() -> None:
        async with _running() as running:
            answer = await running.ask(json.dumps(asked).encode())
            assert (answer.status, answer.document, running.spool.frames) == (200, {"kept": 0}, [])

    with caplog.at_level(logging.WARNING):
        uvloop.run(scenario())
    assert "https://sns.test/confirm" in caplog.text


def test_memory_is_bounded() -> None:
    """Bodies of all requests together: one too many is asked to come again, and what ended is given back."""

    async def scenario() -> None:
        async with _running(max_body_bytes=100, max_held_bytes=100) as running:
            running.spool.open.clear()
            first = asyncio.create_task(running.ask(_EVENT))
            await running.spool.asked.wait()
            assert (await running.ask(_EVENT)).status == 503
            running.spool.open.set()
            assert (await first).status == 200
            assert (await running.ask(_EVENT)).status == 200
            assert running.counters.value("refused.events.busy") == 1

    uvloop.run(scenario())


def test_slow_bodies_end() -> None:
    """A sender that says how long its body is and then falls silent."""

    async def scenario() -> None:
        async with _running(body_seconds=0.1) as running:
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writer.write(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            answer = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            assert answer.startswith(b"HTTP/1.1 503")
            assert running.counters.value("refused.events.slow") == 1

    uvloop.run(scenario())


def test_sender_that_leaves_is_counted() -> None:
    """Nothing of its request is kept."""

    async def scenario() -> None:
        async with _running() as running:
            _, writer = await asyncio.open_connection("127.0.0.1", running.port)
            writer.write(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.close()
            async with asyncio.timeout(5):
                while running.counters.value("refused.events.gone") == 0:  # noqa: ASYNC110 (it has no event for tests)
                    await asyncio.sleep(0.005)
            assert running.spool.frames == []

    uvloop.run(scenario())


def test_wrong_settings_are_refused() -> None:
    """With the name and the value."""
    with pytest.raises(UsageError, match="body_seconds 0"):
        EventsConfig(body_seconds=0).validate()
    with pytest.raises(UsageError, match="max_held_bytes 1 is less"):
        EventsConfig(max_held_bytes=1).validate()
