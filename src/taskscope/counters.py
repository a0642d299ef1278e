"""
What is counted: received, stored, forwarded, dropped. One file of counters for each process, which all may read.

The file is mapped into memory, so a count made just before a process was killed is there for the others.
"""

import mmap
import struct
import threading
from pathlib import Path
from typing import Final, Self

from taskscope.errors import TaskscopeError

_NAME_BYTES: Final = 56
_SLOT: Final = struct.Struct(f"q{_NAME_BYTES}s")
_VALUE: Final = struct.Struct("q")
_SLOTS: Final = 512


class Counters:
    """
    Named counters of one process, such as ``received.xray`` or ``dropped.statsd.kernel``.

    A name is made by its first use. Reads of other processes see each counter whole (8 aligned bytes).
    """

    def __init__(self, path: Path | None = None) -> None:
        """Open the file, or count in memory only; a file that is there is counted on."""
        if path is None:
            self._memory: mmap.mmap = mmap.mmap(-1, _SLOT.size * _SLOTS)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a+b") as file:
                # Written, not truncate()d to size: on a full disk that is an error here, a hole is SIGBUS at a count.
                file.write(bytes(max(0, _SLOT.size * _SLOTS - file.tell())))
                file.flush()
                self._memory = mmap.mmap(file.fileno(), _SLOT.size * _SLOTS)
        # One store of 8 bytes; struct's pack_into clears them first, and who reads in between sees 0.
        self._cells = memoryview(self._memory).cast("q")
        self._lock = threading.Lock()
        self._offsets = {name: index * _SLOT.size for index, (name, _) in enumerate(_slots(self._memory))}

    def add(self, name: str, count: int = 1) -> None:
        """
        Count.

        Raises:
            TaskscopeError: There are too many counters, or the name is empty or too long; a mistake of the program.
        """
        with self._lock:
            self._add(name, count)

    def _add(self, name: str, count: int) -> None:
        offset = self._offsets.get(name)
        if offset is None:
            offset = self._make(name)
        self._cells[offset // _VALUE.size] += count

    def set(self, name: str, value: int) -> None:
        """Set a counter that stands for a present value, such as bytes in the spool."""
        with self._lock:
            self._add(name, value - self.value(name))

    def value(self, name: str) -> int:
        """Return a counter; 0 if nothing was counted."""
        offset = self._offsets.get(name)
        return 0 if offset is None else self._cells[offset // _VALUE.size]

    def all(self) -> dict[str, int]:
        """Return every counter by its name."""
        return dict(_slots(self._memory))

    def close(self) -> None:
        """Let the file go; safe to call twice."""
        self._cells.release()
        self._memory.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _make(self, name: str) -> int:
        encoded = name.encode()
        if not 0 < len(encoded) <= _NAME_BYTES or len(self._offsets) >= _SLOTS:
            raise TaskscopeError(f"no room for the counter {name!r}")
        offset = len(self._offsets) * _SLOT.size
        _SLOT.pack_into(self._memory, offset, 0, encoded)
        self._offsets[name] = offset
        return offset


def read_counters(path: Path) -> dict[str, int]:
    """Return the counters in the file of a process, running or gone; none if there is no such file."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    return dict(_slots(content))


def _slots(content: bytes | mmap.mmap) -> list[tuple[str, int]]:
    found = []
    for offset in range(0, len(content) - _SLOT.size + 1, _SLOT.size):
        value, name = _SLOT.unpack_from(content, offset)
        if not name.strip(b"\0"):
            break
        found.append((name.rstrip(b"\0").decode("utf-8", "replace"), value))
    return found
