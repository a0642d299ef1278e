"""What all looks of one watcher share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from taskscope.clock import Clock
from taskscope.sources.watch.config import WatchConfig
from taskscope.sources.watch.outlet import Outlet
from taskscope.sources.watch.schedule import Look, Schedule
from taskscope.sources.watch.troubles import Troubles

SERVICES_EVERY: Final = 2
RARELY: Final = 6
"""In intervals: what changes rarely, and what EventBridge tells at once."""


class Heard(Protocol):
    """What is heard of without being asked for."""

    def tells(self, cluster_arn: str) -> bool:
        """Whether EventBridge's events of a cluster arrive."""
        ...

    def measures(self, task_arn: str) -> bool:
        """Whether a collector beside the task measures it."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """Made once for a watcher."""

    config: WatchConfig
    outlet: Outlet
    schedule: Schedule
    troubles: Troubles
    heard: Heard
    clock: Clock

    def look(self, what: str, do: Callable[[], None], intervals: Callable[[], float]) -> Look:
        """Begin to look at something each so many intervals."""
        look = Look(what, do, lambda: intervals() * self.config.watch_interval_seconds)
        self.schedule.add(look)
        return look
