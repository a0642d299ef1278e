"""Where zstd's frames end (RFC 8878, 3.1): its library decodes half a frame without a word."""

from typing import Final

_MAGIC: Final = 0xFD2FB528
_SKIPPABLE: Final = range(0x184D2A50, 0x184D2A60)
_DICTIONARY_BYTES: Final = (0, 1, 2, 4)
_SIZE_BYTES: Final = (0, 2, 4, 8)
_RLE: Final = 1


def ends_whole(body: bytes) -> bool:
    """Tell whether bytes are whole frames, one after another, by the lengths that they state."""
    at: int | None = 0
    while at is not None and at < len(body):
        at = _frame_end(body, at)
    return at == len(body)


def _frame_end(body: bytes, start: int) -> int | None:
    """Return where a frame ends, which may be behind the bytes that are there; None if there is no frame."""
    magic = _number(body, start, 4)
    if magic in _SKIPPABLE:
        return start + 8 + _number(body, start + 4, 4) if start + 8 <= len(body) else None
    if magic != _MAGIC or start + 5 > len(body):
        return None
    descriptor = body[start + 4]
    is_single = descriptor >> 5 & 1
    size_bytes = _SIZE_BYTES[descriptor >> 6] or is_single
    at = start + 5 + (not is_single) + _DICTIONARY_BYTES[descriptor & 3] + size_bytes
    checksum_bytes = 4 if descriptor >> 2 & 1 else 0
    while at + 3 <= len(body):
        block = _number(body, at, 3)
        kind, size = block >> 1 & 3, block >> 3
        at += 3 + (1 if kind == _RLE else size)
        if block & 1:
            return at + checksum_bytes
    return None


def _number(body: bytes, at: int, length: int) -> int:
    return int.from_bytes(body[at : at + length], "little")
