"""What arrives on UDP 2000: a header line and one document, or OTLP under the same header."""

import binascii
from typing import Final

import msgspec

from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Signal
from taskscope.model.span import Span
from taskscope.wire.xray.decode import decode_document

_USUAL: Final = b'{"format":"json","version":1}'
_BEGINS_WITH_DOCUMENT: Final = _USUAL + b"\n{"
_OTLP: Final = {b"T1S": Signal.SPANS, b"T1U": Signal.SPANS, b"M1": Signal.METRICS}
"""
Prefixes of AWS's OpenTelemetry distribution for Python: traces sampled and unsampled, metrics; base64 follows.

A document begins with a brace, so the first byte decides.
"""


class _Header(msgspec.Struct):
    format: str
    version: int


_HEADER: Final = msgspec.json.Decoder(_Header)


def decode_datagram(datagram: bytes, *, received_ns: int) -> list[Span]:
    """
    Read a header line, a newline, and one segment document.

    The header is read as the X-Ray daemon reads it: the format in any case, the version exactly 1.

    Raises:
        MalformedPayloadError: The header is missing or another one, the document cannot be read, or it is OTLP.
    """
    body = _body(datagram)
    if body[:1] in (b"T", b"M") and _prefix(body) is not None:
        raise MalformedPayloadError("the datagram carries OTLP, not a segment document")
    return decode_document(body, received_ns=received_ns)


def carries_document(datagram: bytes) -> bool:
    """
    Tell whether a segment document follows the header, and not OTLP.

    Raises:
        MalformedPayloadError: The header is missing or another one, or nothing follows it.
    """
    if datagram.startswith(_BEGINS_WITH_DOCUMENT):
        return True
    body = _body(datagram)
    return body[:1] not in (b"T", b"M") or _prefix(body) is None


def document_in(datagram: bytes) -> bytes:
    """Return what follows the header line."""
    return datagram[datagram.find(b"\n") + 1 :]


def embedded_otlp(datagram: bytes) -> tuple[Signal, bytes] | None:
    """
    Take an OTLP export request, in Protobuf, out of a datagram; None for what carries a segment document.

    0.3 us for a segment document.

    Raises:
        MalformedPayloadError: The header is missing or another one, or what follows the prefix is no base64.
    """
    body = _body(datagram)
    if body[:1] not in (b"T", b"M") or (prefix := _prefix(body)) is None:
        return None
    try:
        return _OTLP[prefix], binascii.a2b_base64(body[len(prefix) :].strip(), strict_mode=True)
    except binascii.Error as error:
        raise MalformedPayloadError(f"what follows {prefix.decode()} is no base64: {error}") from None


def _prefix(body: bytes) -> bytes | None:
    return next((prefix for prefix in _OTLP if body.startswith(prefix)), None)


def _body(datagram: bytes) -> bytes:
    header, newline, body = datagram.partition(b"\n")
    if header != _USUAL:
        _check_header(header)
    if not newline or not body.strip():
        raise MalformedPayloadError("the datagram has a header and no document")
    return body


def _check_header(header: bytes) -> None:
    try:
        told = _HEADER.decode(header)
    except (ValueError, RecursionError):
        raise MalformedPayloadError(f"the datagram does not begin with X-Ray's header line: {header[:64]!r}") from None
    if told.format.casefold() != "json" or told.version != 1:
        raise MalformedPayloadError(f"the header names another format or version: {header[:64]!r}")
