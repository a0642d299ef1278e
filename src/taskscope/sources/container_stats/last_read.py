"""When each container was measured last, as a process knows it that comes after one that was killed."""

import json
import logging
from pathlib import Path
from typing import Final

_LOG: Final = logging.getLogger(__name__)


class LastRead:
    """
    Times of the last reading, in a file.

    Written before the reading is handed on: Fargate gives the same statistics for 10 s, and a collector that is back
    within them must not take them a second time. What a kill in between costs is one reading.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._has_told = False

    def load(self) -> dict[str, str]:
        """Return the times by container; none where there is no file, or none that reads."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return {str(name): str(time) for name, time in found.items()} if isinstance(found, dict) else {}

    def save(self, times: dict[str, str]) -> None:
        """Keep the times; where the disk does not let us, say it once."""
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(times), encoding="utf-8")
            fresh.replace(self._path)
        except OSError as error:
            if not self._has_told:
                _LOG.warning("after a restart a reading may come twice: %s cannot be written: %s", self._path, error)
            self._has_told = True
