"""What the roles of one process share: its plan, its counters, its lanes of the spool."""

import os
import socket
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeVar

from taskscope.app.processes.folders import Folders
from taskscope.app.processes.plan import Plan
from taskscope.app.settings.config import ServerConfig
from taskscope.config.access import Allow, Token
from taskscope.counters import Counters
from taskscope.receivers.events.config import EventsConfig
from taskscope.receivers.fluent.config import FluentConfig
from taskscope.receivers.otlp.config import OtlpConfig
from taskscope.receivers.xray.config import XrayConfig
from taskscope.spool.spool import Spool

if TYPE_CHECKING:
    from taskscope.spool.group_commit import GroupCommit

_C = TypeVar("_C", EventsConfig, FluentConfig, OtlpConfig, XrayConfig)

RECEIVERS_SHARE: Final = 0.2
"""Of the time that a stop has: what receivers may take to finish what is under way."""
_GRACE_SHARE: Final = 0.8
"""Of that: what a receiver may wait for its senders; then it syncs and ends."""


@dataclass
class Context:
    """Made once for each process."""

    plan: Plan
    counters: Counters
    server: ServerConfig
    folders: Folders
    spool: Spool
    _commits: "list[GroupCommit]" = field(default_factory=list)

    @classmethod
    def of(cls, plan: Plan, counters: Counters) -> "Context":
        """Open what every role needs."""
        server = plan.component(ServerConfig, "server")
        folders = Folders(plan.path)
        return cls(plan, counters, server, folders, Spool(folders.spool, max_bytes=server.max_spool_bytes))

    @property
    def allow(self) -> Allow:
        """Who may send without a token."""
        return Allow.parse(self.server.allow)

    @property
    def write_token(self) -> Token:
        """What senders show."""
        return Token(self.plan.write_token)

    def receiver(self, kind: type[_C], section: str) -> _C:
        """Return a receiver's settings; its grace period fits into what a stop gives to receivers."""
        settings = self.plan.component(kind, section)
        most = self.server.stop_seconds * RECEIVERS_SHARE * _GRACE_SHARE
        return replace(settings, grace_seconds=min(settings.grace_seconds, most))

    def sockets(self, purpose: str) -> list[socket.socket]:
        """Return sockets of this process's own; those that were bound stay open where they were, across restarts."""
        return [socket.socket(fileno=os.dup(handle)) for handle in self.plan.sockets.get(purpose, ())]

    def appender(self, receiver: str) -> "GroupCommit":
        """Return a lane of this process for a receiver that acknowledges."""
        from taskscope.spool.group_commit import GroupCommit  # noqa: PLC0415 (asyncio: 5 MB that UDP does not need)

        writer = self.spool.writer(f"{receiver}-{self.plan.index}")
        commit = GroupCommit(writer, always_sync=self.server.fsync == "always")
        self._commits.append(commit)
        return commit

    async def close(self) -> None:
        """Finish what was appended."""
        for each in self._commits:
            await each.close()
