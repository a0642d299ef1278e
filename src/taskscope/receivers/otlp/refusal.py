"""Why a request is refused, and what its sender is told: google.rpc.Status, built by hand (three fields)."""

import json
from dataclasses import dataclass
from typing import Final, NamedTuple

from taskscope.clock import SECOND


class Reason(NamedTuple):
    """One way to refuse: its name in the counters, the statuses of HTTP and of gRPC, and whether a retry can help."""

    name: str
    http: int
    grpc: int
    """A number of google.rpc.Code."""
    retry: bool = False


# Senders retry 429, 502, 503 and 504 only (not 408 and 500), and over gRPC UNAVAILABLE, and RESOURCE_EXHAUSTED with
# RetryInfo: OTLP 1.x, "Retryable Response Codes". So whatever is no fault of the request itself is 429 or 503.
TOKEN: Final = Reason("token", 401, 16)
PATH: Final = Reason("path", 404, 12)
METHOD: Final = Reason("method", 405, 12)
TYPE: Final = Reason("type", 415, 3)
ENCODING: Final = Reason("encoding", 415, 3)
SIZE: Final = Reason("size", 413, 8)
FRAMING: Final = Reason("framing", 400, 3)
FULL: Final = Reason("full", 429, 8, retry=True)
BUSY: Final = Reason("busy", 503, 14, retry=True)
SLOW: Final = Reason("slow", 503, 14, retry=True)
STORAGE: Final = Reason("storage", 503, 14, retry=True)


class RefusedError(Exception):
    """A request is not taken; the sender is told why."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Status:
    """A google.rpc.Status; ``retry_ns`` makes it carry a google.rpc.RetryInfo."""

    code: int
    message: str
    retry_ns: int | None = None

    def protobuf(self) -> bytes:
        """Encode: code = 1, message = 2, details = 3 (google/rpc/status.proto)."""
        code = b"\x08" + _varint(self.code) if self.code else b""
        details = b"" if self.retry_ns is None else _field(3, _any_retry_info(self.retry_ns))
        return code + _field(2, self.message.encode()) + details

    def json(self) -> bytes:
        """Encode in the JSON mapping of Protobuf."""
        return json.dumps({"code": self.code, "message": self.message}, separators=(",", ":")).encode()


def retry_info(delay_ns: int) -> bytes:
    """Encode a google.rpc.RetryInfo: retry_delay = 1: Duration{seconds = 1, nanos = 2}."""
    seconds, nanos = divmod(delay_ns, SECOND)
    return _field(1, b"\x08" + _varint(seconds) + b"\x10" + _varint(nanos))


def _any_retry_info(delay_ns: int) -> bytes:
    """Encode it in a google.protobuf.Any: type_url = 1, value = 2."""
    return _field(1, b"type.googleapis.com/google.rpc.RetryInfo") + _field(2, retry_info(delay_ns))


def _field(number: int, content: bytes) -> bytes:
    """Return a length-delimited field (wire type 2)."""
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:  # noqa: PLR2004 (seven bits a byte)
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
