"""A collector from its start to its receipt: ports, processes, signals, the way down."""

import contextlib
import logging
import os
import shlex
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from taskscope.app.processes import announce, receipt, worker
from taskscope.app.processes.context import RECEIVERS_SHARE, Context
from taskscope.app.processes.folders import Folders
from taskscope.app.processes.health import Health, HealthServer
from taskscope.app.processes.listeners import Listeners
from taskscope.app.processes.lock import lock_folder, mark_processes, write_owner
from taskscope.app.processes.plan import Plan
from taskscope.app.processes.supervisor import Child, stop_all
from taskscope.app.settings.config import CollectorConfig
from taskscope.counters import Counters
from taskscope.errors import INTERRUPTED
from taskscope.spool.spool import Spool

_log = logging.getLogger(__name__)


@dataclass
class Collector:
    """The processes of one collector, and the sockets that they share."""

    title: str
    config: CollectorConfig
    listeners: Listeners
    receivers: Sequence[Plan]
    """Processes that only receive: they end first."""
    owner: Plan
    """The process that has the consumers."""
    owner_is_child: bool
    """False: the owner's roles run in this very process, as a sidecar's do."""
    _stopping: threading.Event = field(default_factory=threading.Event)
    _children: list[Child] = field(default_factory=list)

    def run(self) -> None:
        """
        Run until SIGTERM or Ctrl-C, deliver what is there, and print the receipt.

        Raises:
            TaskscopeError: It could not start; a process that failed has said why itself.
        """
        folders = Folders(self.config.folder)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        with ExitStack() as stack:
            stack.callback(self.listeners.close)
            stack.enter_context(lock_folder(folders))
            shutil.rmtree(folders.counters, ignore_errors=True)
            folders.status.unlink(missing_ok=True)
            Spool(folders.spool, max_bytes=self.config.max_spool_bytes).settle()
            counters = stack.enter_context(Counters(folders.counters / "supervisor"))
            mark = stack.enter_context(mark_processes(folders))
            receivers = [Child(plan, counters, mark) for plan in self.receivers]
            owners = [Child(self.owner, counters, mark)] if self.owner_is_child else []
            everyone = self._children = [*owners, *receivers]
            health = Health(folders, everyone, self.config.max_spool_bytes)
            server = HealthServer(self.listeners.sockets["health"][0], health, folders)
            stack.callback(server.stop)
            stack.callback(self._stop_children, receivers, owners)
            for child in everyone:
                child.start()
            if all(child.wait_ready(self._stopping) for child in everyone):
                server.start()
                self._serve(receivers, folders)
        self._print_receipt(folders)

    def _on_signal(self, number: int, _frame: object) -> None:
        """Stop in order; a second Ctrl-C ends at once: what was acknowledged is in the spool."""
        if number == signal.SIGINT and self._stopping.is_set():
            for child in self._children:
                child.kill()
            os._exit(INTERRUPTED)
        self._stopping.set()

    def _serve(self, receivers: Sequence[Child], folders: Folders) -> None:
        """Stay until it is time to stop; on the way down the receivers end before the owner's roles do."""
        if self.owner_is_child:
            self._ready(folders)
            self._wait()
            return

        def wait() -> None:
            self._wait()
            self._stop_receivers(receivers)

        with Counters(folders.counters / self.owner.name) as counters:
            worker.run(Context.of(self.owner, counters), lambda: self._ready(folders), wait)

    def _ready(self, folders: Folders) -> None:
        tls = bool(self.config.tls_cert)
        write_owner(folders, self._url("api", tls=tls), health=self._url("health"), certificate=self.config.tls_cert)
        lines = [f"{self.title}, data in {folders.root}", *announce.listening(self.listeners), ""]
        _say("\n".join(lines))  # at once: what the other processes say meanwhile comes before or after
        with contextlib.suppress(BrokenPipeError):  # who reads the first lines only does not end a collector
            for name, value in announce.environment(self.listeners, tls=tls).items():
                print(f"export {name}={shlex.quote(value)}")  # noqa: T201 (nothing else is there: it can be sourced)
            sys.stdout.flush()

    def _url(self, purpose: str, *, tls: bool = False) -> str:
        """Return where this machine reaches a port of ours; empty if there is none."""
        if purpose not in self.listeners.sockets:
            return ""
        return announce.url_of(self.listeners.address(purpose), tls=tls)

    def _wait(self) -> None:
        while not self._stopping.wait(0.5):  # in steps: a wait without an end is not woken by a signal everywhere
            pass
        _say(f"stopping: what was received is delivered for at most {self.config.stop_seconds:g} s")

    def _stop_receivers(self, receivers: Sequence[Child]) -> None:
        self._warn(stop_all(receivers, time.monotonic() + RECEIVERS_SHARE * self.config.stop_seconds))

    def _stop_children(self, receivers: Sequence[Child], owners: Sequence[Child]) -> None:
        deadline = time.monotonic() + self.config.stop_seconds
        self._stop_receivers(receivers)
        self._warn(stop_all(owners, deadline))

    @staticmethod
    def _warn(killed: Sequence[str]) -> None:
        for name in killed:
            _log.warning("%s did not end in time and was killed; what it acknowledged is in the spool", name)

    def _print_receipt(self, folders: Folders) -> None:
        _say("receipt")
        for line in receipt.lines(receipt.total(folders.counters), _left(folders, self.config)):
            _say(line)


def _left(folders: Folders, config: CollectorConfig) -> int:
    """Return what the consumers had not delivered when they ended; the spool knows it of those that were killed too."""
    consumers = receipt.status(folders.status).get("consumers", {})
    try:
        spool = Spool(folders.spool, max_bytes=config.max_spool_bytes)
        return max((spool.backlog_bytes(name) for name in consumers), default=0)
    except OSError:
        return max((each["backlog_bytes"] for each in consumers.values()), default=0)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")  # one write: print() makes two of it where PYTHONUNBUFFERED is set
    sys.stderr.flush()
