"""
The decoder for documents that the typed one refuses: unknown members, odd types, half-broken text.

What fits a field of the typed document is put there, everything else is kept as its JSON text in ``other``, so that
one more member does not cost a document its meaning. Five times slower than the typed decoder (29 us for 6), and exact
like it.
"""

import re
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import fields

from taskscope.errors import MalformedPayloadError
from taskscope.wire.xray.document import (
    MAX_DEPTH,
    Annotation,
    Call,
    Document,
    Http,
    LenientDocument,
    LenientSubsegment,
    Node,
    Other,
    Request,
    Response,
    Scalar,
    Subsegment,
)

_MEMBERS: Final = msgspec.json.Decoder(dict[str, Raw])
_ITEMS: Final = msgspec.json.Decoder(list[Raw])
_DECODERS: Final[dict[type[Struct], dict[str, msgspec.json.Decoder[Any]]]] = {
    shape: {field.name: msgspec.json.Decoder(field.type) for field in fields(shape) if field.name != "other"}
    for shape in (LenientDocument, LenientSubsegment, Request, Response)
}
_VALUES: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    "annotations": msgspec.json.Decoder(Annotation),
    "sql": msgspec.json.Decoder(Scalar | None),
    "aws": msgspec.json.Decoder(Scalar | list[str]),
}
"""What a value in a block of members may be."""
_HTTP: Final[dict[str, type[Request | Response]]] = {"request": Request, "response": Response}
_DIGITS: Final = re.compile(rb'"([0-9]{1,18})"')
_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)", re.DOTALL
)
_ONE_HALF: Final = len(rb"\ud83d")


def whole_escapes(text: bytes) -> bytes:
    """Put U+FFFD for each half of a surrogate pair: what JavaScript writes when it cuts a string inside an emoji."""
    return _ESCAPE.sub(lambda match: rb"\ufffd" if len(match[0]) == _ONE_HALF else match[0], text)


def decode_leniently(text: bytes) -> Document:
    """
    Read one document, keeping what does not fit.

    Raises:
        MalformedPayloadError: ``id`` or ``start_time`` is missing or of a wrong type, here or in a subsegment, or
            subsegments are no list or nested too deeply.
        msgspec.DecodeError: This is no JSON object.
    """
    known, other = _sort_members(LenientDocument, _MEMBERS.decode(text), 0)
    return LenientDocument(**known, other=other)


def _sort_members(shape: type[Node], members: dict[str, Raw], depth: int) -> tuple[dict[str, Any], Other]:
    """Read the members that have a field; the others stay text."""
    known: dict[str, Any] = {}
    other: Other = {}
    decoders = _DECODERS[shape]
    for name, text in members.items():
        decoder = decoders.get(name)
        try:
            if decoder is None:
                other[name] = text
            elif name == "subsegments":
                known[name] = [_subsegment(item, depth + 1) for item in _items(text)]
            else:
                known[name] = decoder.decode(text)
        except msgspec.ValidationError:
            _sort_block(name, text, known, other)
    what = "the document" if depth == 0 else "a subsegment"
    for name in ("id", "start_time"):
        if name not in known:
            raise MalformedPayloadError(f"{what} has no {name}, or it is of a wrong type")
    return known, other


def _object(text: Raw) -> dict[str, Raw] | None:
    try:
        return _MEMBERS.decode(text)
    except msgspec.ValidationError:
        return None


def _items(text: Raw) -> list[Raw]:
    """Open a list of subsegments; null is an empty one, and is given back as such."""
    try:
        return _ITEMS.decode(text) if bytes(text) != b"null" else []
    except msgspec.ValidationError:
        raise MalformedPayloadError("subsegments are no JSON array") from None


def _subsegment(text: Raw, depth: int) -> Subsegment:
    if depth > MAX_DEPTH:
        raise MalformedPayloadError(f"subsegments are nested more than {MAX_DEPTH} deep")
    if (members := _object(text)) is None:
        raise MalformedPayloadError("a subsegment is no JSON object")
    known, other = _sort_members(LenientSubsegment, members, depth)
    return LenientSubsegment(**known, other=other)


def _sort_block(name: str, text: Raw, known: dict[str, Any], other: Other) -> None:
    """Save from a block of members what its type allows; anything else stays text as a whole."""
    if name not in _VALUES and name != "http":
        other[name] = text
        return
    if (members := _object(text)) is None:
        other[name] = text
        return
    known[name], rest = _sort_http(members) if name == "http" else _sort_values(name, members)
    if rest:
        other[name] = rest


def _sort_values(block: str, members: dict[str, Raw]) -> tuple[dict[str, Any], Other]:
    """Part the values that fit from those that do not."""
    known: dict[str, Any] = {}
    rest: Other = {}
    for name, text in members.items():
        try:
            known[name] = _VALUES[block].decode(text)
        except msgspec.ValidationError:
            rest[name] = text
    return known, rest


def _sort_http(members: dict[str, Raw]) -> tuple[Http, Other]:
    """Part ``request`` and ``response`` each, and what else is there."""
    known: dict[str, Any] = {}
    rest: Other = {}
    for name, text in members.items():
        if (shape := _HTTP.get(name)) is None or (inner := _object(text)) is None:
            rest[name] = text
            continue
        fitting, left = _sort_fields(shape, inner)
        known[name] = shape(**fitting)
        if left:
            rest[name] = left
    return Http(**known), rest


def _sort_fields(shape: type[Request | Response], members: dict[str, Raw]) -> tuple[dict[str, Any], Other]:
    """Part what fits a shape; a number that is sent as text counts, and is kept as text beside it."""
    known: dict[str, Any] = {}
    rest: Other = {}
    for name, text in members.items():
        try:
            decoder = _DECODERS[shape].get(name)
            if decoder is None:
                rest[name] = text
            else:
                known[name] = decoder.decode(text)
        except msgspec.ValidationError:
            rest[name] = text
            if shape is Response and (digits := _DIGITS.fullmatch(bytes(text))):
                known[name] = int(digits[1])
    return known, rest


def decode_call(text: Raw) -> tuple[Call, Other]:
    """Read the ``aws`` block of a subsegment sent alone: what is known, and the text of the rest."""
    return _sort_values("aws", _MEMBERS.decode(text))
