"""Many Protobuf messages in one stream, as an engine reads them: each behind its length."""

from collections.abc import Iterable


def delimited(bodies: Iterable[bytes]) -> bytes:
    """Join messages, each with its length before it as a varint: ClickHouse's format ``Protobuf``."""
    parts: list[bytes] = []
    for body in bodies:
        parts += (_varint(len(body)), body)
    return b"".join(parts)


def _varint(number: int) -> bytes:
    """Write seven bits a byte, the lowest first; all but the last byte have the highest bit set."""
    written = bytearray()
    while number >> 7:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
