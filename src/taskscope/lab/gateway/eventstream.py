"""
``application/vnd.amazon.eventstream``: binary frames with string headers and two checksums (embedded-aws, section 4).

For the json protocol the first frame is ``initial-response``; an error that comes later is a frame too.
"""

import json
import logging
import struct
import zlib
from collections.abc import AsyncGenerator
from typing import Any, Final

from botocore.model import OperationModel

from taskscope.lab.gateway.encode import dump
from taskscope.lab.gateway.service import ApiError, EventStream

MEDIA_TYPE: Final = "application/vnd.amazon.eventstream"

_LOG: Final = logging.getLogger(__name__)
_STRING: Final = b"\x07"
_OVERHEAD: Final = 16
"""Bytes of a message beside headers and payload: two lengths and two checksums."""


def message(headers: dict[str, str], payload: bytes) -> bytes:
    """Write one message: prelude with its checksum, headers, payload, checksum of it all."""
    head = b"".join(_header(name, text) for name, text in headers.items())
    prelude = struct.pack(">II", _OVERHEAD + len(head) + len(payload), len(head))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    whole = prelude + head + payload
    return whole + struct.pack(">I", zlib.crc32(whole))


def _header(name: str, text: str) -> bytes:
    value = text.encode()
    return bytes([len(name)]) + name.encode() + _STRING + struct.pack(">H", len(value)) + value


def event(kind: str, payload: Any) -> bytes:
    """Write an event with a JSON payload."""
    headers = {":message-type": "event", ":event-type": kind, ":content-type": "application/json"}
    return message(headers, _json(payload))


def _exception(kind: str, payload: Any) -> bytes:
    headers = {":message-type": "exception", ":exception-type": kind, ":content-type": "application/json"}
    return message(headers, _json(payload))


def _json(payload: Any) -> bytes:
    return json.dumps(payload, separators=(",", ":")).encode()


async def frames(operation: OperationModel, answer: EventStream) -> AsyncGenerator[bytes, None]:
    """Encode an event stream by the model, frame by frame; a member that the model marks as exception ends it."""
    shape: Any = operation.get_event_stream_output()
    yield event("initial-response", {})
    try:
        async for kind, payload in answer.events:
            member = shape.members[kind]
            encoded = dump(member, payload)
            if member.metadata.get("exception"):
                yield _exception(kind, encoded)
                return
            yield event(kind, encoded)
    except ApiError as error:
        yield _exception(error.code, {"message": error.message})
    except Exception as error:  # noqa: BLE001 the client is told, whatever went wrong
        _LOG.exception("the event stream of %s broke", operation.name)
        headers = {":message-type": "error", ":error-code": "InternalFailure", ":error-message": str(error)[:1000]}
        yield message(headers, b"")
