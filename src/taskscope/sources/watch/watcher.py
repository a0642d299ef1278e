"""Watching, assembled."""

import threading
from collections.abc import Iterable, Sequence

from taskscope.aws.session import Account
from taskscope.aws.watched import Document, Watched
from taskscope.clock import Clock, system_clock
from taskscope.counters import Counters
from taskscope.sources.watch.budget import Budget
from taskscope.sources.watch.config import WatchConfig
from taskscope.sources.watch.log_tails import LogTails
from taskscope.sources.watch.outlet import Outlet
from taskscope.sources.watch.region import RegionWatch
from taskscope.sources.watch.schedule import Schedule
from taskscope.sources.watch.tools import Heard, Tools
from taskscope.sources.watch.troubles import Troubles


class Watcher:
    """Watches what the settings name, on the thread that calls ``run``, until it is stopped."""

    def __init__(
        self,
        config: WatchConfig,
        outlet: Outlet,
        *,
        counters: Counters,
        heard: Heard,
        account: Account | None = None,
        clock: Clock = system_clock,
    ) -> None:
        """Prepare; nothing is asked yet. ``account`` should not repeat requests by itself."""
        self._account = account or Account(attempts=1)
        self._stopped = threading.Event()
        self._budget = Budget(config.watch_requests_per_minute, counters=counters, stopped=self._stopped)
        troubles = Troubles()
        self._schedule = Schedule(self._budget, troubles, stopped=self._stopped)
        tools = Tools(config, outlet, self._schedule, troubles, heard, clock)
        told = LogTails(self._region, tools) if config.watch_logs else _Deaf()
        for region, wanted in by_region(config.watch).items():
            RegionWatch(self._region(region), region, wanted, tools, told)

    def run(self) -> None:
        """Watch until ``stop``; what is under way then is given up at its next request."""
        self._schedule.run()

    def _region(self, region: str) -> Watched:
        """Return what is asked of a region; empty is the account's."""
        return Watched(self._account, self._budget.spend, region=region or None)

    def stop(self) -> None:
        """Let ``run`` return; may be called from any thread, and twice."""
        self._stopped.set()


class _Deaf:
    """Wants to know of no task."""

    def described(self, tasks: Sequence[Document]) -> None:
        """Take no notice."""

    def gone(self, arns: Iterable[str]) -> None:
        """Take no notice."""


def by_region(clusters: Sequence[str]) -> dict[str, list[str]]:
    """Group clusters by the region that their ARN names; empty for that of the account."""
    found: dict[str, list[str]] = {}
    for each in clusters:
        found.setdefault(each.split(":")[3] if each.startswith("arn:") else "", []).append(each)
    return found
