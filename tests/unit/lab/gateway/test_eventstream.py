import asyncio
import json
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any

from botocore.eventstream import EventStreamBuffer
from hypothesis import given
from hypothesis import strategies as st

from taskscope.lab.gateway.eventstream import event, frames, message
from taskscope.lab.gateway.models import service_model
from taskscope.lab.gateway.service import ApiError, Document, EventStream

_HEADERS = st.dictionaries(st.text("abc:-", min_size=1, max_size=20), st.text(max_size=50), max_size=4)


def test_a_frame_byte_by_byte() -> None:
    """Two lengths, their checksum, headers of type 7, the payload and the checksum of it all."""
    headers = (
        b"\x0d:message-type\x07\x00\x05event"
        b"\x0b:event-type\x07\x00\x0csessionStart"
        b"\x0d:content-type\x07\x00\x10application/json"
    )
    prelude = struct.pack(">II", 12 + len(headers) + 2 + 4, len(headers))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    body = prelude + headers + b"{}"

    assert event("sessionStart", {}) == body + struct.pack(">I", zlib.crc32(body))


def _read(buffer: EventStreamBuffer) -> list[tuple[Any, bytes]]:
    """Take headers and payload out of what has been received."""
    return [(read.headers, read.payload) for read in buffer]


@given(_HEADERS, st.binary(max_size=200))
def test_botocore_reads_every_frame(headers: dict[str, str], payload: bytes) -> None:
    """The reader that clients use checks lengths and both checksums."""
    buffer = EventStreamBuffer()
    buffer.add_data(message(headers, payload))

    [read] = _read(buffer)

    assert read == (headers, payload)


def _all_frames(events: AsyncIterator[tuple[str, Document]]) -> list[tuple[Any, bytes]]:
    operation = service_model("logs").operation_model("StartLiveTail")

    async def collect() -> list[bytes]:
        return [frame async for frame in frames(operation, EventStream(events))]

    buffer = EventStreamBuffer()
    for frame in asyncio.run(collect()):
        buffer.add_data(frame)
    return _read(buffer)


async def _events(*items: tuple[str, Document] | Exception) -> AsyncIterator[tuple[str, Document]]:
    for item in items:
        if isinstance(item, Exception):
            raise item
        yield item


def test_the_initial_response_comes_first_and_events_are_strict() -> None:
    """A member that the model lacks ends the stream with an error that names it."""
    update: dict[str, Any] = {"sessionMetadata": {"sampled": False}, "sessionResults": []}
    read = _all_frames(_events(("sessionUpdate", update), ("sessionUpdate", {"wrong": 1})))

    assert [headers.get(":event-type") for headers, _ in read] == ["initial-response", "sessionUpdate", None]
    assert json.loads(read[1][1]) == update
    assert read[2][0][":message-type"] == "error"
    assert "wrong" in read[2][0][":error-message"]


def test_errors_inside_a_stream_are_frames() -> None:
    """An error of the API is an exception frame with its code."""
    _, (headers, payload) = _all_frames(_events(ApiError("ResourceNotFoundException", "gone")))
    assert (headers[":message-type"], headers[":exception-type"]) == ("exception", "ResourceNotFoundException")
    assert json.loads(payload) == {"message": "gone"}


def test_a_member_that_is_an_exception_ends_the_stream() -> None:
    """What would follow is not sent."""
    read = _all_frames(_events(("SessionTimeoutException", {"message": "end"}), ("sessionUpdate", {})))
    assert [headers[":message-type"] for headers, _ in read] == ["event", "exception"]
