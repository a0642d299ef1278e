"""Values that attributes keep for a document: JSON text, and types that a store has turned into text."""

from typing import Any, Final

import msgspec
from msgspec import Raw

from taskscope.model.attributes import AttributeValue
from taskscope.wire.xray.document import Int64

DECODERS: Final[dict[type, msgspec.json.Decoder[Any]]] = {
    str: msgspec.json.Decoder(str),
    bool: msgspec.json.Decoder(bool),
    int: msgspec.json.Decoder(Int64),
    list: msgspec.json.Decoder(list[str]),
}


def coerce(value: AttributeValue, kind: type) -> object:
    """
    Give a value its type back.

    Raises:
        ValueError: The text reads as no value of that type.
    """
    return DECODERS[kind].decode(value) if isinstance(value, str) and kind is not str else value


def json_text(value: AttributeValue) -> Raw:
    """
    Take JSON text as it is.

    Raises:
        ValueError: This is no JSON.
    """
    if not isinstance(value, str):
        raise ValueError("JSON text is a string")  # noqa: TRY004 (one kind of error for a value that is not ours)
    encoded = value.encode()
    return msgspec.json.decode(encoded, type=Raw)
