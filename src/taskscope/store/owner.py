"""Who owns an embedded store: one process at a time can open it, and this file says which."""

import json
from pathlib import Path
from typing import Final, NamedTuple

_NAME: Final = "taskscope-owner.json"


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
