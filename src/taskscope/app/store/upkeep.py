"""What a store needs from time to time: computed minutes, retention as the settings say, a size that it keeps under."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from taskscope.clock import system_clock
from taskscope.counters import Counters
from taskscope.errors import TaskscopeError
from taskscope.model.batch import Signal
from taskscope.store.engine import Store
from taskscope.store.retention import apply_retention, enforce_size
from taskscope.store.rollups import Rollups

_HOUR: Final = 3_600.0
_MINUTE: Final = 60.0
_SECOND: Final = 1.0
_BUSY_BYTES: Final = 32 << 20
"""What waits for the store, from which on minutes are not computed: one batch under load. Storing goes before."""
_END_SECONDS: Final = 3.0
"""How long a stop waits for a statement that is under way; the engine finishes it, or begins it anew."""

_log = logging.getLogger(__name__)


@dataclass
class _Job:
    what: str
    do: Callable[[Store], None]
    every_seconds: float
    due: float = 0.0
    """Monotonic time."""
    failing: bool = False


class Upkeep:
    """A thread beside the consumers: what fails is said once, and tried again each minute."""

    def __init__(
        self,
        store: Callable[[], Store],
        retention: Mapping[Signal, int],
        *,
        counters: Counters,
        backlog_bytes: Callable[[], int],
        max_bytes: int = 0,
        others: Mapping[str, Callable[[Store], None]] = MappingProxyType({}),
        minute_seconds: float = _MINUTE,
    ) -> None:
        """
        ``store`` returns the open store, ``backlog_bytes`` what waits for it; retention is in seconds; 0 bytes are no
        limit; ``others`` are done each 5 seconds, by what they are for. A test has short minutes.
        """
        self._store = store
        self._counters = counters
        self._backlog_bytes = backlog_bytes
        self._rollups: tuple[Store, Rollups] | None = None
        self._retention = retention
        self._max_bytes = max_bytes
        self._minute = minute_seconds
        self._jobs = [
            _Job("retention", self._apply_retention, _HOUR),
            _Job("the service map", self._roll_up, _SECOND),
        ]
        if max_bytes:
            self._jobs.append(_Job("the size cap", self._enforce_size, minute_seconds))
        self._jobs += [_Job(what, do, minute_seconds / 12) for what, do in others.items()]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    async def start(self) -> None:
        """Begin; the first round is at once."""
        self._thread.start()

    async def stop(self) -> None:
        """End after what is under way, if that is soon; safe to call twice, and without ``start``."""
        self._stopping.set()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, _END_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            for job in self._jobs:
                if job.due <= time.monotonic() and not self._stopping.is_set():
                    self._try(job)
            next_due = min(job.due for job in self._jobs)
            self._stopping.wait(max(0.0, next_due - time.monotonic()))

    def _try(self, job: _Job) -> None:
        began = time.monotonic()
        try:
            job.do(self._store())
        except TaskscopeError as error:
            if not job.failing:
                _log.warning("%s cannot be kept for now: %s", job.what, error)
            job.failing = True
        except Exception:  # noqa: BLE001 (whatever it is: the store goes on, and the next try may go well)
            _log.exception("%s cannot be kept", job.what)
            job.failing = True
        else:
            job.failing = False
        now = time.monotonic()
        job.due = now + (self._minute if job.failing else max(job.every_seconds, now - began))

    def _roll_up(self, store: Store) -> None:
        """Compute minutes for a second or so, and rest as long: half of a core at most."""
        if self._is_busy():
            return
        if self._rollups is None or self._rollups[0] is not store:
            self._rollups = (store, Rollups(store))
        if computed := self._rollups[1].refresh(system_clock(), busy=self._is_busy):
            self._counters.add("computed.minutes", computed)

    def _is_busy(self) -> bool:
        return self._stopping.is_set() or self._backlog_bytes() > _BUSY_BYTES

    def _apply_retention(self, store: Store) -> None:
        if changed := apply_retention(store, self._retention):
            _log.info("retention is set anew in %d tables", len(changed))

    def _enforce_size(self, store: Store) -> None:
        for gone in enforce_size(store, self._max_bytes):
            _log.warning(
                "the store is larger than --max-disk: %s of %s, %d bytes, is deleted",
                gone.partition,
                gone.table,
                gone.bytes_on_disk,
            )
