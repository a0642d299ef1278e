"""The metadata endpoint of the lab's server, with the recorded answers and with worse ones."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from taskscope.aws.task_metadata import VARIABLE, TaskMetadata
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
