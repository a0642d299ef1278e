"""Temporary folders of a lab, which the next lab removes where this one was killed."""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_OURS: Final = re.compile(r"taskscope-(\d+)-\w+")


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """
    Make a folder that is removed at the end of the block.

    It is locked as long as this process lives, because a process id says nothing in another container that shares
    the folder of temporary files.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"taskscope-{os.getpid()}-"))
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def remove_left_folders() -> None:
    """Remove this user's folders of labs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob("taskscope-*"):
        match = _OURS.fullmatch(folder.name)
        if match and not Path(f"/proc/{match[1]}").exists():
            with suppress(OSError):  # locked, another user's, or gone meanwhile
                _remove_unless_locked(folder)


def _remove_unless_locked(folder: Path) -> None:
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(lock).st_uid == os.geteuid():
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
