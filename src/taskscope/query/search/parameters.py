"""Literals of a statement as bound parameters: equal ones are one."""

from collections.abc import Mapping
from typing import Any, Final

_PREFIX: Final = "filter"


class Parameters:
    """Takes literals, and gives what stands for them in the statement."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, Any], str] = {}

    def text(self, value: str) -> str:
        """Take a text."""
        return self._name("String", value)

    def number(self, value: float) -> str:
        """Take a number."""
        return self._name("Float64", float(value))

    @property
    def values(self) -> Mapping[str, Any]:
        """By name, as ``Reader.query`` takes them."""
        return {name: value for (_, value), name in self._names.items()}

    def _name(self, kind: str, value: Any) -> str:
        name = self._names.setdefault((kind, value), f"{_PREFIX}{len(self._names)}")
        return f"{{{name}:{kind}}}"
