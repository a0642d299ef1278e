"""
What all three signals share in OTLP/JSON: values, attributes, resources, scopes, ids, numbers; read.

OTLP's JSON is Protobuf's with ids in hex and enums as numbers (opentelemetry-proto, ``docs/specification.md``). As
Protobuf's mapping says, keys that are not known are passed over, null stands for what is not set, and numbers may be
strings. More is taken than OTLP allows where it cannot be mistaken: enums by name, ids in base64.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Final, TypeAlias

import msgspec

from taskscope.errors import MalformedPayloadError
from taskscope.model.attributes import AttributeValue
from taskscope.model.resource import Resource, Scope
from taskscope.wire.otlp.rules import MAX_NESTING, usable_id

Int64: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Int32: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Uint32: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
Uint64: TypeAlias = int
"""Still to be checked by ``unsigned``: msgspec has no bounds beyond 63 bits."""
Enum: TypeAlias = Int32 | str


class Message(msgspec.Struct, rename="camel", gc=False):
    """A JSON object whose keys are its fields' names in lowerCamelCase."""


class AnyValue(Message):
    """A value of one kind, or of none."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: Int64 | None = None
    double_value: float | None = None
    array_value: "ArrayValue | None" = None
    kvlist_value: "KeyValueList | None" = None
    bytes_value: str | None = None


class ArrayValue(Message):
    """A list of values."""

    values: list[AnyValue] | None = None


class KeyValue(Message):
    """One attribute."""

    key: str | None = None
    value: AnyValue | None = None


class KeyValueList(Message):
    """A map."""

    values: list[KeyValue] | None = None


class ResourceMessage(Message):
    """Who produced telemetry."""

    attributes: list[KeyValue] | None = None


class ScopeMessage(Message):
    """Which library produced it."""

    name: str | None = None
    version: str | None = None
    attributes: list[KeyValue] | None = None


@contextmanager
def reading(request: str) -> Iterator[None]:
    """
    Turn what goes wrong while a request of that name is read into one error.

    Raises:
        MalformedPayloadError: The body is no such request.
    """
    try:
        yield
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise MalformedPayloadError(f"the body does not read as {request} in JSON: {error}") from error


def read_value(value: AnyValue | None, room: int = MAX_NESTING) -> AttributeValue:
    """
    Read a value of any kind; None where none is set.

    Raises:
        ValueError: Lists and maps are nested deeper than ``room``, or bytes are not base64.
    """
    if value is None:
        return None
    if value.string_value is not None:
        return value.string_value
    if value.int_value is not None:
        return value.int_value
    if value.bool_value is not None:
        return value.bool_value
    if value.double_value is not None:
        return value.double_value
    if value.bytes_value is not None:
        return _from_base64(value.bytes_value)
    return _read_nested(value, room - 1)


def _read_nested(value: AnyValue, room: int) -> AttributeValue:
    nested = value.array_value or value.kvlist_value
    if nested and room < 0:
        raise ValueError(f"lists and maps are nested deeper than {MAX_NESTING}")
    match nested:
        case ArrayValue():
            return [read_value(item, room) for item in nested.values or ()]
        case KeyValueList():
            return read_attributes(nested.values, room)
        case _:
            return None


def read_attributes(pairs: Iterable[KeyValue] | None, room: int = MAX_NESTING) -> dict[str, AttributeValue]:
    """Read keys and values; of a key that comes twice the last value counts."""
    return {pair.key or "": read_value(pair.value, room) for pair in pairs or ()}


def read_resource(message: ResourceMessage | None, schema_url: str | None) -> Resource:
    """Read who sent the telemetry."""
    return Resource(read_attributes(message.attributes) if message else {}, schema_url or "")


def read_scope(message: ScopeMessage | None, schema_url: str | None) -> Scope:
    """Read which library made the telemetry."""
    scope = message or ScopeMessage()
    return Scope(scope.name or "", scope.version or "", read_attributes(scope.attributes), schema_url or "")


def read_id(text: str | None, size: int) -> bytes:
    """
    Read an id in hex of any case, or in base64, which has another length; empty if it is not valid.

    Base64 is what Protobuf's own mapping makes of bytes, and so what senders with a stock JSON printer send.
    """
    try:
        if text and len(text) == 2 * size:
            return usable_id(bytes.fromhex(text), size)
        return usable_id(base64.b64decode(text or "", validate=True), size)
    except ValueError:
        return b""


def unsigned(number: int | None) -> int:
    """
    Return a number of 64 bits, 0 for None.

    Raises:
        ValueError: It is negative or has more bits.
    """
    if number is None:
        return 0
    if number >> 64:
        raise ValueError("a time or count is no unsigned integer of 64 bits")
    return number


def enum_number(value: int | str | None, names: Mapping[str, int]) -> int:
    """Return an enum's number, given as such or as a name; 0, which is every enum's "unspecified", for other text."""
    return value if isinstance(value, int) else names.get(value or "", 0)


_URL_SAFE: Final = str.maketrans("-_", "+/")


def _from_base64(text: str) -> bytes:
    """Read either alphabet, padded or not, as Protobuf's mapping demands."""
    digits = text.translate(_URL_SAFE).rstrip("=")
    return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
