"""Live tail of a server: server-sent events, and going on after a break."""

import json
import queue
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from taskscope.client.rest import Rest
from taskscope.clock import SECOND
from taskscope.errors import TaskscopeError, UnavailableError, UnreachableError

_SILENCE_SECONDS: Final = 35.0
"""The server says something every ten."""
_WAITS: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
_MOST_WAITING: Final = 1_000
"""Lines that came and were not taken yet; beyond, the server is not read, and does not send."""


class Event(NamedTuple):
    """One server-sent event."""

    id: str
    kind: str
    data: str


def read_events(lines: Iterable[bytes]) -> Iterator[Event]:
    """Read events off the lines of an answer; one without data only tells its id."""
    last_id, kind, data = "", "message", ""
    for line in lines:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        name, _, value = text.partition(":")
        value = value.removeprefix(" ")
        if not text:
            yield Event(last_id, kind, data)
            kind, data = "message", ""
        elif name == "id":
            last_id = value
        elif name == "event":
            kind = value
        elif name == "data":
            data = f"{data}\n{value}" if data else value


class TailReader:
    """Reads live tail on a thread of its own; what comes waits until it is taken."""

    def __init__(self, rest: Rest, parameters: Mapping[str, str | int]) -> None:
        """Begin; ``parameters`` are those of ``/api/logs/tail``."""
        self._rest = rest
        self._parameters = dict(parameters)
        self._came: queue.Queue[dict[str, Any] | TaskscopeError] = queue.Queue(_MOST_WAITING)
        self._over = threading.Event()
        self._trouble = ""
        self._began: queue.Queue[int | TaskscopeError] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="log-tail", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more. The thread ends when the server next says something."""
        self._over.set()

    @property
    def trouble(self) -> str:
        """Why nothing comes just now; empty while the server is read."""
        return self._trouble

    def begin(self) -> int:
        """
        Wait until the server is read; return since when, by its clock, in nanoseconds.

        Raises:
            TaskscopeError: The server refuses, or does not answer for long.
        """
        try:
            began = self._began.get(timeout=_SILENCE_SECONDS)
        except queue.Empty:
            raise UnreachableError(self._trouble or f"the server at {self._rest.url} tells nothing") from None
        if isinstance(began, TaskscopeError):
            raise began
        return began

    def take(self, seconds: float) -> list[dict[str, Any]]:
        """
        Return the lines that came within a time, or that wait already.

        Raises:
            TaskscopeError: The server refuses; what a retry may help is tried again instead.
        """
        found: list[dict[str, Any]] = []
        deadline = time.monotonic() + seconds
        while len(found) < _MOST_WAITING:
            try:
                each = self._came.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if isinstance(each, TaskscopeError):
                raise each
            found.append(each)
        return found

    def _run(self) -> None:
        failures = 0
        while not self._over.is_set():
            try:
                for _ in self._events():
                    failures, self._trouble = 0, ""
                    if self._over.is_set():
                        return
            except UnavailableError as error:
                self._trouble = str(error)
            except TaskscopeError as error:
                self._began.put(error)
                self._put(error)
                return
            self._over.wait(_WAITS[min(failures, len(_WAITS) - 1)])
            failures += 1

    def _events(self) -> Iterator[None]:
        """Read one connection to its end; after each event go on with the present one's id in case of a break."""
        path = f"/api/logs/tail?{urlencode(self._parameters)}"
        with self._rest.stream(path, timeout_seconds=_SILENCE_SECONDS) as lines:
            for event in read_events(lines):
                if event.kind == "problem":
                    raise UnavailableError(str(json.loads(event.data).get("detail", "")))
                if event.kind == "log":
                    self._put(json.loads(event.data))
                if event.id:
                    if "cursor" not in self._parameters:
                        self._began.put(int(event.id) * SECOND)
                    self._parameters["cursor"] = event.id
                yield

    def _put(self, each: dict[str, Any] | TaskscopeError) -> None:
        while not self._over.is_set():
            try:
                self._came.put(each, timeout=0.5)
            except queue.Full:
                continue
            return
