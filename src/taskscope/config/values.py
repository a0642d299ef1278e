"""Values of settings: read from text or from the file, and written as they can be read again."""

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

from taskscope.clock import SECOND
from taskscope.config.sizes import format_size, parse_size
from taskscope.config.times import parse_duration
from taskscope.errors import UsageError

_TRUE: Final = {"1", "true", "t", "yes", "y", "on"}
_FALSE: Final = {"0", "false", "f", "no", "n", "off"}
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_SECRETS: Final = re.compile(r"(://[^/?#\s:@]*:)[^/?#\s]*(?=@)|(\bheader=[^:,;]*:)(?:\\.|[^,;\\])*")
"""The password of an address, and the value of a header of ``--to otlp``, where ``\\,`` is a comma."""

MASK: Final = "********"
"""Stands for a secret."""


def plain_type(kind: Any) -> Any:
    """Return the type without ``| None``."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    [plain] = [each for each in get_args(kind) if each is not NoneType]
    return plain


def read_value(given: object, kind: Any, *, name: str, parse: Callable[[str], Any] | None = None) -> Any:
    """
    Read a value for a field of that type and name.

    Text is read as in a variable, wherever it stands; what is no text, as TOML has it, must be of the type.
    ``none`` is None where the type allows it. Texts of a tuple are split at commas; ``parse`` of a tuple gets each text
    by itself and returns its parts.

    Raises:
        UsageError: The value does not fit.
    """
    plain = plain_type(kind)
    many = get_origin(plain) is tuple
    if parse is not None:
        texts = given if many and isinstance(given, list | tuple) else [given]
        return tuple(part for each in texts for part in parse(write_value(each))) if many else parse(write_value(given))
    if isinstance(given, str):
        return None if plain is not kind and given.lower() == "none" else _read_text(given, plain, name)
    if many:
        return _tuple(given)
    if plain is float and isinstance(given, int) and not isinstance(given, bool):
        return float(given)
    if type(given) is not plain or (isinstance(given, float) and not math.isfinite(given)):
        raise UsageError(f"{given!r} is no {type_name(kind, name=name)}")
    return given


def _tuple(given: object) -> tuple[str, ...]:
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise UsageError(f"{given!r} is no list of texts")
    return tuple(part for each in given for part in _parts(each))


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _read_text(text: str, kind: Any, name: str) -> Any:
    if get_origin(kind) is tuple:
        return _parts(text)
    if kind in (str, Path):
        return kind(text)
    if name.endswith("_bytes"):
        return parse_size(text)
    plain = text.strip()
    if name.endswith("_seconds") and not _NUMBER.fullmatch(plain):
        seconds = parse_duration(plain) / SECOND
        return kind(seconds) if kind(seconds) == seconds else _refuse(text, "whole number of seconds")
    if kind is bool and plain.lower() in _TRUE | _FALSE:
        return plain.lower() in _TRUE
    if (kind is int and _WHOLE.fullmatch(plain)) or (kind is float and _NUMBER.fullmatch(plain)):
        return kind(plain)
    return _refuse(text, type_name(kind, name=name))


def _refuse(text: str, what: str) -> Any:
    raise UsageError(f"{text!r} is no {what}")


def type_name(kind: Any, *, name: str) -> str:
    """Return what a field holds, in words."""
    plain = plain_type(kind)
    if name.endswith("_bytes"):
        return "size"
    if name.endswith("_seconds"):
        return "duration"
    words = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}
    return words.get(plain, "list" if get_origin(plain) is tuple else "value")


def write_value(value: object, *, name: str = "") -> str:
    """Write a value as a variable would hold it; a field's name tells the unit."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and name.endswith("_bytes"):
        return format_size(value)
    if isinstance(value, int | float):
        return f"{value:.15g}s" if name.endswith("_seconds") else str(value)
    if isinstance(value, Mapping):
        return ",".join(f"{key}={write_value(each)}" for key, each in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(write_value(each) for each in value)
    return str(value)


def hide_secrets(text: str) -> str:
    """Mask what is secret in ``https://user:password@host`` and in ``otlp=https://host,header=x-key:value``."""
    return _SECRETS.sub(lambda found: (found[1] or found[2]) + MASK, text)


def split_at_semicolons(text: str) -> tuple[str, ...]:
    """Read a list whose texts hold commas themselves: ``xray;otlp=https://host:4318,compression=none``."""
    return tuple(part.strip() for part in text.split(";") if part.strip())
