"""What the API is made of: everything that it asks is passed in, by the one who assembles the program."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from taskscope.api.admin import StoreAdmin
from taskscope.api.answers import answer
from taskscope.api.guard import Guard
from taskscope.api.imports import Importer
from taskscope.api.log_tail import Tails
from taskscope.api.workers import Workers
from taskscope.api.xray.sampling import Sampling
from taskscope.api.xray.state import XrayState
from taskscope.clock import Clock, system_clock
from taskscope.counters import Counters
from taskscope.store.api import Reader


@dataclass(frozen=True)
class Parts:
    """Of one server, or of a command that opens the store itself."""

    reader: Reader
    admin: StoreAdmin
    readers: Guard
    senders: Guard
    workers: Workers
    """Where questions to the store run."""
    status: Callable[[], Mapping[str, Any]]
    """Tells how the collector is; may take a while."""
    settings: Sequence[Mapping[str, str]]
    """What is in force, secrets masked."""
    sampling: Sampling
    xray: XrayState
    """Groups and tags."""
    keep_documents: Callable[[Sequence[str], str], Awaitable[None]]
    """
    Makes segment documents durable, with their sender's address.

    Raises:
        SpoolFullError: Nothing was kept.
    """
    importer: Importer
    """Takes telemetry of the past."""
    counters: Counters = field(default_factory=Counters)
    clock: Clock = system_clock
    tails: Tails = field(default_factory=Tails)
    """To be closed before the server stops."""
    tail_workers: Workers = field(default_factory=lambda: Workers(2, "tails"))
    """Where tails look at the store: they look twice a second, and with ``workers`` they kept questions out."""

    async def answer(self, question: Callable[[], object]) -> Response:
        """
        Ask on one of the threads, and write the answer there as well: a long trace takes a second to write.

        Raises:
            ThrottledError: Too many questions wait already.
            TaskscopeError: What the question raises.
        """
        return await self.workers.call(lambda: answer(question()))
