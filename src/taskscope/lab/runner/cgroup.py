"""Limits and figures by control groups: what the runner asks of them, and finding out what this machine lets us do."""

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

ROOT: Final = Path("/sys/fs/cgroup")
NO_LIMIT: Final = 9223372036854771712
"""What cgroup v1 and the metadata endpoint give for "no limit"."""
_OURS: Final = re.compile(r"taskscope-(\d+)[a-z]+")
_MAX_DEPTH: Final = 5
"""How deep below a mount the group may be that a lab was started in."""
_REMOVE_ATTEMPTS: Final = 100
_REMOVE_SECONDS: Final = 0.01


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a container at one moment, before it is brought into Docker's shape. Times in nanoseconds."""

    cpu_ns: int
    cpu_kernel_ns: int
    cpu_user_ns: int
    memory_bytes: int
    memory_limit_bytes: int
    memory_max_bytes: int | None = None
    memory_details: dict[str, int] = field(default_factory=dict)
    processes: int = 0
    read_bytes: int = 0
    written_bytes: int = 0
    operation_names: tuple[str, str] = ("Read", "Write")


class Group(Protocol):
    """The control group of one container."""

    @property
    def procs(self) -> Sequence[Path]:
        """Files that a process writes its id to, to enter."""

    def pids(self) -> list[int]:
        """Return the processes in it."""

    def oom_kills(self) -> int:
        """Return how many of its processes the kernel killed for memory."""

    def read(self) -> Reading | None:
        """Return the present figures; None when they cannot be read."""

    def remove(self) -> bool:
        """Remove it; return False while it is not empty."""


class Limits(Protocol):
    """A machine's ability to limit and measure containers."""

    @property
    def sentence(self) -> str:
        """What it can do, for people."""

    @property
    def enforces_memory(self) -> bool:
        """Whether a memory limit holds."""

    def create(self, task: str, name: str, request: "Request") -> Group | None:
        """Create the group of a container, below the group of its task; None where there are no groups."""

    def remove_task(self, task: str) -> None:
        """Remove the group of a task; its containers' groups must have been removed."""

    def close(self) -> None:
        """Remove everything."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a container asks for. Zero or None: no limit."""

    memory_bytes: int = 0
    task_memory_bytes: int = 0
    cpu_shares: int = 0


@dataclass(frozen=True, slots=True)
class NoLimits:
    """A machine without writable control groups."""

    sentence: str = (
        "no memory limits: no memory cgroup is writable here; a container over its limit goes on, "
        "and statistics are sums over its processes"
    )
    enforces_memory: bool = False

    def create(self, task: str, name: str, request: Request) -> None:
        """Create nothing."""

    def remove_task(self, task: str) -> None:
        """Remove nothing."""

    def close(self) -> None:
        """Remove nothing."""


def read_int(path: Path, default: int = 0) -> int:
    """Return the number in a file; ``default`` when it cannot be read or says ``max``."""
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return default


def read_pairs(path: Path) -> dict[str, int]:
    """Return the lines ``name number`` of a file; nothing when it cannot be read."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    return {parts[0]: int(parts[1]) for line in lines if len(parts := line.split()) == 2 and parts[1].isdigit()}  # noqa: PLR2004  # a pair


def read_pids(path: Path) -> list[int]:
    """Return the process ids in a ``cgroup.procs``."""
    try:
        return [int(line) for line in path.read_text(encoding="ascii").split()]
    except OSError:
        return []


def own_paths() -> dict[str, str]:
    """Return the path of this process in each hierarchy, by controller; the key of v2 is empty."""
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    found = {}
    for line in lines:
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            found[controller] = path.lstrip("/")
    return found


def is_writable(folder: Path) -> bool:
    """Try to create a group below a folder."""
    probe = folder / f"taskscope-{os.getpid()}z"
    try:
        probe.mkdir()
    except OSError:
        return False
    usable = (probe / "cgroup.procs").exists()
    probe.rmdir()
    return usable


def remove_leftovers(mounts: Iterable[Path]) -> None:
    """Kill and remove the groups of labs that were killed, wherever in these hierarchies they are."""
    for mount in mounts:
        for depth in range(_MAX_DEPTH):
            for base in mount.glob("*/" * depth + "taskscope-*"):
                match = _OURS.fullmatch(base.name)
                if match and not Path(f"/proc/{match[1]}").exists():
                    remove_tree(base)


def remove_tree(base: Path) -> None:
    """
    Kill what is in a group and below, and remove it.

    A killed process stays in its group for a moment, so this blocks until all are gone, a second at most.
    """
    for _ in range(_REMOVE_ATTEMPTS):
        folders = sorted((path for path in base.rglob("*") if path.is_dir()), key=lambda path: -len(path.parts))
        for folder in [*folders, base]:
            for pid in read_pids(folder / "cgroup.procs"):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                folder.rmdir()
        if not base.exists():
            return
        time.sleep(_REMOVE_SECONDS)
