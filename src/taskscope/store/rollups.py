"""
Nodes and edges of whole minutes, computed within the store: what keeps maps flat however many spans there are.

A minute is computed anew when more spans of it are there than before, or when a span elsewhere changes its edges. What
comes of it lies beside what was there, under a newer version; the version counts when its row in ``rolled_minutes`` is
written, which is last. So readers see a minute whole or not at all, whenever the process ends, and two processes that
compute the same minute do no harm: docs/adr/0010.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from taskscope.clock import SECOND
from taskscope.errors import TaskscopeError, UnavailableError
from taskscope.store.engine import Store
from taskscope.store.minutes import EARLY_SPANS, MINUTE_SECONDS, Stretch, minutes_sql

OPEN_SECONDS: Final = 20
"""How long after its end a minute is left to those who answer live: exporters send every five seconds or so."""
_REST_SECONDS: Final = 10
"""How long a computed minute is left alone, however many spans come late; answers count these live."""
_EARLY_RESTS: Final = 2
"""How many times as long one rests that is not over and has many spans."""
_LATE_SECONDS: Final = 10
"""How long an insert may take to become visible, without being missed by the minutes around its own."""
_LOOK_BACK_SECONDS: Final = 600
"""The same, without being missed by its own minute."""
_SPANS_AT_ONCE: Final = 1_000_000
"""More of a minute are joined in slices, of whole traces."""
_SETTINGS: Final = {
    "max_threads": 1,
    "max_insert_threads": 1,
    "max_memory_usage": 2_000_000_000,
    "insert_deduplicate": 0,
    "async_insert": 0,
    "distributed_foreground_insert": 1,
}
"""One thread: who stores or asks has the other cores."""


class _Minute(NamedTuple):
    """A minute as it is known."""

    start: int
    """Seconds since the epoch."""
    calls: int
    unnamed: int
    """Of these spans of no named service."""
    version: int
    """Of what was computed; 0 for nothing, as are the next two."""
    slot: int
    computed_at: int


def _never() -> bool:
    return False


class Rollups:
    """Computes the minutes of one store. For one thread; another process may do the same at the same time."""

    def __init__(self, store: Store, *, rest_seconds: int = _REST_SECONDS) -> None:
        """Take a store that can be written to, its schema made. A test has no rest."""
        self._store = store
        self._rest = rest_seconds
        self._slot = secrets.randbits(62) * 2
        self._since = 0
        """From when on arrivals are looked at; what came before is computed."""

    def refresh(self, now_ns: int, *, budget_seconds: float = 1.0, busy: Callable[[], bool] = _never) -> int:
        """
        Compute the minutes that need it and are over, or have many spans, the newest first; return how many were.

        Ends after the minute in which the time is up, or before one when ``busy``. New services get their colours.

        Raises:
            TaskscopeError: The store does not answer; or a minute takes too much memory, and the others are done.
        """
        deadline = time.monotonic() + budget_seconds
        now = self._look()
        due = self._due(now_ns // SECOND, now)
        count = 0
        failure: TaskscopeError | None = None
        for minute in due:
            if busy() or (count and time.monotonic() >= deadline):
                return count
            try:
                count += self._renew(minute, now_ns, now)
            except UnavailableError:
                raise
            except TaskscopeError as error:
                failure = error
        if failure:
            raise failure
        self._since = now - _LOOK_BACK_SECONDS
        return count

    def _look(self) -> int:
        """Return the store's own time; give new services their colours."""
        [[now, new]] = self._store.query(
            "SELECT toUnixTimestamp(now()), count() FROM spans_by_minute "
            "WHERE IngestedAt >= toDateTime({since:UInt32}, 'UTC') "
            "AND ServiceName::String GLOBAL NOT IN (SELECT ServiceName FROM service_colours)",
            {"since": max(0, self._since)},
        ).rows
        if new:
            self._run("colours_into", Stretch(()), {"since": self._since})
        return int(now)

    def _due(self, here: int, now: int) -> list[_Minute]:
        closed = (here - OPEN_SECONDS) // MINUTE_SECONDS * MINUTE_SECONDS
        arrived = f"SELECT Minute FROM `{self._store.database}`.spans_by_minute WHERE IngestedAt >= {_at(self._since)}"  # noqa: S608 (our own names)
        over = f"counted.Minute < {_at(closed)} AND rolled.ComputedAt <= {_at(now - self._rest)}"
        early = f"calls > {EARLY_SPANS} AND rolled.ComputedAt <= {_at(now - _EARLY_RESTS * self._rest)}"
        return self._states(f"Minute GLOBAL IN ({arrived})", f"calls > rolled.Calls AND ({over} OR {early})")

    def _renew(self, minute: _Minute, now_ns: int, now: int) -> int:
        """
        Compute a minute and those that its new spans change; return how many.

        It is noted as computed after them: who ends in between does it all again. One that has new spans of its own is
        left for its own turn.
        """
        others = self._touched(minute)
        which = f"Minute IN ({', '.join(map(_at, others))})"
        found = self._states(which, "rolled.Version > 0 AND calls <= rolled.Calls") if others else []
        changed = [each for each in found if others[each.start] >= each.computed_at - _LATE_SECONDS]
        for each in (*changed, minute):
            self._compute(each, now_ns, now)
        return len(changed) + 1

    def _touched(self, minute: _Minute) -> dict[int, int]:
        """Return the minutes that spans of this one change, with the time at which the last of these came in."""
        chosen = f"IngestedAt >= {_at(minute.computed_at - _LATE_SECONDS)}"
        touched: dict[int, int] = {}
        for stretch in _slices(minute):
            sql = minutes_sql("touched", stretch, database=self._store.database, chosen=chosen)
            for start, arrived in self._store.query(sql).rows:
                touched[start] = max(arrived, touched.get(start, 0))
        return touched

    def _compute(self, minute: _Minute, now_ns: int, now: int) -> None:
        version = max(now_ns, minute.version + 1)
        slot = self._slot + (minute.slot == self._slot)
        for stretch in _slices(minute):
            self._run("nodes_into", stretch, {"slot": slot, "version": version})
            self._run("edges_into", stretch, {"slot": slot, "version": version})
        self._store.execute(
            f"INSERT INTO `{self._store.database}`.rolled_minutes (Minute, Version, Slot, Calls, ComputedAt) "  # noqa: S608 (our own names)
            f"VALUES ({minute.start}, {version}, {slot}, {minute.calls}, {now})",
            **_SETTINGS,
        )

    def _run(self, name: str, stretch: Stretch, values: Mapping[str, int]) -> None:
        self._store.execute(minutes_sql(name, stretch, values, database=self._store.database), **_SETTINGS)

    def _states(self, which: str, needed: str) -> list[_Minute]:
        sql = minutes_sql("states", Stretch(()), {"which": which, "needed": needed}, database=self._store.database)
        return [_Minute(*map(int, row)) for row in self._store.query(sql).rows]


def _slices(minute: _Minute) -> list[Stretch]:
    slices = -(-minute.calls // _SPANS_AT_ONCE) or 1
    times = [(minute.start, minute.start + MINUTE_SECONDS)]
    return [Stretch(times, each, slices, has_unnamed=minute.unnamed > 0) for each in range(slices)]


def _at(seconds: int) -> str:
    return f"toDateTime({max(0, seconds)}, 'UTC')"
