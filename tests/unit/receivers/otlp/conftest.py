"""OTLP receivers that run on a loop of their own, so that real clients can block."""

import asyncio
import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from taskscope.clock import fixed_clock
from taskscope.config.access import Token
from taskscope.counters import Counters
from taskscope.receivers.otlp.config import OtlpConfig
from taskscope.receivers.otlp.grpc import OtlpGrpc
from taskscope.receivers.otlp.http import OtlpHttp
from taskscope.sockets import listen_tcp
from tests.unit.receivers.doubles import MemorySpool

FIXTURES = Path(__file__).parents[3] / "fixtures" / "otlp"
NOW = 1_795_151_190_000_000_000

Answer: TypeAlias = tuple[int, dict[str, str], bytes]


class Loop:
    """An event loop on a thread; ``run`` waits for a coroutine there."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ending: list[Future[Any]] = []

    def run(self, job: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine to its end."""
        return asyncio.run_coroutine_threadsafe(job, self._loop).result(timeout=20)

    def begin(self, job: Coroutine[Any, Any, Any]) -> None:
        """Begin a coroutine that no test waits for."""
        self._ending.append(asyncio.run_coroutine_threadsafe(job, self._loop))

    def finish(self) -> None:
        """Wait for what was begun."""
        for each in self._ending:
            each.result(timeout=20)

    def call(self, function: Callable[[], object]) -> None:
        """Call a function there."""
        self._loop.call_soon_threadsafe(function)


class Running:
    """A receiver on a port, what it kept and what it counted."""

    def __init__(self, port: int, spool: MemorySpool, counters: Counters, loop: Loop, stop: Callable[[], None]) -> None:
        self.port = port
        self.spool = spool
        self.counters = counters
        self.loop = loop
        self.stop = stop

    def send(self, method: str, path: str, body: Any = b"", headers: dict[str, str] | None = None) -> Answer:
        """Make one HTTP request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def post(self, body: Any, path: str = "/v1/traces", **headers: str) -> Answer:
        """Post Protobuf, or what the headers say."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send("POST", path, body, {"content-type": "application/x-protobuf"} | named)

    def connect(self) -> socket.socket:
        """Open a connection on which a test writes bytes of its own."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)


class Certificate(NamedTuple):
    """Key and certificate of localhost, in PEM."""

    key: bytes
    chain: bytes


@pytest.fixture(scope="session")
def certificate() -> Certificate:
    """Give a certificate that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return Certificate(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
    )


StartHttp: TypeAlias = Callable[..., Running]
StartGrpc: TypeAlias = Callable[..., Running]


@contextmanager
def running_loop() -> Iterator[Loop]:
    """Run uvloop, as the program does, on a thread."""
    made = uvloop.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    given = Loop(made)
    yield given
    given.finish()
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.run_until_complete(made.shutdown_default_executor())
    made.close()


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """Give the loop that all receivers of these tests share."""
    with running_loop() as made:
        yield made


@contextmanager
def _http(loop: Loop, spool: MemorySpool, token: str, tls: ssl.SSLContext | None, settings: Any) -> Iterator[Running]:
    counters = Counters()
    config = OtlpConfig(**settings)
    config.validate()
    clock = fixed_clock(NOW)
    listening = listen_tcp("127.0.0.1", 0, flag="--otlp-http-port")
    port = listening.getsockname()[1]
    receiver = OtlpHttp(config, spool, counters, token=Token(token), tls=tls, clock=clock)
    loop.run(receiver.start([listening]))
    try:
        yield Running(port, spool, counters, loop, lambda: loop.run(receiver.stop()))
    finally:
        loop.begin(receiver.stop())


@contextmanager
def _grpc(
    loop: Loop, spool: MemorySpool, token: str, tls: tuple[bytes, bytes] | None, settings: Any
) -> Iterator[Running]:
    counters = Counters()
    config = OtlpConfig(**settings)
    config.validate()

    async def start() -> tuple[OtlpGrpc, int]:
        receiver = OtlpGrpc(config, spool, counters, token=Token(token), tls=tls, clock=fixed_clock(NOW))
        return receiver, await receiver.start("127.0.0.1", 0)

    receiver, port = loop.run(start())
    try:
        yield Running(port, spool, counters, loop, lambda: loop.run(receiver.stop()))
    finally:
        loop.begin(receiver.stop())


@pytest.fixture
def start_http(loop: Loop) -> Iterator[StartHttp]:
    """Give ``start_http(token="", tls=None, spool=None, **settings) -> Running``; all end with the test."""
    with ExitStack() as stack:

        def start(token: str = "", tls: Any = None, spool: MemorySpool | None = None, **settings: Any) -> Running:
            return stack.enter_context(_http(loop, spool or MemorySpool(), token, tls, {"grace_seconds": 1} | settings))

        yield start


@pytest.fixture
def start_grpc(loop: Loop) -> Iterator[StartGrpc]:
    """Give ``start_grpc(token="", tls=None, spool=None, **settings) -> Running``; all end with the test."""
    with ExitStack() as stack:

        def start(token: str = "", tls: Any = None, spool: MemorySpool | None = None, **settings: Any) -> Running:
            return stack.enter_context(_grpc(loop, spool or MemorySpool(), token, tls, {"grace_seconds": 1} | settings))

        yield start
