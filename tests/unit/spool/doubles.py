"""Frames and failing disks, for the tests of the spool."""

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from taskscope.spool.frame import Frame, Kind
from taskscope.spool.lane import LaneWriter
from taskscope.spool.reader import LaneReader
from taskscope.spool.space import Space

HUGE = 1 << 40


def frame(body: bytes = b"x", *, received_ns: int = 7, sender: str = "10.0.0.1") -> Frame:
    """Return a frame with a body."""
    return Frame(Kind.XRAY_DATAGRAM, received_ns, body, sender=sender)


def frames(*bodies: bytes) -> list[Frame]:
    """Return frames with these bodies."""
    return [frame(each) for each in bodies]


def writer(folder: Path, *, max_bytes: int = HUGE, segment_bytes: int = 1 << 20, floor: int = 0) -> LaneWriter:
    """Open the lane ``lane`` of a folder."""
    folder.mkdir(exist_ok=True)
    return LaneWriter(folder / "lane", Space(folder, max_bytes), floor=floor, segment_bytes=segment_bytes)


def bodies(folder: Path, *, start: int = 0) -> list[bytes]:
    """Return the bodies of everything in the lane ``lane`` that is published."""
    found: list[bytes] = []
    with LaneReader(folder / "lane") as reader:
        while True:
            chunk = reader.read(start, max_bytes=1000)
            if chunk.end == start:
                return found
            found += [each.body for each in chunk.frames]
            start = chunk.end


def fail(monkeypatch: pytest.MonkeyPatch, target: Any, name: str, *, times: int = 1, code: int = errno.EIO) -> None:
    """Make the next calls of a function fail as a broken disk lets them fail."""
    real: Callable[..., Any] = getattr(target, name)
    left = [times]

    def failing(*args: Any, **options: Any) -> Any:
        if left[0] > 0:
            left[0] -= 1
            raise OSError(code, "told to fail")
        return real(*args, **options)

    monkeypatch.setattr(target, name, failing)


@contextmanager
def mounted(folder: Path, *, megabytes: int) -> Iterator[Path]:
    """Mount a small disk; where that is not allowed, the test says loudly that it was not tried."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if os.geteuid() != 0 or mount is None or unmount is None:
        pytest.skip("NOT TRIED: a full disk; only root can mount a small one")
    folder.mkdir()
    command = [mount, "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"NOT TRIED: a full disk; this machine lets nobody mount one: {tried.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run([unmount, "-l", folder], check=True)
