"""Groups: names for expressions, put in their places."""

from collections.abc import Mapping
from typing import Final

from taskscope.errors import UsageError
from taskscope.query.search.ast import Expression, InGroup, Leaf, leaves, replace_leaves
from taskscope.query.search.parse import parse
from taskscope.query.search.pointing import error_at

MAX_LEAVES: Final = 200
"""Of an expression with its groups."""


def read_filter(text: str, groups: Mapping[str, str]) -> Expression:
    """
    Read an expression, with what groups ask in the place of their names; ``groups`` are expressions by name.

    Raises:
        UsageError: It cannot be read, names a group that is not there, or a group that asks for itself.
    """
    return _Groups(groups).expanded(text)


class _Groups:
    def __init__(self, groups: Mapping[str, str]) -> None:
        self._groups = groups
        self._within: list[str] = []
        self._known: dict[str, Expression] = {}

    def expanded(self, text: str) -> Expression:
        expression = replace_leaves(parse(text), lambda leaf: self._put_in(leaf, text))
        if len(leaves(expression)) > MAX_LEAVES:
            raise UsageError(f"the filter has more than {MAX_LEAVES} conditions, with those of its groups")
        return expression

    def _put_in(self, leaf: Leaf, text: str) -> Expression:
        if not isinstance(leaf, InGroup):
            return leaf
        name = leaf.name
        if name not in self._groups:
            known = ", ".join(sorted(self._groups)[:10])
            hint = f"there are: {known}" if known else "no group is defined"
            raise error_at(text, leaf.position, f"there is no group {name!r}", hint=hint)
        if name in self._within:
            raise error_at(text, leaf.position, f"the group {name!r} asks for itself")
        if name not in self._known:
            self._within.append(name)
            self._known[name] = self.expanded(self._groups[name])
            self._within.remove(name)
        return self._known[name]
