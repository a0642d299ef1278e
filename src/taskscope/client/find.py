"""Which collector a command asks: the one that is named, else the one that runs on the data directory."""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

VARIABLE: Final = "TASKSCOPE_SERVER"
_SETTINGS: Final = (VARIABLE, "TASKSCOPE_DATA_DIR", "TASKSCOPE_CONFIG")
_FILE: Final = "taskscope.toml"


@dataclass(frozen=True, slots=True)
class Server:
    """A server's address."""

    url: str
    named: bool
    """Whether the user named it; otherwise it was found."""
    certificate: str = ""
    """File with the certificate that a server which was found shows; empty without TLS."""


def find_server(named: str | None, folder: Path) -> Server | None:
    """Return the server to ask; None where none is named and none runs on the data directory, or is not ready yet."""
    if url := named or os.environ.get(VARIABLE):
        return Server(url.rstrip("/"), named=True)
    owner = _owner(folder)
    if not owner.get("url"):
        return None
    return Server(str(owner["url"]), named=False, certificate=str(owner.get("certificate", "")))


def default_data_dir() -> str:
    """Return where a user's data lives (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return str(Path(home).expanduser() / "taskscope")


def may_find_server() -> bool:
    """Whether looking for a server may find one: cheaply, and without reading settings."""
    if any(map(os.environ.get, _SETTINGS)) or Path(_FILE).is_file():
        return True
    return (Path(default_data_dir()) / "run" / "owner.json").is_file()


def find_health(folder: Path) -> str | None:
    """Return the address at which the collector of a data directory tells how it is; None where none runs."""
    return str(_owner(folder).get("health", "")) or None


def _owner(folder: Path) -> Mapping[str, Any]:
    """Return what the collector that runs on a data directory says of itself; nothing if none runs."""
    run = folder / "run"
    try:
        owner = json.loads((run / "owner.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return owner if isinstance(owner, dict) and _is_held(run / "lock") else {}


def _is_held(lock: Path) -> bool:
    """
    Whether a collector runs: it holds its lock, so that one that was killed does not count.

    The file alone says nothing, and neither does its process number, which in a container is the same at every start.
    """
    try:
        handle = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except PermissionError:  # of another user, who will not have left the file alone
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
