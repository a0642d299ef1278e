"""A bag of attributes to take from: what has found its place in a document is not repeated in its metadata."""

from collections.abc import Mapping
from typing import Final

import msgspec

from taskscope.model.attributes import Attributes, AttributeValue

_DIGITS: Final = 19


class Taking:
    """Attributes of one span (its own, which can be taken, and its resource's, which stay)."""

    def __init__(self, attributes: Attributes, resource: Attributes) -> None:
        self._left: dict[str, AttributeValue] = dict(attributes)
        self._resource = resource

    def take(self, *names: str) -> AttributeValue:
        """Take the first of ``names`` that is set, and the others out of the way; None if none is."""
        found: AttributeValue = None
        for name in names:
            value = self._left.pop(name, None)
            if found is None:
                found = value
        return found

    def text(self, *names: str) -> str:
        """Take like ``take``, as text; empty if none is set."""
        value = self.take(*names)
        return "" if value is None else str(value)

    def number(self, *names: str) -> int | None:
        """Take like ``take``, as a whole number, also where it is the text of one."""
        value = self.take(*names)
        if isinstance(value, bool):
            return None
        if isinstance(value, int):
            return value
        return whole_number(value) if isinstance(value, str) else None

    def listed(self, *names: str) -> list[str]:
        """Take like ``take``, as a list of texts."""
        return texts(self.take(*names))

    def see(self, *names: str) -> str:
        """Read the first of ``names`` that is set, as text, and leave it."""
        return next((str(self._left[name]) for name in names if self._left.get(name) not in (None, "")), "")

    def of_resource(self, *names: str) -> str:
        """Read the first of ``names`` that the resource has, as text."""
        return next((str(self._resource[name]) for name in names if self._resource.get(name) not in (None, "")), "")

    @property
    def left(self) -> Mapping[str, AttributeValue]:
        """What nobody has taken."""
        return self._left

    @property
    def resource(self) -> Attributes:
        """The resource's attributes."""
        return self._resource


def whole_number(text: str) -> int | None:
    """Read digits, at most as many as 64 bits hold; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else None


def texts(value: AttributeValue) -> list[str]:
    """Read a list of texts, also where a store has kept its JSON; one text is a list of one."""
    if isinstance(value, str):
        try:
            return msgspec.json.decode(value, type=list[str])
        except (ValueError, RecursionError):
            return [value] if value else []
    if value is None or isinstance(value, Mapping | bytes | int | float):
        return []
    return [str(item) for item in value]
