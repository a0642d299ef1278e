"""How much memory this process may have, and how much of it the embedded engine and a question are given."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

_ENGINE_SHARE: Final = 0.6
"""
The rest is for this process's own objects, for the receivers, and for the page cache that the spool lives on.

In a container of 2 GB four greedy questions took 1.6 GB together; without a bound of ours the kernel killed the store.
"""
_QUESTION_SHARE: Final = 0.25
"""Four run side by side: the engine's share bounds them together, and ends the largest first."""


def engine_bytes() -> int:
    """Return what the embedded engine may take for all that it does; over it, inserts wait and come again."""
    return int(_ENGINE_SHARE * machine_bytes())


def question_bytes(asked: int) -> int:
    """Return what one question to the embedded engine may take: what was asked for, as far as the machine has it."""
    return min(asked, int(_QUESTION_SHARE * machine_bytes()))


@cache
def machine_bytes() -> int:
    """Return the memory of this machine, or of the control group (container) that this process is in, if it is less."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([physical, *cgroup_limits(Path("/"))])


def cgroup_limits(root: Path) -> Iterator[int]:
    """
    Yield the limits of the groups that this process is in, up to the root of the hierarchy; none on other systems.

    Of version 2 (``memory.max``, which may say ``max``) and of version 1 (``memory.limit_in_bytes``), as the kernel's
    documentation has them. In a container the path may be the host's, and the mount the container's own.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            yield from _limits(root / "sys/fs/cgroup", path, "memory.max")
        elif "memory" in controllers.split(","):
            yield from _limits(root / "sys/fs/cgroup/memory", path, "memory.limit_in_bytes")


def _limits(mount: Path, path: str, name: str) -> Iterator[int]:
    group = mount / path.strip("/")
    for folder in (group, *group.parents):
        if folder.is_relative_to(mount):
            yield from _limit(folder / name)


def _limit(file: Path) -> Iterator[int]:
    try:
        text = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return
    if text.isdecimal():
        yield int(text)
