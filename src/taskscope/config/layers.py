"""Layers of settings: flags over environment over file over defaults, and which of them each value came from."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Generic, NamedTuple, TypeVar

from taskscope.config.file import SettingsFile
from taskscope.config.options import Option, options_of
from taskscope.config.values import hide_secrets, read_value
from taskscope.errors import UsageError

T = TypeVar("T")


class Layer(StrEnum):
    """Where a value may come from, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


class Origin(NamedTuple):
    """Where a value came from."""

    layer: Layer
    where: str = ""
    """The flag, the variable, or path and line in the file."""

    def __str__(self) -> str:
        return self.where or self.layer.value


DEFAULT: Final = Origin(Layer.DEFAULT)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """Settings that are in force, and where each came from."""

    value: T
    section: str
    origins: Mapping[str, Origin]
    """By the name of the field."""


def load(
    kind: type[T],
    *,
    section: str = "",
    flags: Mapping[str, object],
    environ: Mapping[str, str],
    file: SettingsFile,
) -> Loaded[T]:
    """
    Read a class of settings from the layers.

    ``flags`` holds those that were given, by full name (``otlp.max_body_bytes``). An empty variable is none: that is
    how a task definition takes one back. The file's keys are checked by ``SettingsFile.check_keys``, which knows all.

    Raises:
        UsageError: A value cannot be read, or the class refuses it; the message says where it came from.
    """
    found = {each.field: _find(each, flags, environ, file) for each in options_of(kind, section)}
    origins = {name: origin for name, (origin, _) in found.items()}
    made = kind(**{name: value for name, (_, value) in found.items()})
    _validate(made, origins)
    return Loaded(made, section, origins)


def _find(
    option: Option, flags: Mapping[str, object], environ: Mapping[str, str], file: SettingsFile
) -> tuple[Origin, Any]:
    """Return the value of the strongest layer that has one; a weaker one is not even read."""
    if option.name in flags:
        return _read(option, flags[option.name], Origin(Layer.FLAG, option.flag))
    for name in option.env:
        if environ.get(name):
            return _read(option, environ[name], Origin(Layer.ENVIRONMENT, name))
    table = file.section(option.section)
    if option.field in table:
        return _read(option, table[option.field], Origin(Layer.FILE, file.place(option.name)))
    return DEFAULT, option.default


def _read(option: Option, given: object, origin: Origin) -> tuple[Origin, Any]:
    key = f" {option.name}" if origin.layer is Layer.FILE else ""
    try:
        return origin, read_value(given, option.kind, name=option.field, parse=option.parse)
    except UsageError as error:
        if option.secret:
            raise UsageError(f"{origin}:{key} cannot be read; the value is not shown") from None
        raise UsageError(f"{origin}:{key} {hide_secrets(error.message)}", hint=error.hint) from None


def _validate(made: object, origins: Mapping[str, Origin]) -> None:
    """Let the class judge its values; to what it says is added where the settings that it names came from."""
    validate = getattr(made, "validate", None)
    if validate is None:
        return
    with naming(origins):
        validate()


@contextmanager
def naming(origins: Mapping[str, Origin]) -> Iterator[None]:
    """Add to what a check says where the settings that it names came from."""
    try:
        yield
    except UsageError as error:
        named = [name for name in origins if re.search(rf"\b{name}\b", error.message) and origins[name] != DEFAULT]
        places = ", ".join(f"{name}: {origins[name]}" for name in named)
        raise UsageError(f"{error.message} [{places}]" if places else error.message, hint=error.hint) from None
