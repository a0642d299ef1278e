"""What a range of the spool decodes to, in pieces that a sink can take at once."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from taskscope.model.batch import Batch, Encoded, EncodedBatch, Row, Signal
from taskscope.spool.frame import Frame

PIECE_BYTES: Final = 32 * 1024 * 1024
"""
Of uncompressed bodies in one batch: compressed ones may grow tenfold, and memory is bounded by this.

A constant and no setting: a range that comes again after a restart must fall into the same pieces for the store.
"""
_ROWS_WEIGH: Final = 6
"""
Times what a body weighs that its rows do. An X-Ray datagram of 3 kB that becomes rows is decoded and made columns in
88 us among 700, in 95 among 8,000, whose rows no cache holds; but each insert costs 20 ms whatever is in it.
"""


_LETTERS: Final[dict[Signal | Encoded, str]] = {**dict.fromkeys(Encoded, "e"), Encoded.XRAY_SPANS: "x"}
"""In a token, between forms of one signal."""


class Opened(NamedTuple):
    """One frame with its body uncompressed."""

    frame: Frame
    body: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """A batch, and for each of its rows or bodies the frame that it came from."""

    batch: Batch | EncodedBatch
    frames: Sequence[Frame]

    def __len__(self) -> int:
        return len(self.batch.rows if isinstance(self.batch, Batch) else self.batch.bodies)


class Gathering:
    """
    Collects rows and bodies of one range and gives them out as pieces, in an order that a replay repeats.

    A piece's token says which frames of the range are in it: if a replay divides them in another way, since more is
    known of a sender by then, no piece passes for one that the sink has already.
    """

    def __init__(self, token: str, *, most_bytes: int | None = None) -> None:
        """``most_bytes`` of bodies are a piece, by default ``PIECE_BYTES``."""
        self._token = token
        self._most_bytes = PIECE_BYTES if most_bytes is None else most_bytes
        self._size = 0
        self._number = 0
        self._taken = 0
        self._marks: dict[Signal | Encoded, int] = {}
        self._rows: dict[Signal, list[Row]] = {}
        self._row_frames: dict[Signal, list[Frame]] = {}
        self._bodies: dict[Encoded, list[bytes]] = {}
        self._body_frames: dict[Encoded, list[Frame]] = {}

    @property
    def is_full(self) -> bool:
        """Whether it is time to give out pieces."""
        return self._size >= self._most_bytes

    def add_body(self, form: Encoded, opened: Opened) -> None:
        """Take a body that stays encoded."""
        self._mark(form)
        self._bodies.setdefault(form, []).append(opened.body)
        self._body_frames.setdefault(form, []).append(opened.frame)
        self._size += len(opened.body)

    def add_rows(self, signal: Signal, rows: Sequence[Row], opened: Opened) -> None:
        """Take the rows of a body."""
        self._mark(signal)
        self._rows.setdefault(signal, []).extend(rows)
        self._row_frames.setdefault(signal, []).extend([opened.frame] * len(rows))
        self._size += _ROWS_WEIGH * len(opened.body)

    def pieces(self) -> Iterator[Piece]:
        """Give out what was gathered, and begin anew."""
        for form in Encoded:
            if bodies := self._bodies.pop(form, None):
                frames = self._body_frames.pop(form)
                times = [frame.received_ns for frame in frames]
                yield Piece(EncodedBatch(form, bodies, self._name(form), times), frames)
        for signal in Signal:
            if rows := self._rows.pop(signal, None):
                yield Piece(Batch(signal, rows, self._name(signal)), self._row_frames.pop(signal))
        self._number += 1
        self._size = 0
        self._marks.clear()

    def _mark(self, kind: Signal | Encoded) -> None:
        self._taken += 1
        self._marks[kind] = zlib.crc32(self._taken.to_bytes(4, "big"), self._marks.get(kind, 0))

    def _name(self, kind: Signal | Encoded) -> str:
        return f"{self._token}:{self._number}{_LETTERS.get(kind, '')}:{self._marks[kind]:08x}"


def only(signals: Iterable[Signal], pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Leave out what a sink does not take."""
    wanted = frozenset(signals)
    return (each for each in pieces if each.batch.signal in wanted)
