"""How far watching is: a file beside the spool, so that a crash neither loses nor repeats what was appended."""

import json
import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

_LOG: Final = logging.getLogger(__name__)


class WatchMemory:
    """
    What is remembered by sections, and one change of it that is true only if something was appended to a lane.

    Before an append the change is written down with the lane's end; after it the lane has grown. So whoever opens the
    file after a crash sees by the lane which of the two is true. Nobody else may append to the lane.
    """

    def __init__(self, path: Path, lane_end: int) -> None:
        """
        Read the file; one that cannot be read is begun anew, and that is said.

        Args:
            path: The file.
            lane_end: The offset after the last record of the lane.
        """
        self._path = path
        self._sections: dict[str, Any] = {}
        found = _read(path)
        self._sections = found.get("sections", {})
        match found.get("pending"):
            case {"section": str(section), "memory": memory, "lane_end": int(end)} if lane_end > end:
                self._set(section, memory)

    def get(self, section: str) -> Any:
        """Return a section; None if there is none."""
        return self._sections.get(section)

    def names(self, prefix: str) -> Iterable[str]:
        """Return the sections whose names begin so."""
        return [name for name in self._sections if name.startswith(prefix)]

    def intend(self, section: str, memory: Any, lane_end: int) -> None:
        """
        Write down what a section will be once the lane has grown beyond this offset.

        Raises:
            OSError: The disk does not take it.
        """
        self._write({"section": section, "memory": memory, "lane_end": lane_end})

    def done(self, section: str, memory: Any) -> None:
        """Take what was intended for true: it was appended. The file says so already, by the lane."""
        self._set(section, memory)

    def _set(self, section: str, memory: Any) -> None:
        if memory is None:
            self._sections.pop(section, None)
        else:
            self._sections[section] = memory

    def _write(self, pending: Any) -> None:
        fresh = self._path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"sections": self._sections, "pending": pending}, file, separators=(",", ":"))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        found = error
    match found:
        case {"sections": dict(), "pending": {"section": str(), "memory": _, "lane_end": int()} | None}:
            return dict(found)
    _LOG.warning("%s cannot be read: what AWS still has is read anew, and log lines may be there twice", path)
    return {}
