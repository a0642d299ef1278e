"""
Where inserts into chDB pass through: clickhouse-connect writes each to a temporary file, which the engine reads.

A process that is killed leaves such files, as large as a batch. So each store has a folder of its own for them, emptied
when the store is opened, which one process at a time can do.
"""

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 (the folder made in it is ours alone)
_ROOM_BYTES: Final = 512 * 1024 * 1024
"""Four batches of the largest size, several times over; containers often have 64 MB."""
ENGINE_FILES: Final = "__cache__"
"""Where the engine keeps copies of schemas, in the working directory."""


def take_scratch(store: Path) -> Path:
    """
    Make the folder of a store that this process has open, and let temporary files go there: in memory if there is room.

    What an earlier process left in it is deleted.
    """
    name = f"taskscope-{hashlib.sha256(os.fsencode(store.resolve())).hexdigest()[:16]}"
    folder = next(each for each in (_MEMORY / name, store / "taskscope-inserts") if _is_ours(each))
    for left in () if tempfile.tempdir == str(folder) else folder.iterdir():
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
    tempfile.tempdir = str(folder)
    return folder


def leave_scratch(folder: Path) -> None:
    """Let temporary files go where they went before, and delete what the engine keeps beside them."""
    if tempfile.tempdir == str(folder):
        tempfile.tempdir = None
    shutil.rmtree(folder / ENGINE_FILES, ignore_errors=True)
    with suppress(OSError):
        folder.rmdir()


def _is_ours(folder: Path) -> bool:
    """Make a folder and say whether it can be used: it is nobody else's, and in memory there is room."""
    if folder.parent == _MEMORY and not _has_room():
        return False
    try:
        folder.mkdir(mode=0o700, parents=folder.parent != _MEMORY, exist_ok=True)
        return folder.lstat().st_uid == os.getuid() and folder.is_dir() and not folder.is_symlink()
    except OSError:
        return folder.parent != _MEMORY


def _has_room() -> bool:
    try:
        memory = os.statvfs(_MEMORY)
    except OSError:
        return False
    return memory.f_bavail * memory.f_frsize >= _ROOM_BYTES
