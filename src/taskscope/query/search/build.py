"""What the grammar found, to an expression; what reads well and means nothing where it stands is refused."""

from collections.abc import Collection
from typing import Any, Final

from lark import Token, Tree

from taskscope.query.rules.cause import Cause
from taskscope.query.search.ast import (
    All,
    AnyOf,
    Compare,
    Edge,
    Everything,
    Expression,
    Flag,
    InGroup,
    IsSet,
    Keyword,
    Leaf,
    Not,
    Part,
    RootCause,
    Selector,
    Service,
    leaves,
)
from taskscope.query.search.keywords import LISTED, NOT_OF_TRACES
from taskscope.query.search.pointing import error_at
from taskscope.query.search.predicates import bare, comparison, start_of, text_of

_SELECTED: Final = {"name": "name", "type": "type", "account.id": "account"}


class Builder:
    """Builds the expression of one text, which its errors show."""

    def __init__(self, text: str) -> None:
        self._text = text

    def build(self, tree: Tree[Any]) -> Expression:
        """
        Build the expression.

        Raises:
            UsageError: A word is no keyword, or does not fit where it stands.
        """
        expression = self._expression(tree)
        for leaf in leaves(expression):
            self._refuse(leaf, NOT_OF_TRACES, "means nothing of a whole trace", "it may stand in braces")
        return expression

    def _expression(self, tree: Tree[Any]) -> Expression:
        children: list[Any] = tree.children
        match tree.data:
            case "start" | "block":
                return self._expression(children[0]) if children else Everything()
            case "all":
                return All(tuple(self._expression(child) for child in children))
            case "any":
                return AnyOf(tuple(self._expression(child) for child in children))
            case "negation":
                return self._negation(tree)
            case "bare":
                return bare(self._text, children[0])
            case "comparison":
                return comparison(self._text, *children)
            case _:
                return self._function(str(tree.data), *children)

    def _negation(self, tree: Tree[Any]) -> Expression:
        """Build ``!``; a long row of them is no deep expression."""
        odd = False
        while tree.data == "negation":
            [tree], odd = tree.children, not odd
        part = self._expression(tree)
        return Not(part) if odd else part

    def _function(self, kind: str, name: Token, *rest: Tree[Any]) -> Expression:
        selectors = [self._selector(each) for each in rest if each.data != "block"]
        inside = next((self._inside(each, kind) for each in rest if each.data == "block"), None)
        position = start_of(name)
        if kind == "edge":
            return Edge(selectors[0], selectors[1], inside, position)
        if kind == "service":
            return Service(selectors[0] if selectors else Selector(), inside, position)
        _, cause, part = name.lower().split(".")
        return RootCause(Cause(cause), Part(part), inside, position)

    def _inside(self, block: Tree[Any], kind: str) -> Expression:
        expression = self._expression(block)
        for leaf in leaves(expression):
            if isinstance(leaf, Service | Edge | RootCause | InGroup):
                raise error_at(self._text, leaf.position, "this cannot stand in braces, which ask of one span")
            if kind != "rootcause":
                self._refuse(leaf, LISTED, "is a place in a list", "it may stand in the braces of rootcause.…")
        return expression

    def _refuse(self, leaf: Leaf, keywords: Collection[Keyword], why: str, hint: str) -> None:
        keyword = (
            leaf.keyword if isinstance(leaf, Flag) else leaf.subject if isinstance(leaf, IsSet | Compare) else None
        )
        if keyword in keywords and not isinstance(leaf, Everything | Service | Edge | RootCause):
            raise error_at(self._text, leaf.position, f"{keyword} {why}", hint=hint)

    def _selector(self, tree: Tree[Any]) -> Selector:
        children: list[Any] = tree.children
        if tree.data == "named":
            return Selector(name=text_of(children[0]))
        chosen: dict[str, str] = {}
        for key, value in zip(children[1::2], children[2::2], strict=True):
            member = _SELECTED.get(key.lower())
            if member is None or member in chosen:
                what = "stands here twice" if member else "selects nothing"
                hint = None if member else "id() takes name, type and account.id"
                raise error_at(self._text, start_of(key), f"{key} {what}", hint=hint)
            chosen[member] = text_of(value)
        return Selector(**chosen)
