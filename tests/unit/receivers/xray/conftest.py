"""X-Ray's HTTP side, on a loop of its own, so that real clients can block."""

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from aws_xray_sdk.core import xray_recorder  # type: ignore[import-untyped] # it ships no types

from taskscope.clock import SECOND
from taskscope.config.access import PRIVATE, Allow
from taskscope.counters import Counters
from taskscope.receivers.xray.answers import OwnAnswers, SamplingAnswers
from taskscope.receivers.xray.config import XrayConfig
from taskscope.receivers.xray.http import XrayHttp
from taskscope.receivers.xray.rules import RuleStore
from taskscope.receivers.xray.sampling import Sampler
from taskscope.sockets import listen_tcp
from tests.unit.receivers.doubles import MemorySpool
from tests.unit.receivers.otlp.conftest import Loop, running_loop

FIXTURES = Path(__file__).parents[3] / "fixtures" / "xray"
NOW = 1_795_151_190 * SECOND


class MovedClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        """Give the time that was set."""
        return self.now


class Running:
    """The receiver on a port, what it kept and what it counted."""

    def __init__(self, port: int, spool: MemorySpool, counters: Counters, loop: Loop, stop: Callable[[], None]) -> None:
        self.port = port
        self.spool = spool
        self.counters = counters
        self.loop = loop
        self.stop = stop

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        """Make one request; return status, headers and the document of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            content = answer.read()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, named, json.loads(content) if content else None
        finally:
            connection.close()

    def post(self, path: str, document: Any = None) -> tuple[int, dict[str, str], Any]:
        """Post a document."""
        return self.send("POST", path, b"" if document is None else json.dumps(document).encode())

    def connect(self) -> socket.socket:
        """Open a connection on which a test writes bytes of its own."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)


StartHttp: TypeAlias = Callable[..., Running]


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """Give the loop that all receivers of these tests share."""
    with running_loop() as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def _sdk_ends_clean() -> Iterator[None]:
    """Close the socket that the X-Ray SDK opens when it is imported and never closes."""
    yield
    xray_recorder.emitter._socket.close()


@pytest.fixture
def clock() -> MovedClock:
    """Give a clock that stands until a test moves it."""
    return MovedClock()


@pytest.fixture
def store(tmp_path: Path, clock: MovedClock) -> RuleStore:
    """Give a store with the built-in rule alone."""
    return RuleStore(tmp_path / "rules.json", clock=clock)


@contextmanager
def _running(
    loop: Loop, spool: MemorySpool, answers: SamplingAnswers, allow: Allow, clock: MovedClock, settings: Any
) -> Iterator[Running]:
    counters = Counters()
    config = XrayConfig(**settings)
    config.validate()
    listening = listen_tcp("127.0.0.1", 0, flag="--xray-port")
    port = listening.getsockname()[1]
    receiver = XrayHttp(config, spool, counters, answers=answers, allow=allow, clock=clock)
    loop.run(receiver.start([listening]))
    try:
        yield Running(port, spool, counters, loop, lambda: loop.run(receiver.stop()))
    finally:
        loop.begin(receiver.stop())


@pytest.fixture
def start(loop: Loop, store: RuleStore, clock: MovedClock) -> Iterator[StartHttp]:
    """Give ``start(answers=None, allow=PRIVATE, spool=None, **settings) -> Running``; all end with the test."""
    with ExitStack() as stack:

        def start(
            answers: SamplingAnswers | None = None,
            allow: tuple[str, ...] = PRIVATE,
            spool: MemorySpool | None = None,
            **settings: Any,
        ) -> Running:
            given = answers or OwnAnswers(Sampler(store, clock=clock))
            made = _running(
                loop, spool or MemorySpool(), given, Allow.parse(allow), clock, {"grace_seconds": 1} | settings
            )
            return stack.enter_context(made)

        yield start
