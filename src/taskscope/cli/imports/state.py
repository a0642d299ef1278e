"""What an import has done already, so that the same command goes on from there: lines of JSON in the cache folder."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

_VARIABLES: Final = ("TASKSCOPE_SERVER", "TASKSCOPE_STORE", "TASKSCOPE_DATA_DIR", "AWS_PROFILE", "AWS_ENDPOINT_URL")
"""What, beside its command line, says where a command reads and writes."""


class Journal:
    """
    Notes of one command, found by its meaning. Losing them costs time only: the server leaves out what it has.

    A line that was cut off when the command was killed is passed by.
    """

    def __init__(self, meaning: Mapping[str, object], *, folder: Path | None = None) -> None:
        """``meaning`` is what makes two commands the same."""
        told = {"meaning": dict(meaning), "environment": {name: os.environ.get(name, "") for name in _VARIABLES}}
        name = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:24]
        self.path = (folder or cache_folder()) / f"{name}.jsonl"

    def entries(self) -> list[dict[str, Any]]:
        """Return what was noted, the oldest first."""
        try:
            lines = self.path.read_bytes().splitlines()
        except OSError:
            return []
        found = []
        for line in lines:
            with suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict):
                    found.append(entry)
        return found

    def note(self, entries: Iterable[Mapping[str, object]]) -> None:
        """Note what is done now; where nothing can be written, nothing is noted."""
        text = "".join(f"{json.dumps(each)}\n" for each in entries)
        if text:
            with suppress(OSError):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(f"\n{text}")  # a line before it may have been cut off

    def replace(self, entries: Iterable[Mapping[str, object]]) -> None:
        """Keep these only."""
        self.forget()
        self.note(entries)

    def forget(self) -> None:
        """Begin anew."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def cache_folder() -> Path:
    """Return where the notes of a user lie (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "taskscope" / "imports"
