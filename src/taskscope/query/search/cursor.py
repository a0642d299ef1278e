"""Where a page of traces ended: the value that they are ordered by, and the id of the last one."""

import base64
import binascii
from typing import NamedTuple, Self

from taskscope.errors import UsageError

_LARGEST = 2**63 - 1


class Position(NamedTuple):
    """What comes next has a lesser value, or the same one and a lesser id."""

    value: int
    trace_id: str
    """Lowercase hex."""

    @classmethod
    def first(cls) -> Self:
        """Return the position before all others."""
        return cls(_LARGEST, "")

    @classmethod
    def parse(cls, text: str, sort: str) -> Self:
        """
        Read a cursor of a list in that order; the empty one is the start of it.

        Raises:
            UsageError: It is none.
        """
        if not text:
            return cls.first()
        try:
            order, value, trace_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").split(",")
            if order != sort:
                raise UsageError(f"the cursor is of a list sorted by {order}, not by {sort}")
            return cls(min(int(value), _LARGEST), bytes.fromhex(trace_id).hex())
        except (binascii.Error, ValueError):
            raise UsageError(f"{text[:60]!r} is no cursor of a list of traces") from None

    def write(self, sort: str) -> str:
        """Write a cursor; its form may change."""
        return (
            base64.urlsafe_b64encode(f"{sort},{self.value},{self.trace_id}".encode("ascii")).decode("ascii").rstrip("=")
        )
