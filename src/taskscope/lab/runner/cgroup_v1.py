"""Control groups of version 1: one hierarchy for each controller."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from taskscope.lab.runner.cgroup import (
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

_CONTROLLERS: Final = ("memory", "cpuacct", "cpu", "pids", "blkio")
_TICK_NS: Final = 10_000_000
"""``cpuacct.stat`` counts in hundredths of a second."""


@dataclass(slots=True)
class GroupV1:
    """A container's groups, one folder for each controller that is writable."""

    folders: dict[str, Path]

    @property
    def procs(self) -> Sequence[Path]:
        """Files that a process writes its id to; folders that share a mount are named once."""
        return [folder / "cgroup.procs" for folder in dict.fromkeys(path.resolve() for path in self.folders.values())]

    def pids(self) -> list[int]:
        """Return the processes in the memory group."""
        return read_pids(self.folders["memory"] / "cgroup.procs")

    def oom_kills(self) -> int:
        """Return the kernel's counter ``oom_kill`` (kernel documentation, cgroup-v1/memory)."""
        return read_pairs(self.folders["memory"] / "memory.oom_control").get("oom_kill", 0)

    def read(self) -> Reading | None:
        """Return the present figures."""
        memory = self.folders["memory"]
        if not memory.exists():
            return None
        cpuacct = self.folders.get("cpuacct", memory)
        ticks = read_pairs(cpuacct / "cpuacct.stat")
        pids = self.folders.get("pids")
        return Reading(
            cpu_ns=read_int(cpuacct / "cpuacct.usage"),
            cpu_kernel_ns=ticks.get("system", 0) * _TICK_NS,
            cpu_user_ns=ticks.get("user", 0) * _TICK_NS,
            memory_bytes=read_int(memory / "memory.usage_in_bytes"),
            memory_max_bytes=read_int(memory / "memory.max_usage_in_bytes"),
            memory_limit_bytes=read_int(memory / "memory.limit_in_bytes"),
            memory_details=read_pairs(memory / "memory.stat"),
            processes=read_int(pids / "pids.current") if pids else len(self.pids()),
            read_bytes=self._blkio("Read"),
            written_bytes=self._blkio("Write"),
        )

    def remove(self) -> bool:
        """Remove the folders; return False while one is not empty."""
        for folder in self.folders.values():
            with contextlib.suppress(OSError):
                folder.rmdir()
        return not any(folder.exists() for folder in self.folders.values())

    def _blkio(self, operation: str) -> int:
        if "blkio" not in self.folders:
            return 0
        try:
            text = (self.folders["blkio"] / "blkio.throttle.io_service_bytes").read_text(encoding="ascii")
        except OSError:
            return 0
        return sum(int(line.split()[2]) for line in text.splitlines() if f" {operation} " in line)


@dataclass(slots=True)
class LimitsV1:
    """Limits of a machine with a writable memory hierarchy of version 1."""

    bases: dict[str, Path]
    """The lab's folder in each hierarchy."""
    sentence: str = "memory limits hold (cgroup v1): a container over its limit is killed by the kernel, exit code 137"
    enforces_memory: bool = True
    _tasks: set[str] = field(default_factory=set)

    def create(self, task: str, name: str, request: Request) -> Group:
        """Create the groups of a container; its task's memory limit holds for all containers together."""
        if task not in self._tasks:
            self._tasks.add(task)
            for base in self.bases.values():
                (base / task).mkdir(exist_ok=True)
            _limit(self.bases["memory"] / task, request.task_memory_bytes)
        folders = {controller: base / task / name for controller, base in self.bases.items()}
        for folder in folders.values():
            folder.mkdir(exist_ok=True)
        _limit(folders["memory"], request.memory_bytes)
        if "cpu" in folders and request.cpu_shares:
            with contextlib.suppress(OSError):
                (folders["cpu"] / "cpu.shares").write_text(str(max(2, request.cpu_shares)), encoding="ascii")
        return GroupV1(folders)

    def remove_task(self, task: str) -> None:
        """Remove the group of a task."""
        self._tasks.discard(task)
        for base in self.bases.values():
            with contextlib.suppress(OSError):
                (base / task).rmdir()

    def close(self) -> None:
        """Remove everything, and kill what is still in it."""
        for base in self.bases.values():
            remove_tree(base)


def open_limits(name: str, root: Path = ROOT) -> LimitsV1 | None:
    """Return the limits of this machine, or None without a writable memory hierarchy. ``name`` is the lab's."""
    own = own_paths()
    parents = {controller: _parent(root / controller, own.get(controller, "")) for controller in _CONTROLLERS}
    usable = {controller: parent for controller, parent in parents.items() if parent}
    if "memory" not in usable:
        return None
    remove_leftovers(root / controller for controller in usable)
    bases = {controller: parent / name for controller, parent in usable.items()}
    for controller, base in bases.items():
        base.mkdir(exist_ok=True)
        if controller == "memory":
            with contextlib.suppress(OSError):  # newer kernels have it always
                (base / "memory.use_hierarchy").write_text("1", encoding="ascii")
    return LimitsV1(bases)


def _parent(mount: Path, own: str) -> Path | None:
    """Return the first writable of our own group and the root of the hierarchy."""
    candidates = [mount / own, mount] if own else [mount]
    return next((folder for folder in candidates if folder.is_dir() and is_writable(folder)), None)


def _limit(folder: Path, limit_bytes: int) -> None:
    """Limit memory, and memory with swap to the same, so that a container over its limit is not swapped instead."""
    if limit_bytes:
        (folder / "memory.limit_in_bytes").write_text(str(limit_bytes), encoding="ascii")
        with contextlib.suppress(OSError):  # a kernel without swap accounting
            (folder / "memory.memsw.limit_in_bytes").write_text(str(limit_bytes), encoding="ascii")
