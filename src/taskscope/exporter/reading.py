"""How an attempt to read the task metadata endpoint ended."""

from dataclasses import dataclass
from typing import Final

from taskscope.model.task_metadata import NORMAL, TaskReading

_HAS_STATISTICS: Final = frozenset({"RUNNING", ""})
"""Known statuses of containers that ought to have statistics; a status that is not said excuses nothing."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one scrape is made of; nothing more is asked for it."""

    reading: TaskReading | None
    """None where the task's metadata could not be read."""
    error: str = ""
    """Why not, or why there are no statistics at all; faults of single containers are the reading's own."""
    seconds: float = 0.0
    """How long the reading took."""

    @property
    def is_complete(self) -> bool:
        """Whether all was read: the task, and statistics of each of its containers that runs."""
        return self.reading is not None and not self.error and not self.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """The containers that run and have no statistics, by name."""
        if self.reading is None:
            return ()
        return tuple(
            container.name
            for container in self.reading.task.containers
            if container.type == NORMAL
            and container.known_status in _HAS_STATISTICS
            and self.reading.stats.get(container.id) is None
        )
