"""Files: what is in them is told by their content, value by value of JSON."""

import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import IO, Any, Final

from taskscope.errors import MalformedPayloadError
from taskscope.sources.imports.events import Read, event_text, events_in
from taskscope.sources.imports.occurrences import Occurrences
from taskscope.sources.imports.otlp import OtlpPieces, is_request
from taskscope.sources.imports.piece import Flaw, ListPieces, Piece
from taskscope.sources.imports.segments import documents_in, segment

_GZIP: Final = b"\x1f\x8b"
_DATAGRAM: Final = {"format", "version"}
"""The header line of X-Ray's datagrams."""
_SPACE: Final = re.compile(r"[\s\ufeff]*")


def read_file(
    raw: IO[bytes], name: str, *, group: str = "", only_otlp: bool = False, at: Callable[[int], None] = lambda _: None
) -> Iterator[Piece | Flaw]:
    """
    Yield what a file has, compressed with gzip or not: X-Ray's documents, OTLP, log events.

    A line or value that cannot be read is a flaw, and does not cost the others. The same file is always cut in the same
    way. ``at`` is told how many bytes were read.

    Raises:
        OSError: It cannot be read.
    """
    counted = io.BufferedReader(_Counted(raw, at), 1 << 20)
    compressed = counted.peek(2)[:2] == _GZIP
    stream: io.BufferedIOBase = gzip.GzipFile(fileobj=counted) if compressed else counted
    sorter = _Sorter(group, only_otlp=only_otlp)
    try:
        for value in _values(stream, name):
            yield from [value] if isinstance(value, Flaw) else sorter.take(*value)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:  # what came before the place that is torn counts
        yield Flaw(name, str(error))
    yield from sorter.rest()


class _Counted(io.RawIOBase):
    """Passes bytes on, and tells how many."""

    def __init__(self, raw: IO[bytes], at: Callable[[int], None]) -> None:
        super().__init__()
        self._raw = raw
        self._at = at
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        self._read += len(data)
        self._at(self._read)
        return len(data)


def _values(stream: io.BufferedIOBase, name: str) -> Iterator[tuple[str, Any] | Flaw]:
    """Yield the values of JSON lines; where the first line is none alone, those of the whole file."""
    head = _head(stream)
    if not head or _loads(head[-1]) is not None:
        yield from _lines(chain(head, stream), name)
        return
    whole = b"".join(head) + stream.read()
    values, why = _documents(whole.decode("utf-8", "replace"))
    if not why:
        yield from ((f"{name}, document {number}", value) for number, value in enumerate(values, 1))
        return
    lines = whole.splitlines()
    if any(isinstance(_loads(line), dict) for line in lines):
        yield from _lines(lines, name)
    else:
        yield Flaw(name, f"it is no JSON: {why}")


def _head(stream: io.BufferedIOBase) -> list[bytes]:
    """Return the lines up to the first that is not empty."""
    head: list[bytes] = []
    for line in stream:
        head.append(line)
        if line.strip():
            return head
    return []


def _lines(lines: Iterable[bytes], name: str) -> Iterator[tuple[str, Any] | Flaw]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{name}, line {number}"
            value = _loads(line)
            yield Flaw(where, "it is no JSON") if value is None else (where, value)


def _loads(text: bytes) -> Any:
    try:
        return json.loads(text.decode("utf-8", "replace").lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _documents(text: str) -> tuple[list[Any], str]:
    """Read one document after another; say what is wrong, if anything is."""
    decoder = json.JSONDecoder()
    found: list[Any] = []
    position = _behind_space(text, 0)
    try:
        while position < len(text):
            value, end = decoder.raw_decode(text, position)
            found.append(value)
            position = _behind_space(text, end)
    except (ValueError, RecursionError) as error:
        return found, str(error)
    return found, ""


def _behind_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


class _Sorter:
    """Tells what a value is, and gathers it with others of its kind."""

    def __init__(self, group: str, *, only_otlp: bool) -> None:
        self._group = group
        self._only_otlp = only_otlp
        self._said = Occurrences()
        self._segments = ListPieces("spans")
        self._events = ListPieces("logs")
        self._otlp = OtlpPieces()

    def take(self, where: str, value: Any) -> Iterator[Piece | Flaw]:
        """Take a value; an array is what is in it."""
        if isinstance(value, list) and not self._only_otlp:
            for number, each in enumerate(value, 1):
                yield from self._guarded(f"{where}, item {number}", each)
        else:
            yield from self._guarded(where, value)

    def rest(self) -> Iterator[Piece]:
        """Yield what is left."""
        yield from self._segments.rest()
        yield from self._events.rest()
        yield from self._otlp.rest()

    def _guarded(self, where: str, value: Any) -> Iterator[Piece | Flaw]:
        try:
            yield from self._sorted(where, value)
        except MalformedPayloadError as error:
            yield Flaw(where, error.message)

    def _sorted(self, where: str, value: Any) -> Iterator[Piece | Flaw]:
        if is_request(value):
            yield from self._otlp.add(value)
        elif self._only_otlp:
            yield Flaw(where, "it is no export request of OTLP")
        elif isinstance(value, str):
            yield from self._take_segments(where, [value])
        elif not isinstance(value, dict):
            yield Flaw(where, "it is nothing that can be imported")
        elif value.keys() == _DATAGRAM or {"trace_id", "segments"} <= value.keys():
            return  # the header of a datagram; a trace that `taskscope logs` showed among lines
        elif (documents := documents_in(value)) is not None:
            yield from self._take_segments(where, documents)
        elif (found := events_in(value, self._group)) is not None:
            yield from self._take_events(where, *found)
        else:
            yield Flaw(where, "it is nothing that can be imported")

    def _take_segments(self, where: str, documents: Iterable[Any]) -> Iterator[Piece | Flaw]:
        for document in documents:
            try:
                text = segment(document)
            except MalformedPayloadError as error:
                yield Flaw(where, error.message)
                continue
            if text:
                yield from self._segments.add([text])

    def _take_events(self, where: str, events: Iterable[Any], read: Read) -> Iterator[Piece | Flaw]:
        for event in events:
            try:
                text = event_text(read(event), self._said)
            except MalformedPayloadError as error:
                yield Flaw(where, error.message)
                continue
            yield from self._events.add([text])
