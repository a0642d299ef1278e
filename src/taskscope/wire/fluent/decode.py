"""Log records of one forward message."""

from datetime import datetime
from typing import Any, Final

import msgspec

from taskscope.errors import MalformedPayloadError
from taskscope.model.attributes import AttributeValue
from taskscope.model.log import LogRecord
from taskscope.wire.fluent.firelens import container_of_tag, take_resource
from taskscope.wire.fluent.unpack import DEFAULT_LIMIT_BYTES, Entry, Message, Unpack, text, unpack
from taskscope.wire.log_fields import take_meaning

_MAX_DEPTH: Final = 32
"""Nesting of a record's fields."""
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})
_STREAMS: Final = ("stdout", "stderr")
_SECOND: Final = 1_000_000_000


def decode(
    message: bytes, *, received_ns: int, limit_bytes: int = DEFAULT_LIMIT_BYTES, unpacker: Unpack = unpack
) -> list[LogRecord]:
    """
    Read one message: a record for each entry, in their order; none for a heartbeat.

    The body is the field ``log``; if that holds a JSON object, its message, and its other members become attributes.
    Without ``log`` it is ``message`` or ``msg``, without these the record itself. Level, time and trace ids are read
    from the fields that usually hold them. ``source`` becomes ``log.iostream``, the tag ``fluent.tag``. Where a sender
    tells whole seconds, as Docker's log driver does unless it is told otherwise, ``log.record.uid`` numbers the records
    in the order in which they came.

    Raises:
        MalformedPayloadError: The bytes are no forward message, nest too deep, or hold more than ``limit_bytes`` when
            decompressed.
    """
    tag, entries = content = unpacker(message, limit_bytes)
    try:
        container = container_of_tag(tag)
        return [_read(entry, tag, container, received_ns, number) for number, entry in enumerate(entries)]
    except RecursionError:
        raise MalformedPayloadError(_too_deep(content)) from None


def _too_deep(content: Message) -> str:
    return f"a record of tag {content.tag[:64]!r} nests too deep"


def _read(entry: Entry, tag: str, container: str, received_ns: int, number: int) -> LogRecord:
    fields = _map(entry.record, _MAX_DEPTH)
    resource = take_resource(fields, container)
    if fields.get("source") in _STREAMS:
        fields["log.iostream"] = fields.pop("source")
    line = fields.pop("log", None)
    inner = _json_object(line)
    if inner is not None:
        fields |= inner
    whole = dict(fields) if line is None else line
    meaning = take_meaning(fields, with_message=line is None or inner is not None)
    fields["fluent.tag"] = tag
    time_ns = meaning.time_ns or entry.time_ns or received_ns
    if time_ns % _SECOND == 0:
        fields["log.record.uid"] = str((received_ns // 1000 << 12) + number)  # microseconds, and 4,096 in each
    if entry.metadata:
        fields["fluent.metadata"] = _value(entry.metadata, _MAX_DEPTH)
    return LogRecord(
        time_ns=time_ns,
        body=whole if meaning.message is None else meaning.message,
        attributes=fields,
        resource=resource,
        severity_number=meaning.severity_number,
        severity_text=meaning.severity_text,
        trace_id=meaning.trace_id,
        span_id=meaning.span_id,
        observed_ns=received_ns,
    )


def _json_object(line: AttributeValue) -> dict[str, AttributeValue] | None:
    """Read a line that is a JSON object; None for any other line."""
    if not isinstance(line, str) or not line.lstrip().startswith("{"):
        return None
    try:
        found: dict[str, AttributeValue] = msgspec.json.decode(line)
        return _map(found, _MAX_DEPTH)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _map(record: dict[Any, Any], depth: int) -> dict[str, AttributeValue]:
    return {
        key if type(key) is str else _key(key): value if type(value) in _SCALARS else _value(value, depth)
        for key, value in record.items()
    }


def _key(key: Any) -> str:
    if isinstance(key, str | bytes | int | float | None):
        return text(key)
    raise MalformedPayloadError("the key of a field is no text")


def _value(value: Any, depth: int) -> AttributeValue:
    """Make an attribute's value of what MessagePack or JSON gave; raises RecursionError where it nests too deep."""
    if type(value) in _SCALARS:
        return value  # type: ignore[no-any-return]
    if not depth:
        raise RecursionError
    if isinstance(value, bytes):
        return text(value)
    if isinstance(value, dict):
        return _map(value, depth - 1)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [_value(each, depth - 1) for each in value]
    return bytes(value.data)
