"""JSON schemas of our documents, as ``model.document.to_document`` writes them."""

import ast
import inspect
import textwrap
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

_SCALARS: Final[Mapping[type, Mapping[str, Any]]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
}


def schema_named(name: str) -> dict[str, Any]:
    """Return the schema of a class that is named as ``module:Class``."""
    module, _, kind = name.partition(":")
    return schema_of(getattr(import_module(module), kind))


def schema_of(kind: Any) -> dict[str, Any]:
    """
    Return the schema of a type: a document, a tuple of such, a map, an enum, a scalar.

    What a class says of itself and below its members is said in the schema.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in _SCALARS:
        return dict(_SCALARS[kind])
    if origin in (Union, types.UnionType):
        return {"anyOf": [{"type": "null"} if each is type(None) else schema_of(each) for each in arguments]}
    if origin is tuple or origin is list:
        return _tuple(arguments)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"title": kind.__name__, "enum": [each.value for each in kind]}
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        return _document(kind)
    return {}


def _tuple(arguments: tuple[Any, ...]) -> dict[str, Any]:
    if len(arguments) == 1 or arguments[-1] is Ellipsis:
        return {"type": "array", "items": schema_of(arguments[0])}
    members = [schema_of(each) for each in arguments]
    return {"type": "array", "prefixItems": members, "minItems": len(members), "maxItems": len(members)}


@cache
def _document(kind: Any) -> dict[str, Any]:
    said = _said_of_members(kind)
    properties = {name: schema_of(hint) | said.get(name, {}) for name, hint in _members(kind).items()}
    summary = (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")
    return {
        "title": kind.__name__,
        "description": summary,
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
    }


def _members(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    names = [each.name for each in fields(kind)] if is_dataclass(kind) else kind._fields
    return {name: hints[name] for name in names}


def _said_of_members(kind: Any) -> dict[str, dict[str, str]]:
    """Return the texts below the members of a class; none where its source is not at hand."""
    try:
        [tree] = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    except (OSError, TypeError):
        return {}
    assert isinstance(tree, ast.ClassDef)  # noqa: S101 (the source of a class)
    said: dict[str, dict[str, str]] = {}
    for member, text in zip(tree.body, tree.body[1:], strict=False):
        if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name) and isinstance(text, ast.Expr):
            value = getattr(text.value, "value", "")
            said[member.target.id] = {"description": " ".join(str(value).split())}
    return said
