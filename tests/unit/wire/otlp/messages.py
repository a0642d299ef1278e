"""Any Protobuf message as a hypothesis strategy, and OTLP's way of writing it as JSON."""

import base64
import json
from typing import Any, Final, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

MessageT = TypeVar("MessageT", bound=Message)

# Resource, scope, metric, data, point, exemplar, attribute, value and a list or map in it, with a value.
_DEPTH: Final = 11

# Resources, scopes and what is in them: of these there is one at least, so that few requests are empty.
_OUTER: Final = 3

_MOSTLY: Final = st.sampled_from([True, True, True, False])

# Adding 0.0 makes 0.0 of -0.0, which JSON's writer leaves out like 0.0 where a field has no presence.
_DOUBLES: Final = st.floats().map(lambda number: number + 0.0)


def _bits(size: int, *, signed: bool) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (size - 1)), 2 ** (size - 1) - 1) if signed else st.integers(0, 2**size - 1)


_SCALARS: Final[dict[int, st.SearchStrategy[Any]]] = {
    FieldDescriptor.TYPE_STRING: st.text(max_size=5),
    FieldDescriptor.TYPE_BYTES: st.binary(max_size=5),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_DOUBLE: _DOUBLES,
    FieldDescriptor.TYPE_INT32: _bits(32, signed=True),
    FieldDescriptor.TYPE_SINT32: _bits(32, signed=True),
    FieldDescriptor.TYPE_UINT32: _bits(32, signed=False),
    FieldDescriptor.TYPE_FIXED32: _bits(32, signed=False),
    FieldDescriptor.TYPE_INT64: _bits(64, signed=True),
    FieldDescriptor.TYPE_SFIXED64: _bits(64, signed=True),
    FieldDescriptor.TYPE_UINT64: _bits(64, signed=False),
    FieldDescriptor.TYPE_FIXED64: _bits(64, signed=False),
    FieldDescriptor.TYPE_ENUM: st.integers(0, 5),
}


def _value(field: Any, depth: int) -> st.SearchStrategy[Any]:
    if field.message_type is not None:
        return _fields(GetMessageClass(field.message_type), depth - 1)
    if field.name.endswith("_id"):
        size = 16 if field.name == "trace_id" else 8
        valid = [b"\1" * size, b"\0" * (size - 1) + b"\1", b"\xff" * size]
        return st.sampled_from([*valid, *valid, *valid, bytes(size), b"", b"short"])
    return _SCALARS[field.type]


@st.composite
def _fields(draw: st.DrawFn, kind: type[MessageT], depth: int) -> MessageT:
    """Set most fields, of a oneof one at most; at the bottom none that holds messages."""
    message = kind()
    chosen = [draw(st.sampled_from([*oneof.fields, None])) for oneof in kind.DESCRIPTOR.oneofs]
    for field in kind.DESCRIPTOR.fields:
        if (field.containing_oneof and field not in chosen) or (field.message_type and depth == 0):
            continue
        if field.is_repeated:
            outer = field.message_type is not None and depth > _DEPTH - _OUTER
            values = draw(st.lists(_value(field, depth), min_size=outer, max_size=2))
            getattr(message, field.name).extend(values)
        elif field in chosen or draw(_MOSTLY):
            value = draw(_value(field, depth))
            if field.message_type is not None:
                getattr(message, field.name).CopyFrom(value)
            else:
                setattr(message, field.name, value)
    return message


def messages(kind: type[MessageT]) -> st.SearchStrategy[MessageT]:
    """Make messages with every field that the protocol declares, ids often valid, values nested a little."""
    return _fields(kind, _DEPTH)


def otlp_json(message: Message, *, enum_names: bool = False) -> bytes:
    """Write a request as OTLP/JSON: Protobuf's own mapping, but ids in hex and, unless asked, enums as numbers."""
    document = MessageToDict(message, use_integers_for_enums=not enum_names)
    _hex_ids(document)
    return json.dumps(document).encode()


def _hex_ids(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _hex_ids(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in {"traceId", "spanId", "parentSpanId"}:
                node[key] = base64.b64decode(value).hex()
            else:
                _hex_ids(value)
