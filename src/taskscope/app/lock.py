"""One collector for each data directory; others learn from it where that one answers."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from taskscope.app.folders import Folders
from taskscope.errors import UsageError


@contextmanager
def lock_folder(folders: Folders) -> Iterator[None]:
    """
    Hold a data directory.

    Raises:
        UsageError: Another collector runs on it, or it cannot be made.
    """
    try:
        folders.lock.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(folders.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(
            f"the data directory {folders.root} cannot be used: {error.strerror}", hint="choose another --data-dir"
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise UsageError(
            f"another collector runs on {folders.root}", hint="stop it, or choose another --data-dir"
        ) from None
    try:
        yield
    finally:
        folders.owner.unlink(missing_ok=True)
        os.close(handle)


def write_owner(folders: Folders, url: str) -> None:
    """Say who has the directory and where it answers: `taskscope store` asks there."""
    fresh = folders.owner.with_suffix(".new")
    fresh.write_text(json.dumps({"pid": os.getpid(), "url": url}), encoding="utf-8")
    fresh.replace(folders.owner)
