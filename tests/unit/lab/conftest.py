"""What every test of the lab shares: a real HTTP server on a free loopback port, and clients without an account."""

import asyncio
import importlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeAlias

import pytest
import uvicorn
from starlette.types import ASGIApp

Serve: TypeAlias = Callable[[ASGIApp], str]


class _Server(uvicorn.Server):
    """A server that says when it listens, so that no test polls for it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@contextmanager
def _running(app: ASGIApp) -> Iterator[str]:
    """Run an ASGI app on a loopback port of its own until the block ends; give its base URL."""
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, ws="none", lifespan="auto", timeout_graceful_shutdown=1
    )
    server = _Server(config)
    # With the protocol named, asyncio turns Nagle's algorithm off; without, each small answer waits 40 ms.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        port = listener.getsockname()[1]
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
        thread.start()
        try:
            assert server.listening.wait(10), "the test server did not start within 10 s"
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Give a factory ``serve(asgi_app) -> base_url``; each server runs in a thread until the test ends."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(_running(app))


@pytest.fixture(scope="module")
def serve_module() -> Iterator[Serve]:
    """Do as ``serve`` does, but keep the servers until the module's last test."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(_running(app))


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every AWS client made-up credentials and a region, whatever the machine has."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module", autouse=True)
def _empty_moto() -> None:
    """Let each module begin with an empty moto, whose memory is one for the whole process; import it for nobody."""
    if "moto.backends" in sys.modules:
        importlib.import_module("moto.moto_api._internal.models").moto_api_backend.reset()
