"""What the connections of a Fluent receiver have in common."""

import logging
from dataclasses import dataclass
from typing import Final

from taskscope.clock import SECOND, Clock
from taskscope.config.access import Allow
from taskscope.counters import Counters
from taskscope.receivers.fluent.config import FluentConfig
from taskscope.spool.api import Appender

_LOG: Final = logging.getLogger(__name__)
_TELL_AGAIN: Final = 60 * SECOND


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
    told_ns: int | None = None
    """When something was last said of a bad connection."""

    def tell(self, what: str) -> None:
        """Say what is wrong with a connection, once a minute: who scans ports would fill the log; all are counted."""
        now = self.clock()
        if self.told_ns is None or abs(now - self.told_ns) >= _TELL_AGAIN:
            self.told_ns = now
            _LOG.warning("%s", what)
