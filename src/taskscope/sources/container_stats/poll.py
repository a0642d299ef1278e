"""Readings of the task metadata endpoint, one after the other, as they came."""

import json
import logging
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from taskscope.counters import Counters
from taskscope.errors import MalformedPayloadError, TaskscopeError
from taskscope.sources.container_stats.last_read import LastRead

_LOG: Final = logging.getLogger(__name__)

Deliver: TypeAlias = Callable[[bytes], None]
"""Makes a reading durable; raises a ``TaskscopeError`` where it cannot."""


class Endpoint(Protocol):
    """The task metadata endpoint."""

    def task_answer(self) -> bytes:
        """Return what it says of the task; raises UnreachableError."""
        ...

    def stats_answer(self) -> bytes:
        """Return the statistics of all containers; raises UnreachableError."""
        ...


class ContainerStats:
    """
    Reads until it is stopped. A reading is ``{"task": …, "stats": …}`` with the endpoint's own bytes in it, and in
    ``seen`` the ids of containers whose statistics are those of the reading before, if there are any.

    What says nothing new is left out: Fargate gives the same statistics for 10 s, and before the containers run there
    are none. Trouble is said once, and once that it is over; the next reading comes at its time.

    Args:
        endpoint: Of the own task.
        deliver: Takes a reading.
        counters: ``received.container_stats``, and ``failed.container_stats`` for readings that were not to be had.
        seconds: From the beginning of one reading to that of the next.
        last: What was read before, by an earlier process too.
    """

    def __init__(
        self, endpoint: Endpoint, deliver: Deliver, counters: Counters, *, seconds: float, last: LastRead
    ) -> None:
        self._endpoint = endpoint
        self._deliver = deliver
        self._counters = counters
        self._seconds = seconds
        self._stopped = threading.Event()
        self._last = last
        self._times = last.load()
        self._failing = False

    def run(self) -> None:
        """Read until ``stop``; one that is under way is finished."""
        due = time.monotonic()
        while not self._stopped.is_set():
            self.read_once()
            due = max(due + self._seconds, time.monotonic())  # after a pause of the machine, none is made up for
            self._stopped.wait(due - time.monotonic())

    def stop(self) -> None:
        """Let ``run`` return; may be called from any thread, and twice."""
        self._stopped.set()

    def read_once(self) -> None:
        """Take one reading."""
        try:
            self._read()
        except TaskscopeError as error:
            self._failed(error)
        except Exception as error:  # noqa: BLE001 (an answer that we have a fault with must not end the next readings)
            self._failed(error, fault=True)
        else:
            if self._failing:
                _LOG.warning("containers are measured again")
            self._failing = False

    def _failed(self, error: Exception, *, fault: bool = False) -> None:
        self._counters.add("failed.container_stats")
        if not self._failing:
            _LOG.warning("containers are not measured for now: %s", error, exc_info=error if fault else None)
        self._failing = True

    def _read(self) -> None:
        stats = self._endpoint.stats_answer()
        times = _times(stats)
        if not times or times == self._times:
            return
        task = _object(self._endpoint.task_answer(), "the task")
        if self._stopped.is_set():  # nobody waits for an endpoint that took so long
            return
        self._last.save(times)
        seen = sorted(name for name, time in times.items() if self._times.get(name) == time)
        told = b',"seen":%b' % json.dumps(seen).encode() if seen else b""
        self._deliver(b'{"task":%b,"stats":%b%b}' % (task, stats, told))
        self._times = times
        self._counters.add("received.container_stats")


def _times(stats: bytes) -> dict[str, str]:
    """Return when each container was read; those without statistics are left out."""
    containers = _decoded(stats, "the containers' statistics")
    return {name: each["read"] for name, each in containers.items() if isinstance(each, dict) and each.get("read")}


def _object(answer: bytes, what: str) -> bytes:
    """Return an answer that may stand in a document: half of one would spoil all of it."""
    _decoded(answer, what)
    return answer


def _decoded(answer: bytes, what: str) -> dict[str, object]:
    try:
        document = json.loads(answer.decode())  # of bytes, JSON in other encodings would be read as well
    except (ValueError, RecursionError) as error:
        raise MalformedPayloadError(f"what the task metadata endpoint says of {what} is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise MalformedPayloadError(f"what the task metadata endpoint says of {what} is no JSON object")
    return document
