"""What the head of an HTTP request says: which signal, in which form, how compressed, how large."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from taskscope.receivers.otlp.refusal import ENCODING, PATH, SIZE, TYPE, RefusedError
from taskscope.spool.frame import Encoding, Kind

PROTOBUF: Final = b"application/x-protobuf"
JSON: Final = b"application/json"

Headers: TypeAlias = Mapping[bytes, bytes]
"""Header values by lower-case name; those of a repeated header are joined with commas, as HTTP reads them."""

# Paths, content types: OTLP 1.x, "OTLP/HTTP Request".
_KINDS: Final = {
    "/v1/traces": {PROTOBUF: Kind.OTLP_TRACES_PROTOBUF, JSON: Kind.OTLP_TRACES_JSON},
    "/v1/metrics": {PROTOBUF: Kind.OTLP_METRICS_PROTOBUF, JSON: Kind.OTLP_METRICS_JSON},
    "/v1/logs": {PROTOBUF: Kind.OTLP_LOGS_PROTOBUF, JSON: Kind.OTLP_LOGS_JSON},
}
_ENCODINGS: Final = {
    b"": Encoding.IDENTITY,
    b"identity": Encoding.IDENTITY,
    b"gzip": Encoding.GZIP,
    b"x-gzip": Encoding.GZIP,
    b"zstd": Encoding.ZSTD,
}


class Head(NamedTuple):
    """A request that may be read."""

    kind: Kind
    encoding: Encoding


def headers_of(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return the headers of a request by name."""
    headers: dict[bytes, bytes] = {}
    for name, value in pairs:
        headers[name] = headers[name] + b"," + value if name in headers else value
    return headers


def media_type(headers: Headers) -> bytes:
    """Return the content type without its parameters, such as ``charset``."""
    return headers.get(b"content-type", b"").partition(b";")[0].strip().lower()


def kinds_at(path: str) -> Mapping[bytes, Kind]:
    """
    Return what a path takes, by content type; a slash at its end means nothing.

    Raises:
        RefusedError: Nothing is there.
    """
    kinds = _KINDS.get(path.removesuffix("/"))
    if kinds is None:
        raise RefusedError(PATH, "send to /v1/traces, /v1/metrics or /v1/logs")
    return kinds


def head_of(kinds: Mapping[bytes, Kind], headers: Headers, max_body_bytes: int) -> Head:
    """
    Read what the headers say of the body.

    Raises:
        RefusedError: Its type, its encoding or its size is none that is taken.
    """
    kind = kinds.get(media_type(headers))
    if kind is None:
        raise RefusedError(TYPE, "the content type must be application/x-protobuf or application/json")
    encoding = _ENCODINGS.get(headers.get(b"content-encoding", b"").strip().lower())
    if encoding is None:
        raise RefusedError(ENCODING, "the content encoding must be gzip, zstd or identity")
    if int(headers.get(b"content-length", b"0")) > max_body_bytes:
        raise RefusedError(SIZE, f"the body is larger than {max_body_bytes} bytes")
    return Head(kind, encoding)
