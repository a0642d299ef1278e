"""Attributes as one JSON text: what the column ``Resource`` holds, as ClickHouse's toJSONString writes it."""

import json
from typing import Final

from taskscope.model.attributes import Attributes
from taskscope.store.columns.arrays import text

_ESCAPED: Final = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029"})


def json_text(attributes: Attributes) -> str:
    """Write an object of texts, byte for byte as the engine does for the same attributes in an OTLP body."""
    document = {key: text(value) for key, value in attributes.items()}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)
