"""One message of the events endpoint or of a queue: what is inside its envelopes."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from taskscope.errors import MalformedPayloadError
from taskscope.model.change import EcsChange
from taskscope.model.log import LogRecord
from taskscope.wire.eventbridge.change import read_change
from taskscope.wire.eventbridge.telemetry import is_telemetry, read_telemetry

_MAX_ENVELOPES: Final = 8
"""Deeper than an array of SNS notifications in SQS records; what nests deeper was built to."""


class Decoded(NamedTuple):
    """What a message says, in its order."""

    changes: list[EcsChange]
    logs: list[LogRecord]


def decode(message: bytes, *, received_ns: int) -> Decoded:
    """
    Read a message: an EventBridge event about ECS, an event of Lambda's Telemetry API, or an array of such.

    They may be wrapped as SQS and SNS wrap them: ``Records`` with a body or a notification, and a notification itself.

    Raises:
        MalformedPayloadError: The message is no JSON, or something in it is none of these; then nothing of it is given.
    """
    decoded = Decoded([], [])
    for event in _unwrap(message, _MAX_ENVELOPES):
        if is_telemetry(event):
            decoded.logs.append(read_telemetry(event, received_ns=received_ns))
        else:
            decoded.changes.append(read_change(event))
    return decoded


def _unwrap(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if not depth:
        raise MalformedPayloadError("the message has too many envelopes")
    if isinstance(value, str | bytes):
        yield from _unwrap(_json(value), depth - 1)
    elif isinstance(value, list):
        for each in value:
            yield from _unwrap(each, depth - 1)
    elif not isinstance(value, dict):
        raise MalformedPayloadError("the message is no event: neither a JSON object nor an array of them")
    elif isinstance(value.get("Records"), list):
        for record in value["Records"]:
            yield from _unwrap(_content(record), depth - 1)
    elif value.get("Type") == "Notification":
        yield from _unwrap(value.get("Message"), depth - 1)
    else:
        yield value


def _content(record: Any) -> Any:
    """Return what a record of SQS or SNS brings."""
    match record:
        case {"body": body}:
            return body
        case {"Sns": {"Message": message}}:
            return message
    raise MalformedPayloadError("a record is neither of SQS nor of SNS")


def _json(text: str | bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedPayloadError(f"the message is no JSON: {error}") from None
