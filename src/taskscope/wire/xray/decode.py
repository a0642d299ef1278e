"""Segment documents to spans: one alone, or a list of them as ``PutTraceSegments`` takes it."""

from typing import Final, NamedTuple

import msgspec
from msgspec import Raw, Struct

from taskscope.errors import MalformedPayloadError
from taskscope.model.span import Span
from taskscope.wire.xray.document import Document
from taskscope.wire.xray.flatten import flatten
from taskscope.wire.xray.lenient import decode_leniently, whole_escapes

TYPED: Final = msgspec.json.Decoder(Document)


class Refused(NamedTuple):
    """A document that could not be read, in a list of which the others were."""

    position: int
    """Of the document in the list, from 0."""
    segment_id: str
    """Empty where the document does not say."""
    reason: str


class Decoded(NamedTuple):
    """What a list of documents holds."""

    spans: list[Span]
    refused: list[Refused]


class _PutTraceSegments(Struct):
    """The request's body; X-Ray's only member."""

    TraceSegmentDocuments: list[Raw]


_REQUEST: Final = msgspec.json.Decoder(_PutTraceSegments)
_LIST: Final = msgspec.json.Decoder(list[Raw])
_STRING: Final = msgspec.json.Decoder(str)


class _Named(Struct):
    id: str = ""


_NAMED: Final = msgspec.json.Decoder(_Named)


def decode_document(text: bytes, *, received_ns: int) -> list[Span]:
    """
    Read one segment, or one subsegment sent alone, with all that is nested in it, the outermost first.

    Ids are read in any case and kept in lower case. Whatever has no name in OpenTelemetry is kept in ``aws.xray.*``,
    so that ``encode_documents`` can give the document back. 28 us for 3 kB of six rows, where json.loads
    alone takes 18; 64 us if the lenient decoder is needed.

    Raises:
        MalformedPayloadError: The text is no JSON object; it has no valid ``trace_id``, ``id`` or ``start_time``; or
            it is nested too deeply: 100 levels of subsegments, about 1,000 of anything else.
    """
    try:
        return flatten(_read(text), received_ns=received_ns)
    except msgspec.DecodeError as error:
        raise MalformedPayloadError(f"the segment document is not as X-Ray defines it: {error}") from None
    except UnicodeDecodeError as error:
        raise MalformedPayloadError(f"the segment document is no UTF-8: {error.reason}") from None
    except RecursionError:
        raise MalformedPayloadError("the segment document is nested too deeply") from None


def _read(text: bytes) -> Document:
    """Read by type, then leniently, then with the halves of cut emojis replaced."""
    try:
        try:
            return TYPED.decode(text)
        except msgspec.ValidationError:
            return decode_leniently(text)
    except msgspec.DecodeError:
        healed = whole_escapes(text)
        if healed == text:
            raise
        return decode_leniently(healed)


def decode_documents(body: bytes, *, received_ns: int) -> Decoded:
    """
    Read documents in a JSON array of strings, bare or as ``{"TraceSegmentDocuments": [...]}``.

    A document that cannot be read is reported and does not cost the others. One that stands there as an object
    instead of a string is read as well.

    Raises:
        MalformedPayloadError: The body is neither.
    """
    try:
        items = _LIST.decode(body) if body.lstrip()[:1] == b"[" else _REQUEST.decode(body).TraceSegmentDocuments
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedPayloadError(f"the body is no list of segment documents: {error}") from None
    decoded = Decoded([], [])
    for position, item in enumerate(items):
        text = bytes(item)
        try:
            if text.startswith(b'"'):
                text = _unquote(text)
            decoded.spans.extend(decode_document(text, received_ns=received_ns))
        except MalformedPayloadError as error:
            decoded.refused.append(Refused(position, _segment_id(text), error.message))
    return decoded


def _unquote(text: bytes) -> bytes:
    try:
        return _STRING.decode(text).encode()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedPayloadError(f"the segment document is no JSON string: {error}") from None


def _segment_id(text: bytes) -> str:
    try:
        return _NAMED.decode(text).id[:64]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
