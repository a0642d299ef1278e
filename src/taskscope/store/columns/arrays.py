"""Arrow arrays from what rows hold: ids, times, attributes, and things that many rows share."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # it has no types
from numpy.typing import NDArray

from taskscope.errors import MalformedPayloadError
from taskscope.model.attributes import Attributes, AttributeValue, attribute_text
from taskscope.store.statements import LATEST_NS

_K = TypeVar("_K", bound=Hashable)
_TIME: Final = pa.timestamp("ns", "UTC")


def _list_text(value: list[Any]) -> str:
    """Write a list; those of texts, such as the names of annotations, are the same again and again: 0.6 us for 3.7."""
    return _texts_text(tuple(value)) if {str}.issuperset(map(type, value)) else attribute_text(value)


@lru_cache(maxsize=1024)
def _texts_text(texts: tuple[str, ...]) -> str:
    return attribute_text(texts)


_EXACT: Final[dict[type, Callable[[Any], str]]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: int.__repr__,
    list: _list_text,
}
"""The commonest types; the same texts as ``attribute_text``, at a fifth of its time."""


def text(value: AttributeValue) -> str:
    """Write an attribute's value as ``attribute_text`` does."""
    return _EXACT.get(value.__class__, attribute_text)(value)


def ids(values: Sequence[bytes], length: int) -> pa.Array:
    """
    Make a column of ids of a fixed length; an empty one is all zeros.

    Raises:
        MalformedPayloadError: An id has another length.
    """
    if not {0, length}.issuperset(map(len, values)):
        wrong = next(value for value in values if value and len(value) != length)
        raise MalformedPayloadError(f"an id has {len(wrong)} bytes, not {length}: {wrong[:32].hex()}")
    nothing = bytes(length)
    data = pa.py_buffer(b"".join([value or nothing for value in values]))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(length), len(values), [None, data])


def hex_ids(values: Sequence[bytes]) -> pa.Array:
    """Make a column of ids in lowercase hex, empty where there is none."""
    return pa.array([value.hex() for value in values], pa.string())


def times(values: Sequence[int]) -> pa.Array:
    """Make a column of times; what lies before 1970 or after 2099 is taken for the first or last moment that fits."""
    try:
        moments = np.array(values, np.int64)
    except OverflowError:
        moments = np.array([min(max(value, 0), LATEST_NS) for value in values], np.int64)
    return moments_column(moments)


def moments_column(moments: NDArray[np.int64]) -> pa.Array:
    """Make the same column of an array."""
    return pa.array(np.clip(moments, 0, LATEST_NS)).cast(_TIME)


def durations(starts: Sequence[int], ends: Sequence[int]) -> pa.Array:
    """Make a column of nanoseconds from start to end, 0 where the end comes first."""
    return pa.array([end - start if end > start else 0 for start, end in zip(starts, ends, strict=True)], pa.uint64())


def offsets(sizes: Iterable[int], count: int) -> pa.Array:
    """Return where each of ``count`` lists begins among the elements of all, and where the last one ends."""
    edges = np.zeros(count + 1, np.int32)
    np.cumsum(np.fromiter(sizes, np.int32, count), out=edges[1:])
    return pa.array(edges)


def maps(values: Sequence[Attributes]) -> pa.Array:
    """Make a column of attributes, their values as texts."""
    keys = pa.array(list(chain.from_iterable(values)), pa.string())
    texts = pa.array(
        [value if value.__class__ is str else text(value) for each in values for value in each.values()], pa.string()
    )
    return pa.MapArray.from_arrays(offsets(map(len, values), len(values)), keys, texts)


def shaped_maps(shapes: Sequence[Sequence[Sequence[str]]], texts: Sequence[str]) -> pa.Array:
    """Make a column of attributes of the keys of each row, block by block, and the texts of all rows."""
    names: dict[str, int] = {}
    numbers: _Numbers[Sequence[Sequence[str]]] = _Numbers()
    numbered = np.fromiter(map(numbers.__getitem__, shapes), np.int32, len(shapes))
    codes = [[names.setdefault(key, len(names)) for key in chain.from_iterable(shape)] for shape in numbers]
    of_shape = pa.ListArray.from_arrays(
        offsets(map(len, codes), len(codes)), pa.array(list(chain.from_iterable(codes)), pa.int32())
    )
    of_row = of_shape.take(pa.array(numbered))
    keys = pa.DictionaryArray.from_arrays(of_row.flatten(), pa.array(list(names), pa.string()))
    return pa.MapArray.from_arrays(of_row.offsets, keys, pa.array(texts, pa.string()))


class _Numbers(dict[_K, int]):
    """Numbers what it is asked for, in the order of first sight; one hashing for each."""

    def __missing__(self, key: _K) -> int:
        number = self[key] = len(self)
        return number


def lists(values: Sequence[Sequence[Any]], column: Callable[[list[Any]], pa.Array]) -> pa.Array:
    """Make a column of lists; ``column`` makes an array of the elements of all."""
    if not any(values):  # 0.02 us a row for 0.2
        return pa.ListArray.from_arrays(pa.array(np.zeros(len(values) + 1, np.int32)), column([]))
    elements = column(list(chain.from_iterable(values)))
    return pa.ListArray.from_arrays(offsets(map(len, values), len(values)), elements)


class Shared:
    """What many rows share, such as a resource: made into a value once for each object."""

    def __init__(self, values: Sequence[Any], counts: Sequence[int] | None = None) -> None:
        """Number the distinct objects; ``counts`` tells how many rows in turn share each, by default one."""
        keys = list(map(id, values))
        distinct = dict(zip(keys, values, strict=True))
        positions = dict(zip(distinct, range(len(distinct)), strict=True))
        indices = np.fromiter(map(positions.__getitem__, keys), np.int32, len(keys))
        self._indices = indices if counts is None else indices.repeat(counts)
        self._distinct = list(distinct.values())

    def texts(self, of: Callable[[Any], str]) -> pa.Array:
        """Make a column of texts, each kept once: the engine refuses a dictionary that says a thing twice."""
        codes: dict[str, int] = {}
        of_object = np.array([codes.setdefault(of(each), len(codes)) for each in self._distinct], np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(of_object[self._indices]), pa.array(list(codes), pa.string()))

    def column(self, of: Callable[[list[Any]], pa.Array]) -> pa.Array:
        """Make a column of values that are repeated row for row; ``of`` makes an array of the distinct ones."""
        return of(self._distinct).take(pa.array(self._indices))


def repeated(values: Sequence[Hashable]) -> pa.Array:
    """Make a column of texts that repeat much, such as names, each kept once."""
    return pa.array(values, pa.string()).dictionary_encode()
