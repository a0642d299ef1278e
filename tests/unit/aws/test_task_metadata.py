"""The metadata endpoint of the lab's server, with the recorded answers and with worse ones."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from taskscope.aws.task_metadata import ADDRESS_V2, VARIABLE, VARIABLE_V3, TaskMetadata
from taskscope.errors import MalformedPayloadError, UnreachableError, UsageError
from taskscope.lab.runner.metadata_server import MetadataServer, listen_on_loopback

_TASK = json.loads((Path(__file__).parents[2] / "fixtures" / "tmde" / "v4_task.json").read_text())


@contextmanager
def _endpoint(answer: Callable[[str, str], tuple[int, Any]]) -> Iterator[str]:
    """Serve answers on another thread; give the address as ECS does."""
    listening = listen_on_loopback()
    ready, ended = threading.Event(), threading.Event()

    async def serve() -> None:
        server = MetadataServer(answer)
        await server.serve(listening, "127.0.0.1")
        ready.set()
        await asyncio.to_thread(ended.wait)
        await server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(5)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v4/token"
    finally:
        ended.set()
        thread.join(5)


@contextmanager
def _bytes(*pieces: bytes, pause: float = 0.0) -> Iterator[str]:
    """Answer every request with these bytes, with a pause after each piece, and close; give the address as ECS does."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while True:
            connection, _ = listening.accept()
            with connection:
                if ended.is_set():
                    return
                connection.recv(65_536)
                for piece in pieces:
                    try:
                        connection.sendall(piece)
                    except OSError:  # the client has had enough
                        break
                    ended.wait(pause)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v4/token"
    finally:
        ended.set()
        socket.create_connection(listening.getsockname()).close()
        thread.join(5)
        listening.close()


def test_task_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the address that ECS names, past any proxy."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with _endpoint(lambda path, _caller: (200, _TASK) if path == "/v4/token/task" else (404, "unknown")) as base:
        metadata = TaskMetadata.from_environment({VARIABLE: base})
        assert metadata is not None
        assert metadata.task() == _TASK


def test_outside_of_ecs_there_is_none() -> None:
    """Then nothing is asked."""
    assert TaskMetadata.from_environment({}) is None


@pytest.mark.parametrize("status", [429, 500])
def test_throttling_and_trouble_are_waited_out(status: int) -> None:
    """The agent throttles above 40 requests a second."""
    answers = iter([(status, "later"), (status, "later"), (200, _TASK)])
    pauses: list[float] = []
    with _endpoint(lambda _path, _caller: next(answers)) as base:
        assert TaskMetadata(base, pause=pauses.append).task() == _TASK
    assert pauses == [0.2, 0.4]


def test_unknown_container_is_not_asked_for_twice() -> None:
    """A wrong token stays wrong."""
    asked: list[str] = []

    def answer(path: str, _caller: str) -> tuple[int, Any]:
        asked.append(path)
        return 404, "unable to get container"

    with _endpoint(answer) as base, pytest.raises(UnreachableError, match="HTTP Error 404"):
        TaskMetadata(base).task()
    assert len(asked) == 1


def test_silence_is_an_error_of_ours() -> None:
    """After three attempts, which are short."""
    free = listen_on_loopback()
    base = f"http://127.0.0.1:{free.getsockname()[1]}/v4/token"
    with free, pytest.raises(UnreachableError, match="does not answer"):
        TaskMetadata(base, timeout_seconds=0.05, pause=lambda _seconds: None).task()


def test_what_the_system_said_is_told_and_nothing_around_it() -> None:
    """Of a failed connection and of an error that was answered: no class, no number of the operating system."""
    with listen_on_loopback() as free:
        port = free.getsockname()[1]
    refused = TaskMetadata(f"http://127.0.0.1:{port}/v4/x", attempts=1)
    with pytest.raises(UnreachableError) as caught:
        refused.task()
    assert caught.value.message.endswith("/v4/x does not answer: Connection refused")

    with _endpoint(lambda *_: (404, "gone")) as base, pytest.raises(UnreachableError) as answered:
        TaskMetadata(base).task()
    assert answered.value.message.endswith("does not answer: HTTP Error 404: Not Found")


def test_other_answers_are_malformed() -> None:
    """Somebody else answers there."""
    with (
        _endpoint(lambda _path, _caller: (200, "hello")) as base,
        pytest.raises(MalformedPayloadError, match="no JSON"),
    ):
        TaskMetadata(base).task()


def test_other_addresses_are_refused() -> None:
    """A file is no endpoint."""
    with pytest.raises(UsageError, match=VARIABLE):
        TaskMetadata("file:///etc/passwd")


@pytest.mark.parametrize(
    ("version", "task", "stats"),
    [
        ("/v4/token", "/v4/token/task", "/v4/token/task/stats"),
        ("/v3/token/", "/v3/token/task", "/v3/token/task/stats"),
        ("/v2", "/v2/metadata", "/v2/stats"),
        ("/v2/", "/v2/metadata", "/v2/stats"),
    ],
)
def test_versions_have_paths_of_their_own(version: str, task: str, stats: str) -> None:
    """The address says which version it is; answers come as they are."""
    answers = {task: _TASK, stats: {"a": None}}
    with _endpoint(lambda path, _caller: (200, answers[path]) if path in answers else (404, "unknown")) as base:
        metadata = TaskMetadata(base.removesuffix("/v4/token") + version)
        assert json.loads(metadata.task_answer()) == _TASK
        assert json.loads(metadata.stats_answer()) == {"a": None}
        assert metadata.task() == _TASK


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({VARIABLE: "http://h/v4/a", VARIABLE_V3: "http://h/v3/a"}, "http://h/v4/a"),
        ({VARIABLE: "", VARIABLE_V3: "http://h/v3/a"}, "http://h/v3/a"),
    ],
)
def test_newest_version_is_asked(environment: dict[str, str], expected: str) -> None:
    """Old agents name version 3 only; version 2 has an address that everybody knows."""
    metadata = TaskMetadata.from_environment(environment)

    assert metadata is not None
    assert metadata.address == expected
    assert TaskMetadata(ADDRESS_V2).address == "http://169.254.170.2/v2"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"who are you?",
        b"",
    ],
)
def test_half_an_answer_is_none(answer: bytes) -> None:
    """It is asked for again, and then given up; nothing of it is taken for the whole."""
    pauses: list[float] = []
    with _bytes(answer) as base, pytest.raises(UnreachableError, match="does not answer"):
        TaskMetadata(base, attempts=2, pause=pauses.append).stats_answer()
    assert pauses == [0.2]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n{}",
    ],
)
def test_ends_of_answers(answer: bytes) -> None:
    """By length, by chunks, or by the connection's end."""
    with _bytes(answer) as base:
        assert TaskMetadata(base, attempts=1).stats_answer() == b"{}"


def test_answer_that_drips_is_not_waited_for() -> None:
    """Each byte comes in time, but the whole would take three seconds."""
    with (
        _bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n", *[b"x"] * 300, pause=0.01) as base,
        pytest.raises(UnreachableError, match="bytes came in time"),
    ):
        TaskMetadata(base, timeout_seconds=0.1, attempts=1).stats_answer()


def test_head_that_drips_is_not_waited_for() -> None:
    """A reading would go on for hours, and all scrapes wait for it."""
    began = time.monotonic()
    with (
        _bytes(b"HTTP/1.1 200 OK\r\n", *[b"X"] * 300, pause=0.01) as base,
        pytest.raises(UnreachableError),
    ):
        TaskMetadata(base, timeout_seconds=0.1, attempts=1).stats_answer()

    assert time.monotonic() - began < 2


def test_answer_without_end_is_cut_off() -> None:
    """No task says more than 4 MiB."""
    with (
        _bytes(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * (1 << 20)] * 5) as base,
        pytest.raises(UnreachableError, match="larger than 4194304 bytes"),
    ):
        TaskMetadata(base, timeout_seconds=5, attempts=1).stats_answer()
