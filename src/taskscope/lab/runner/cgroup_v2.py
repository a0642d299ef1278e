"""
Control groups of version 2: one tree. Written from the kernel's documentation (admin-guide/cgroup-v2);
no machine with it was at hand to run it on.
"""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from taskscope.clock import MICROSECOND
from taskscope.lab.runner.cgroup import (
    NO_LIMIT,
    ROOT,
    Group,
    Reading,
    Request,
    is_writable,
    own_paths,
    read_int,
    read_pairs,
    read_pids,
    remove_leftovers,
    remove_tree,
)

_ENABLED: Final = "+memory +cpu +pids"


@dataclass(slots=True)
class GroupV2:
    """A container's group."""

    folder: Path

    @property
    def procs(self) -> Sequence[Path]:
        """The file that a process writes its id to."""
        return [self.folder / "cgroup.procs"]

    def pids(self) -> list[int]:
        """Return the processes in it."""
        return read_pids(self.folder / "cgroup.procs")

    def oom_kills(self) -> int:
        """Return the counter ``oom_kill`` of ``memory.events``."""
        return read_pairs(self.folder / "memory.events").get("oom_kill", 0)

    def read(self) -> Reading | None:
        """Return the present figures; there is no highest usage before Linux 5.19."""
        if not self.folder.exists():
            return None
        cpu = read_pairs(self.folder / "cpu.stat")
        peak = self.folder / "memory.peak"
        return Reading(
            cpu_ns=cpu.get("usage_usec", 0) * MICROSECOND,
            cpu_kernel_ns=cpu.get("system_usec", 0) * MICROSECOND,
            cpu_user_ns=cpu.get("user_usec", 0) * MICROSECOND,
            memory_bytes=read_int(self.folder / "memory.current"),
            memory_max_bytes=read_int(peak) if peak.exists() else None,
            memory_limit_bytes=read_int(self.folder / "memory.max", default=NO_LIMIT),
            memory_details=read_pairs(self.folder / "memory.stat"),
            processes=read_int(self.folder / "pids.current"),
            read_bytes=self._io("rbytes"),
            written_bytes=self._io("wbytes"),
            operation_names=("read", "write"),
        )

    def remove(self) -> bool:
        """Remove the folder; return False while it is not empty."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()
        return not self.folder.exists()

    def _io(self, member: str) -> int:
        try:
            words = (self.folder / "io.stat").read_text(encoding="ascii").split()
        except OSError:
            return 0
        return sum(int(word.partition("=")[2]) for word in words if word.startswith(f"{member}="))


@dataclass(slots=True)
class LimitsV2:
    """Limits of a machine with a writable tree of version 2 that has the memory controller."""

    base: Path
    sentence: str = (
        "memory limits are set (cgroup v2, a path of the lab that is written from documentation and untested)"
    )
    enforces_memory: bool = True
    _tasks: set[str] = field(default_factory=set)

    def create(self, task: str, name: str, request: Request) -> Group:
        """Create the group of a container below that of its task."""
        parent = self.base / task
        if task not in self._tasks:
            self._tasks.add(task)
            parent.mkdir(exist_ok=True)
            (parent / "cgroup.subtree_control").write_text(_ENABLED, encoding="ascii")
            _limit(parent, request.task_memory_bytes)
        folder = parent / name
        folder.mkdir(exist_ok=True)
        _limit(folder, request.memory_bytes)
        if request.cpu_shares:
            with contextlib.suppress(OSError):
                (folder / "cpu.weight").write_text(str(_weight(request.cpu_shares)), encoding="ascii")
        return GroupV2(folder)

    def remove_task(self, task: str) -> None:
        """Remove the group of a task."""
        self._tasks.discard(task)
        with contextlib.suppress(OSError):
            (self.base / task).rmdir()

    def close(self) -> None:
        """Remove everything, and kill what is still in it."""
        remove_tree(self.base)


def open_limits(name: str, root: Path = ROOT) -> LimitsV2 | None:
    """
    Return the limits of this machine, or None where no tree with the memory controller is writable.

    Only a group without processes may hand controllers down, so after our own group its parents are tried, up to
    the root.
    """
    if not (root / "cgroup.controllers").exists():
        return None
    remove_leftovers([root])
    own = root / own_paths().get("", "")
    for parent in (folder for folder in (own, *own.parents) if folder.is_relative_to(root)):
        if base := _open(parent, name):
            return LimitsV2(base)
    return None


def _open(parent: Path, name: str) -> Path | None:
    if not os.access(parent, os.W_OK) or not is_writable(parent):
        return None
    base = parent / name
    try:
        (parent / "cgroup.subtree_control").write_text(_ENABLED, encoding="ascii")
        base.mkdir(exist_ok=True)
        (base / "cgroup.subtree_control").write_text(_ENABLED, encoding="ascii")
    except OSError:
        with contextlib.suppress(OSError):
            base.rmdir()
        return None
    return base


def _limit(folder: Path, limit_bytes: int) -> None:
    if limit_bytes:
        (folder / "memory.max").write_text(str(limit_bytes), encoding="ascii")
        with contextlib.suppress(OSError):  # a kernel without swap
            (folder / "memory.swap.max").write_text("0", encoding="ascii")


def _weight(shares: int) -> int:
    """Translate CPU shares (2 to 262144) to a weight (1 to 10000), as container runtimes do."""
    bounded = min(262_144, max(2, shares))
    return 1 + ((bounded - 2) * 9_999) // 262_142
