"""Real functions in real processes: zips made on the spot, and a log that a test can read."""

import asyncio
import io
import textwrap
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from taskscope.lab.functions.model import Function
from taskscope.lab.functions.runner import FunctionRunner
from taskscope.lab.gateway.service import ApiError
from taskscope.lab.logs.api import LogLine


class RecordingLogs:
    """A log writer that keeps what it gets, by group and stream, and refuses unknown streams as CloudWatch does."""

    def __init__(self) -> None:
        self.streams: dict[tuple[str, str], list[LogLine]] = {}
        self.groups: set[str] = set()
        self.started = asyncio.Event()
        """Set when an invocation has begun."""

    def create_group(self, region: str, group: str) -> None:  # noqa: ARG002 - the contract names it
        """Create a group."""
        self.groups.add(group)

    def create_stream(self, region: str, group: str, stream: str) -> None:  # noqa: ARG002 - the contract names it
        """Create a stream."""
        if group not in self.groups:
            raise ApiError("ResourceNotFoundException", "The specified log group does not exist.")
        self.streams.setdefault((group, stream), [])

    def put(self, region: str, group: str, stream: str, lines: Sequence[LogLine]) -> None:  # noqa: ARG002 - the same
        """Append lines."""
        if (group, stream) not in self.streams:
            raise ApiError("ResourceNotFoundException", "The specified log stream does not exist.")
        self.streams[group, stream] += lines
        if any(line.message.startswith("START") for line in lines):
            self.started.set()

    def messages(self) -> list[str]:
        """Return every message."""
        return [line.message for lines in self.streams.values() for line in lines]


@pytest.fixture
def logs() -> RecordingLogs:
    """Give an empty log."""
    return RecordingLogs()


MakeZip: TypeAlias = Callable[..., bytes]


@pytest.fixture
def make_zip() -> MakeZip:
    """Give a factory of archives: file names and their contents."""

    def make(**files: str) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, text in files.items():
                archive.writestr(f"{name}.py", textwrap.dedent(text))
        return buffer.getvalue()

    return make


MakeFunction: TypeAlias = Callable[..., Function]


@pytest.fixture
def make_function(make_zip: MakeZip) -> MakeFunction:
    """Give a factory of functions whose module is ``app``; keywords replace fields."""

    def make(source: str, **fields: Any) -> Function:
        plain = Function(
            account="123456789012",
            region="us-east-1",
            name="fn",
            version="$LATEST",
            handler="app.handle",
            runtime="python3.13",
            code=make_zip(app=source),
            revision=source,
        )
        return replace(plain, **fields)

    return make


RunnerOf: TypeAlias = Callable[..., AbstractAsyncContextManager[FunctionRunner]]


@pytest.fixture
def runner(logs: RecordingLogs) -> RunnerOf:
    """Give an asynchronous context with a runner that writes to ``logs`` and is closed at the end."""

    @asynccontextmanager
    async def running(**settings: Any) -> AsyncIterator[FunctionRunner]:
        made = FunctionRunner(logs, endpoint=lambda: "http://127.0.0.1:1", **settings)
        try:
            yield made
        finally:
            await made.close()

    return running
