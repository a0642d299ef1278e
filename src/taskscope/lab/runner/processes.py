"""Ending all processes of a container, those that left its process group included."""

import asyncio
import contextlib
import os
import signal
from typing import Final

import psutil

from taskscope.lab.runner.cgroup import Group

_TOKEN_VARIABLE: Final = "ECS_CONTAINER_METADATA_URI_V4"  # noqa: S105  # the name of a variable, not a secret
_REMOVE_ATTEMPTS: Final = 200
_REMOVE_SECONDS: Final = 0.01


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to the process group that ``pid`` leads; one that has ended is ignored."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def kill_all(pid: int, *, group: Group | None, token: str) -> None:
    """
    Kill a container's processes at once: its process group, and what has left that (double-forked daemons).

    Those are in the control group; without one they are recognised by the address of their metadata, which is in
    their environment.
    """
    signal_group(pid, signal.SIGKILL)
    escaped = group.pids() if group else _with_token(token)
    for other in escaped:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(other, signal.SIGKILL)


async def remove_group(group: Group) -> bool:
    """Kill what may still be in a control group and remove it; return False if it does not become empty."""
    for _ in range(_REMOVE_ATTEMPTS):
        for pid in group.pids():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if group.remove():
            return True
        await asyncio.sleep(_REMOVE_SECONDS)
    return False


def _with_token(token: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if token in process.environ().get(_TOKEN_VARIABLE, ""):
                found.append(process.pid)
    return found
