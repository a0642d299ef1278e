"""Schemas of documents, held against what is written."""

from dataclasses import dataclass

import jsonschema  # type: ignore[import-untyped]  # it has no types
import pytest

from taskscope.api.schemas import schema_named, schema_of
from taskscope.model import inventory, log_line, series, service_map, trace
from taskscope.model.document import to_document

_EVERY = [
    kind
    for module in (inventory, log_line, series, service_map, trace)
    for kind in vars(module).values()
    if hasattr(kind, "__dataclass_fields__") and kind.__module__ == module.__name__
]


@dataclass(frozen=True)
class _Kinds:
    """What there is.

    More of it.
    """

    name: str
    """Its name,
    on two lines."""
    pair: tuple[int, float]
    key: service_map.NodeKey
    many: tuple[service_map.EdgeKind, ...]
    counts: dict[int, int]
    code: int | None = None


def test_a_schema_says_what_the_class_says() -> None:
    """Its first sentence, and the text below each member."""
    made = schema_of(_Kinds)

    assert (made["title"], made["description"]) == ("_Kinds", "What there is.")
    assert made["properties"]["name"] == {"type": "string", "description": "Its name, on two lines."}
    assert made["required"] == ["code", "counts", "key", "many", "name", "pair"]


def test_what_is_written_fits() -> None:
    """Named tuples as objects, enums as their values, keys of maps as texts."""
    value = _Kinds("a", (1, 0.5), service_map.NodeKey("n", "t"), (service_map.EdgeKind.LINK,), {7: 1})

    jsonschema.validate(to_document(value), schema_of(_Kinds))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(to_document(value) | {"pair": [1]}, schema_of(_Kinds))


@pytest.mark.parametrize("kind", _EVERY, ids=lambda kind: kind.__name__)
def test_every_document_has_a_schema(kind: type) -> None:
    """Whatever types its members have."""
    made = schema_named(f"{kind.__module__}:{kind.__name__}")

    jsonschema.Draft202012Validator.check_schema(made)
    assert all(made["properties"].values())
