"""How often CloudWatch Logs is asked while following."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Pace:
    """How often AWS is asked, and how far back; in seconds."""

    interval: float = 2.0
    """Between two looks at what is polled. FilterLogEvents allows 5 to 10 calls a second in an account and region."""
    places_a_second: float = 4.0
    """More places than this in an interval make it longer."""
    live_interval: float = 60.0
    """Between two looks at what live tail tells of: for what it may have left out."""
    overlap: float = 60.0
    """Each look reads this much again: a line may come that is older than the newest one."""
    late: float = 600.0
    """How far back a deep look goes: Lambda's guide names ten minutes for lines that come late."""
    deep_interval: float = 30.0
    """Between two deep looks."""
    deep_share: float = 0.2
    """Of the time that deep looks may take: in busy groups they come less often."""
    find_interval: float = 30.0
    """Between two searches for places that have come to be."""
    tick: float = 1.0
    """Between two batches, at most."""


DEFAULT_PACE: Final = Pace()
