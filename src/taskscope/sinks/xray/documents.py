"""Spans as segment documents within X-Ray's limits, each knowing its rows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, Struct, UnsetType

from taskscope.aws.xray import DOCUMENT_BYTES, DOCUMENTS_LIMIT
from taskscope.model.span import Span
from taskscope.sinks.api import Rejected
from taskscope.wire.xray.encode import encode_documents, split_document

REQUEST_BYTES: Final = 1_048_576
"""Bytes of the documents of one call: AWS names no limit; this is sent well within the time a call may take."""


class _Ids(Struct):
    """What tells a document's rows."""

    id: str | UnsetType = UNSET
    subsegments: "list[_Ids] | UnsetType" = UNSET


_READ: Final = msgspec.json.Decoder(_Ids)


class Document(NamedTuple):
    """A document, the id that X-Ray names it by, and the rows in it."""

    id: str
    text: str
    size_bytes: int
    rows: Sequence[int]


class Documents(NamedTuple):
    """What becomes of the spans of a batch."""

    parts: Sequence[Sequence[Document]]
    """Calls of PutTraceSegments, each within the limits."""
    rejected: Sequence[Rejected]
    """Rows that X-Ray would never take."""


def documents_of(spans: Sequence[Span]) -> Documents:
    """Write spans as documents; one that is too large is divided into its subsegments, or rejected."""
    written, rejected = _written(spans)
    rows = _Rows(spans)
    kept: list[Document] = []
    for whole in written:
        for piece in split_document(whole, max_bytes=DOCUMENT_BYTES):
            document = rows.claim(piece)
            if len(piece) <= DOCUMENT_BYTES:
                kept.append(document)
            else:
                reason = f"a document of {len(piece)} bytes: X-Ray takes {DOCUMENT_BYTES}"
                rejected += [Rejected(row, reason) for row in document.rows]
    return Documents(list(_parts(kept)), rejected)


def _written(spans: Sequence[Span]) -> tuple[list[bytes], list[Rejected]]:
    """Write all spans at once; where one cannot be written, each by itself."""
    try:
        return encode_documents(spans), []
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass
    documents: list[bytes] = []
    rejected: list[Rejected] = []
    for position, span in enumerate(spans):
        try:
            documents += encode_documents([span])
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            rejected.append(Rejected(position, f"cannot be written as a segment document: {error}"))
    return documents, rejected


class _Rows:
    """Finds the rows of documents; rows of one id, such as a segment in progress and its end, are found one by one."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._left: defaultdict[str, list[int]] = defaultdict(list)
        for position in range(len(spans) - 1, -1, -1):
            self._left[spans[position].span_id.hex()].append(position)

    def claim(self, document: bytes) -> Document:
        """Return a document with its rows, which no later one has."""
        ids = _READ.decode(document)
        rows = [row for each in _walk(ids) if (row := self._next(each)) is not None]
        return Document(ids.id or "", document.decode(), len(document), rows)

    def _next(self, span_id: str) -> int | None:
        left = self._left.get(span_id)
        return left.pop() if left else None


def _walk(ids: _Ids) -> Iterator[str]:
    if ids.id:
        yield ids.id
    for child in ids.subsegments or ():
        yield from _walk(child)


def _parts(documents: Sequence[Document]) -> Iterator[list[Document]]:
    held: list[Document] = []
    held_bytes = 0
    for document in documents:
        if held and (len(held) == DOCUMENTS_LIMIT or held_bytes + document.size_bytes > REQUEST_BYTES):
            yield held
            held, held_bytes = [], 0
        held.append(document)
        held_bytes += document.size_bytes
    if held:
        yield held
