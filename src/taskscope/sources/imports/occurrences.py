"""Names for lines that have none: what a line says, and how often the same was said before."""

from collections import OrderedDict
from typing import Final

_MOST: Final = 500_000
"""Lines that are kept in mind, some 60 MB: equal ones stand near one another, since they have one time."""


class Occurrences:
    """Counts equal lines. So a file that has grown gives its old lines the same names."""

    def __init__(self, most: int = _MOST) -> None:
        self._counts: OrderedDict[bytes, int] = OrderedDict()
        self._most = most

    def name(self, digest: bytes) -> str:
        """Return the name of the next line with this digest of what it says."""
        key = digest[:16]
        count = self._counts.pop(key, 0) + 1
        self._counts[key] = count
        if len(self._counts) > self._most:
            self._counts.popitem(last=False)
        return f"{key.hex()}-{count}"
