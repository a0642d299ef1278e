"""One collector for each data directory; others learn from it where that one answers."""

import fcntl
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from taskscope.app.processes.folders import Folders
from taskscope.errors import UsageError

_LOOK_SECONDS: Final = 0.05
_PATIENCE_SECONDS: Final = 0.3

_log = logging.getLogger(__name__)


@contextmanager
def lock_folder(folders: Folders) -> Iterator[None]:
    """
    Hold a data directory.

    Raises:
        UsageError: Another collector runs on it, or it cannot be made.
    """
    handle = _open(folders, folders.lock)
    if not _lock_soon(handle):
        os.close(handle)
        raise UsageError(f"another collector runs on {folders.root}", hint="stop it, or choose another --data-dir")
    try:
        folders.owner.unlink(missing_ok=True)  # of one that was killed
        yield
    finally:
        folders.owner.unlink(missing_ok=True)
        os.close(handle)


@contextmanager
def mark_processes(folders: Folders) -> Iterator[int]:
    """Give a handle for all processes of this collector to inherit: while one of them runs, others see that."""
    handle = _open(folders, folders.processes)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield handle
    finally:
        os.close(handle)


def wait_for_leftovers(folders: Folders, seconds: float) -> None:
    """
    Wait for the processes of a collector that was killed: they finish what they have, then its ports are free.

    Raises:
        UsageError: Another collector runs on the data directory, or it cannot be made.
    """
    with lock_folder(folders):
        handle = _open(folders, folders.processes)
        try:
            _wait_for_all(handle, folders, time.monotonic() + seconds)
        finally:
            os.close(handle)


def _wait_for_all(handle: int, folders: Folders, deadline: float) -> None:
    told = False
    while time.monotonic() < deadline:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                _log.warning("waiting for the processes of a collector that was killed on %s", folders.root)
            told = True
            time.sleep(_LOOK_SECONDS)
        else:
            return


def _open(folders: Folders, path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(
            f"the data directory {folders.root} cannot be used: {error.strerror}", hint="choose another --data-dir"
        ) from None


def _lock_soon(handle: int) -> bool:
    """Take the lock; a command that only looks whether it is held (`client.find`) holds it for a moment."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_SECONDS)
        else:
            return True


def write_owner(folders: Folders, url: str, *, health: str = "", certificate: str = "") -> None:
    """
    Say who has the directory, where its API answers and with which certificate, and where its health is.

    `taskscope store` and `taskscope healthcheck` ask there; a sidecar has no API, so its ``url`` is empty.
    """
    fresh = folders.owner.with_suffix(".new")
    path = str(Path(certificate).absolute()) if certificate else ""
    document = {"pid": os.getpid(), "url": url, "health": health, "certificate": path}
    fresh.write_text(json.dumps(document), encoding="utf-8")
    fresh.replace(folders.owner)
