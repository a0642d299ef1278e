"""Child processes: started with their plan, started again when they end, stopped by closing their stdin."""

import contextlib
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO, Final

from taskscope.app.processes.plan import Plan
from taskscope.counters import Counters
from taskscope.errors import TaskscopeError

_READY_SECONDS: Final = 60.0
"""A store that was killed takes some seconds to open."""
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
_STEADY_SECONDS: Final = 10.0
"""A process that ran so long did not fail at its start: the next pause is short again."""

_log = logging.getLogger(__name__)


class Child:
    """One process that is to be there until it is told to stop."""

    def __init__(self, plan: Plan, counters: Counters, mark: int) -> None:
        """Take what it is to do, where its restarts are counted, and the handle of ``lock.mark_processes``."""
        self.plan = plan
        self._counters = counters
        self._handles = [mark, *(handle for handles in plan.sockets.values() for handle in handles)]
        self._stopping = threading.Event()
        self._ready = threading.Event()
        self._ended = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._thread = threading.Thread(target=self._keep_up, name=f"child-{plan.name}", daemon=True)
        self.exit_code: int | None = None
        """Of a process that ended before it was ever ready."""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.plan.name

    @property
    def is_up(self) -> bool:
        """Whether it does its work at present."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The process, if there is one now."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start it; ``wait_ready`` tells how that went."""
        self._thread.start()

    def wait_ready(self, stopping: threading.Event) -> bool:
        """
        Wait until it does its work; return False if it is time to stop before.

        Raises:
            TaskscopeError: It has ended before, having said why, or takes too long.
        """
        deadline = time.monotonic() + _READY_SECONDS
        while not self._ready.wait(0.02):
            if stopping.is_set():
                return False
            if self._ended.is_set():
                raise StartError(f"{self.plan.name} could not start", code=self.exit_code or 1)
            if time.monotonic() > deadline:
                raise StartError(f"{self.plan.name} is not ready after {_READY_SECONDS:g} s", code=1)
        return not stopping.is_set()

    def kill(self) -> None:
        """End it at once."""
        self._stopping.set()
        if self._process is not None:
            self._process.kill()

    def ask_to_stop(self) -> None:
        """Have it finish what is under way and end."""
        self._stopping.set()
        process = self._process
        if process is not None and process.stdin is not None:
            _close(process.stdin)

    def wait_stopped(self, deadline: float) -> bool:
        """Wait until a monotonic time, then kill; return whether it ended by itself."""
        if self._thread.ident is None:  # another child has failed before this one's turn to start
            return True
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if not self._thread.is_alive():
            return True
        if self._process is not None:
            self._process.kill()
        self._thread.join()
        return False

    def _keep_up(self) -> None:
        pause = _FIRST_PAUSE
        was_ready = False
        while not self._stopping.is_set():
            began = time.monotonic()
            code = self._run_once()
            was_ready = was_ready or self._ready.is_set()
            self._ready.clear()
            if self._stopping.is_set():
                break
            if not was_ready:
                self.exit_code = code
                break
            pause = _FIRST_PAUSE if time.monotonic() - began > _STEADY_SECONDS else min(2 * pause, _LONGEST_PAUSE)
            self._counters.add(f"restarts.{self.plan.name}")
            _log.error("%s ended with %d; it is started again", self.plan.name, code)
            self._stopping.wait(pause)
        self._ended.set()

    def _run_once(self) -> int:
        """Run one process to its end and return its exit code."""
        command = [sys.executable, "-m", "taskscope.app.processes.worker"]
        try:
            process = subprocess.Popen(  # noqa: S603 (this program itself)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                pass_fds=self._handles,
            )
        except OSError as error:  # no memory or no process is left for now
            _log.error("%s cannot be started: %s", self.plan.name, error)
            return 1
        self._process = process
        assert process.stdin is not None  # noqa: S101 (PIPE)
        assert process.stdout is not None  # noqa: S101 (PIPE)
        try:
            process.stdin.write(self.plan.dump() + "\n")
            process.stdin.flush()
        except (BrokenPipeError, ValueError):  # ValueError: closed by ask_to_stop meanwhile
            _log.error("%s has ended before it read its plan", self.plan.name)
        if self._stopping.is_set():
            _close(process.stdin)
        for line in process.stdout:
            if line == "ready\n":
                self._ready.set()
        code = process.wait()
        _close(process.stdin)
        process.stdout.close()
        return code


class StartError(TaskscopeError):
    """A process could not start; it has said why itself."""

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message, hint="its own message is above")
        self.exit_code = code  # type: ignore[misc]  # the child's decides here


def stop_all(children: Sequence[Child], deadline: float) -> list[str]:
    """Stop children side by side; return the names of those that had to be killed."""
    for child in children:
        child.ask_to_stop()
    return [child.plan.name for child in children if not child.wait_stopped(deadline)]


def _close(stream: IO[str]) -> None:
    with contextlib.suppress(BrokenPipeError):
        stream.close()
