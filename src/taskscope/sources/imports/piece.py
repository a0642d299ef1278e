"""Pieces: as much as a server takes at once, always cut in the same way."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

PIECE_BYTES: Final = 2 << 20
PIECE_ITEMS: Final = 5_000
"""An insert of the store takes 20 ms whatever is in it."""
ITEM_BYTES: Final = 12 << 20
"""The most of one document: the server takes 16 MiB at once."""


class Piece(NamedTuple):
    """The body of one request."""

    signal: str
    """``spans``, ``logs`` or ``metrics``."""
    body: bytes
    items: int
    marks: Sequence[Any] = ()
    """What is in it as a whole, in the words of who made it."""


class Flaw(NamedTuple):
    """Something that cannot be imported."""

    where: str
    reason: str


class ListPieces:
    """Gathers documents or events into JSON arrays."""

    def __init__(self, signal: str) -> None:
        self._signal = signal
        self._texts: list[str] = []
        self._marks: list[Any] = []
        self._bytes = 0

    def add(self, texts: Sequence[str], mark: Any = None) -> Iterator[Piece]:
        """Take some JSON values that stay together; yield the piece before, if they do not fit into it."""
        size = sum(map(len, texts))
        if self._texts and (self._bytes + size > PIECE_BYTES or len(self._texts) + len(texts) > PIECE_ITEMS):
            yield from self.rest()
        self._texts += texts
        self._bytes += size
        if mark is not None:
            self._marks.append(mark)

    def rest(self) -> Iterator[Piece]:
        """Yield what is left."""
        if self._texts:
            body = f"[{','.join(self._texts)}]".encode("utf-8", "replace")
            yield Piece(self._signal, body, len(self._texts), tuple(self._marks))
        self._texts, self._marks, self._bytes = [], [], 0
