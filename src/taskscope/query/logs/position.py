"""
Where a log record stands among all.

The store has no numbers for its rows. A record is named by its time and a hash of all that it says; records that are
equal in everything are told apart by how many of them came before. So a page begins where the last one ended, whatever
was stored in between.
"""

import re
from typing import Final, NamedTuple, Self

from taskscope.errors import UsageError

_TEXT: Final = re.compile(r"(?P<time>\d{1,19})\.(?P<hash>[0-9a-f]{16})\.(?P<nth>\d{1,9})", re.ASCII)
LAST_HASH: Final = (1 << 64) - 1
_LATEST_NS: Final = (1 << 63) - 1


class Position(NamedTuple):
    """Behind ``nth`` records of this time and hash, and behind all that come before these in the order of reading."""

    time_ns: int
    row_hash: int
    nth: int

    def __str__(self) -> str:
        return f"{self.time_ns}.{self.row_hash:016x}.{self.nth}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read a cursor.

        Raises:
            UsageError: The text is none.
        """
        found = _TEXT.fullmatch(text)
        if found is None or int(found["time"]) > _LATEST_NS:
            raise UsageError(f"{text[:64]!r} is no cursor of a log record", hint="take one from an answer")
        return cls(int(found["time"]), int(found["hash"], 16), int(found["nth"]))
