"""
Where in OTLP bodies the values may be that SQL cannot write as text, found without reading the bodies.

A value is field 2 of its KeyValue, so 0x12, a length, then the tag of its kind: 0x2a a list, 0x32 a map, 0x21 a double.
Such bytes may stand for something else: a mark is a hint, and the walk to it proves it.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

_Bytes = npt.NDArray[np.uint8]
_Positions = npt.NDArray[np.int64]

_VALUE: Final = 0x12
_LIST: Final = 0x2A
_MAP: Final = 0x32
_DOUBLE: Final = 0x21
_MORE: Final = 0x80
"""The bit of a byte of a length that says that more follow."""
_LENGTH: Final = 5
"""Bytes of a length, at most."""
_AFTER: Final = 16
"""What may be looked at after the last byte."""
_CHUNK: Final = 1 << 18
"""Bytes looked at together: their comparisons stay in the processor's cache."""
_PLAIN_FROM, _PLAIN_TO = 1e-4, 1e16
"""Between these Python and ClickHouse write the same digits of a double; beyond, Python writes an exponent."""


def find_marks(data: bytes) -> _Positions:
    """Return the positions of values in ``data`` that need another form, in order; a few of them may be none."""
    padded = np.frombuffer(data + bytes(_AFTER), np.uint8)
    pairs = [_candidates(padded, start, min(start + _CHUNK, len(data))) for start in range(0, len(data), _CHUNK)]
    nested = np.concatenate([nested for nested, _ in pairs]) if pairs else np.zeros(0, np.int64)
    doubles = np.concatenate([doubles for _, doubles in pairs]) if pairs else nested
    return np.sort(np.concatenate([_nested(padded, nested), _odd(padded, doubles)]))


def _candidates(padded: _Bytes, start: int, end: int) -> tuple[_Positions, _Positions]:
    """Return where values may be that are lists or maps, and where values that are doubles."""
    tags = padded[start:end] == _VALUE
    kinds = padded[start + 2 : end + 2]
    long = padded[start + 1 : end + 1] >= _MORE
    nested = np.flatnonzero(tags & ((kinds == _LIST) | (kinds == _MAP) | long))
    return nested + start, np.flatnonzero(tags & (kinds == _DOUBLE)) + start


def _nested(padded: _Bytes, tags: _Positions) -> _Positions:
    """Keep lists and maps whose two lengths, of the value and of what is in it, agree."""
    outer, values = _read_lengths(padded, tags + 1)
    values = values[kept := (padded[values] == _LIST) | (padded[values] == _MAP)]
    inner, contents = _read_lengths(padded, values + 1)
    nested: _Positions = values[outer[kept] == inner + (contents - values)]
    return nested


def _read_lengths(padded: _Bytes, positions: _Positions) -> tuple[_Positions, _Positions]:
    """Read a length at each position; return the lengths and where they end."""
    lengths = np.zeros(len(positions), np.int64)
    ends = positions.copy()
    going = np.ones(len(positions), np.bool_)
    for index in range(_LENGTH):
        current = padded[np.minimum(positions + index, len(padded) - 1)].astype(np.int64)
        lengths += np.where(going, (current & (_MORE - 1)) << (7 * index), 0)
        ends += going
        going &= current >= _MORE
        if not going.any():
            break
    return lengths, np.minimum(ends, len(padded) - 1)


def _odd(padded: _Bytes, tags: _Positions) -> _Positions:
    """Keep doubles that Python writes with an exponent, or that are no numbers."""
    starts = tags[padded[tags + 1] == 9] + 2  # noqa: PLR2004 (a tag and eight bytes)
    numbers: npt.NDArray[Any] = padded[starts[:, None] + np.arange(1, 9)].view("<f8").ravel()
    sizes = np.abs(numbers)
    odd: _Positions = starts[~((sizes == 0) | ((sizes >= _PLAIN_FROM) & (sizes < _PLAIN_TO)))]
    return odd
