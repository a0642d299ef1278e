"""Documents of the REST API to JSON-ready values and back: dataclasses, named tuples, tuples, maps, enums, scalars."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

_T = TypeVar("_T")

_SCALARS: Final = frozenset({str, int, float, bool, type(None)})
"""Most of what a document holds: asked for first, a trace of 50,000 spans takes half the time."""


def to_document(value: object) -> Any:
    """Make lists and dicts of a document; enums become their values, keys become texts."""
    kind: Any = type(value)
    if kind in _SCALARS:
        return value
    if names := _names(kind):
        return {name: to_document(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): to_document(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [each if type(each) in _SCALARS else to_document(each) for each in value]
    return value.value if isinstance(value, Enum) else value


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """Return the members of a dataclass or a named tuple; none of any other type."""
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else getattr(kind, "_fields", ())


def from_document(kind: type[_T], value: Any) -> _T:
    """
    Read a document; members that it does not have get their defaults, unknown ones are left out.

    Raises:
        ValueError: A member without a default is missing, or something is of another type.
    """
    try:
        made: _T = _read(kind, value)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"the document is no {kind.__name__}: {error}") from error
    return made


def _read(kind: Any, value: Any) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        chosen = next(each for each in arguments if each is not type(None))
        return None if value is None else _read(chosen, value)
    if origin is tuple:
        members = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        return tuple(_read(member, each) for member, each in zip(members, value, strict=True))
    if origin is not None and issubclass(origin, Mapping):
        return {arguments[0](key): _read(arguments[1], each) for key, each in value.items()}
    if isinstance(kind, type) and (is_dataclass(kind) or hasattr(kind, "_fields")):
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], each) for name, each in value.items() if name in hints})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if isinstance(kind, type) and not isinstance(value, (int, float) if kind is float else kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
