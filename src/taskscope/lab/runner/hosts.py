"""Names of tasks, as a hosts file for each network namespace. The texts are pure; ``HostsFiles`` writes them."""

import contextlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path("/etc/netns")
"""``ip netns exec`` mounts the files of ``/etc/netns/<namespace>/`` over those of ``/etc``."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The names of one running task."""

    address: str
    task_id: str
    cluster: str = ""
    service: str | None = None

    @property
    def names(self) -> list[str]:
        """The task's id, its service's name, and that name with the cluster."""
        return [self.task_id, *([self.service, f"{self.service}.{self.cluster}"] if self.service else [])]


def name_lines(entries: Iterable[Entry], *, lab: str) -> str:
    """Return what every hosts file has: loopback by IPv6, the lab, every running task."""
    lines = ["::1\tlocalhost", f"{lab}\tlab", *(f"{entry.address}\t{' '.join(entry.names)}" for entry in entries)]
    return "\n".join(lines) + "\n"


def render_hosts(names: str, *, own: str) -> str:
    """Return a hosts file of these ``name_lines``. ``own`` is a name of the task that reads it."""
    return f"127.0.0.1\tlocalhost {own}\n{names}"


class HostsFiles:
    """Keeps one hosts file for each namespace of a lab up to date, for all of them at once."""

    def __init__(self, *, lab: str, folder: Path = FOLDER) -> None:
        self._lab = lab
        self._folder = folder
        self._entries: dict[str, Entry] = {}

    def add(self, namespace: str, entry: Entry) -> None:
        """Name a task that has got its network."""
        self._entries[namespace] = entry
        self._write()

    def remove(self, namespace: str) -> None:
        """Forget a task, and its namespace's folder."""
        if self._entries.pop(namespace, None):
            shutil.rmtree(self._folder / namespace, ignore_errors=True)
            self._write()

    def _write(self) -> None:
        names = name_lines(self._entries.values(), lab=self._lab)  # once: the files of 500 tasks have 500 lines each
        for namespace, own in self._entries.items():
            path = self._folder / namespace / "hosts"
            path.parent.mkdir(parents=True, exist_ok=True)
            _overwrite(path, render_hosts(names, own=own.task_id).encode())


def _overwrite(path: Path, text: bytes) -> None:
    """Write in place: the mounts of running containers hold the file itself, so it may not be replaced by a new one."""
    with contextlib.closing(_Descriptor(path)) as file:
        os.pwrite(file.number, text, 0)
        os.ftruncate(file.number, len(text))


class _Descriptor:
    """A file open for writing without being emptied first, so that a reader never sees an empty one."""

    def __init__(self, path: Path) -> None:
        self.number = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)

    def close(self) -> None:
        """Close it."""
        os.close(self.number)
