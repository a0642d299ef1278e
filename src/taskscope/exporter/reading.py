"""How an attempt to read the task metadata endpoint ended."""

from dataclasses import dataclass

from taskscope.model.task_metadata import TaskReading


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one scrape is made of; nothing more is asked for it."""

    reading: TaskReading | None
    """None where the task's metadata could not be read."""
    error: str = ""
    """Why not; empty with a reading. Faults of single containers are the reading's own."""
    seconds: float = 0.0
    """How long the reading took."""
