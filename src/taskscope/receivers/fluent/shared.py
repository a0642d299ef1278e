"""What the connections of a Fluent receiver have in common."""

from dataclasses import dataclass

from taskscope.clock import Clock
from taskscope.config.access import Allow
from taskscope.counters import Counters
from taskscope.receivers.fluent.config import FluentConfig
from taskscope.spool.api import Appender


@dataclass
class Shared:
    """Settings and services, and how much all connections hold."""

    config: FluentConfig
    spool: Appender
    counters: Counters
    allow: Allow
    clock: Clock
    connections: int = 0
    held_bytes: int = 0
    """In memory and not yet in the spool."""
