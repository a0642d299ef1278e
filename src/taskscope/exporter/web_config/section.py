"""One mapping of a YAML document, whose values are read by type and whose mistakes are named by place."""

from collections.abc import Mapping, Sequence
from typing import Any

from taskscope.errors import UsageError


class Section:
    """A mapping at a place; none at all is an empty one."""

    def __init__(self, file: str, key: str, found: object) -> None:
        """
        Take what stands at a key of a file.

        Raises:
            UsageError: It is something else than a mapping.
        """
        self.where = f"{file}: {key}" if key else file
        if found is not None and not isinstance(found, Mapping):
            raise UsageError(f"{self.where} holds {type(found).__name__} where keys and values belong")
        self._file = file
        self.values: Mapping[str, Any] = {str(name): value for name, value in (found or {}).items()}

    def know(self, *names: str) -> None:
        """
        Refuse other keys.

        Raises:
            UsageError: There is one.
        """
        for name in self.values:
            if name not in names:
                raise UsageError(f"{self.where}: no key {name!r} is known", hint=f"there are: {', '.join(names)}")

    def section(self, name: str) -> "Section":
        """Return the mapping at a key."""
        return Section(self._file, name, self.values.get(name))

    def text(self, name: str) -> str:
        """Return a text; empty without one."""
        value = self.values.get(name)
        if isinstance(value, bool | float | list | dict):
            raise self.wrong(name, hint="a text")
        return "" if value is None else str(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; empty without one."""
        value = self.values.get(name) or ()
        if (
            isinstance(value, str)
            or not isinstance(value, Sequence)
            or not all(isinstance(each, str) for each in value)
        ):
            raise self.wrong(name, hint="a list of texts")
        return tuple(value)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            raise self.wrong(name, hint="true or false")
        return value

    def choice(self, name: str, choices: Sequence[str], *, default: str) -> str:
        """Return one of these texts."""
        value = self.text(name) or default
        if value != default and value not in choices:
            raise self.wrong(name, hint=f"one of: {', '.join(choices)}")
        return value

    def wrong(self, name: str, *, hint: str | None = None) -> UsageError:
        """Return the error that names a key and its value."""
        return UsageError(f"{self.where}: {name} cannot be {self.values[name]!r}", hint=hint)

    def missing(self, name: str) -> UsageError:
        """Return the error that names a key which has to be there."""
        return UsageError(f"{self.where}: {name} is missing")
