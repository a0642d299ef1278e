"""Which server a command asks: the one that is named, else the one that runs on the data directory."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VARIABLE: Final = "TASKSCOPE_SERVER"


@dataclass(frozen=True, slots=True)
class Server:
    """A server's address."""

    url: str
    named: bool
    """Whether the user named it; otherwise it was found."""


def find_server(named: str | None, folder: Path) -> Server | None:
    """Return the server to ask; None where none is named and none runs."""
    if url := named or os.environ.get(VARIABLE):
        return Server(url.rstrip("/"), named=True)
    try:
        owner = json.loads((folder / "run" / "owner.json").read_text(encoding="utf-8"))
        pid, url = int(owner["pid"]), str(owner["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Server(url, named=False) if url and _runs(pid) else None


def _runs(pid: int) -> bool:
    """Whether there is such a process; one of another user counts."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
