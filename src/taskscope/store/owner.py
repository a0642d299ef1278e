"""Who owns an embedded store: one process at a time can open it, and a file says which."""

import fcntl
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

_NAME: Final = "taskscope-owner.json"
_LOCK: Final = "status"
"""The engine's own file, which it locks (flock) while it is open."""


class Owner(NamedTuple):
    """A process that has a store open."""

    pid: int
    url: str
    """Where it answers; empty if it answers nowhere."""

    def __str__(self) -> str:
        return f"process {self.pid}" + (f" at {self.url}" if self.url else "")


def write_owner(store: Path, owner: Owner) -> None:
    """Name the owner of the store in this folder; the file is replaced whole."""
    store.mkdir(parents=True, exist_ok=True)
    fresh = store / f"{_NAME}.{owner.pid}"
    fresh.write_text(json.dumps(owner._asdict()), encoding="utf-8")
    fresh.replace(store / _NAME)


def read_owner(store: Path) -> Owner | None:
    """Return who was named last; None if nobody was, or the file does not read. Whether it still runs is not asked."""
    try:
        document = json.loads((store / _NAME).read_text(encoding="utf-8"))
        return Owner(int(document["pid"]), str(document["url"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def clear_owner(store: Path) -> None:
    """Say that nobody owns the store any more."""
    (store / _NAME).unlink(missing_ok=True)


def is_locked_elsewhere(store: Path) -> bool:
    """
    Whether another process has the store in this folder open.

    The engine knows it too, but writes a line of its own to stderr each time it does.
    """
    try:
        handle = os.open(store / _LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return not _has_another(handle)
    else:
        return False
    finally:
        os.close(handle)


def _has_another(handle: int) -> bool:
    """Whether this process has the file open under another handle."""
    wanted = os.fstat(handle)
    for each in Path("/dev/fd").iterdir():
        with suppress(OSError):  # the handle of the listing itself, and of what other threads close
            if int(each.name) != handle and os.path.samestat(os.fstat(int(each.name)), wanted):
                return True
    return False
