"""Names and texts of an EMF document: what CloudWatch takes as dimensions and as names of metrics."""

import re
from collections.abc import Container, Sequence
from typing import Final, NamedTuple

from taskscope.model.attributes import attribute_text
from taskscope.model.metric import Datapoint

MAX_DIMENSIONS: Final = 30
MAX_METRIC_NAME: Final = 1024
MAX_DIMENSION_NAME: Final = 255
MAX_TEXT: Final = 1024
"""Characters of a dimension's value, and of a further member's."""
RESERVED: Final = "_aws"
_EMPTY: Final = "-"
"""CloudWatch takes no empty dimension; a tag without a value still tells series apart."""
_NOT_PLAIN: Final = re.compile(r"[^\x20-\x7e]")


class Members(NamedTuple):
    """The texts of a document; both sorted by name."""

    dimensions: tuple[tuple[str, str], ...]
    further: tuple[tuple[str, str], ...]
    """Attributes beyond the 30 dimensions: in the log event, but not in the metric."""


def members_of(point: Datapoint, resource_dimensions: Sequence[str], metric_names: Container[str]) -> Members:
    """
    Return what describes a datapoint: its attributes, and the named ones of its resource.

    All members share the root of the document, so an attribute named like one of its metrics gets underscores added.
    """
    resource = point.resource.attributes
    attributes = {name: resource[name] for name in resource_dimensions if name in resource} | dict(point.attributes)
    members: dict[str, str] = {}
    for key in sorted(attributes):
        name = plain(key, MAX_DIMENSION_NAME).lstrip(":") or _EMPTY
        while name in metric_names or name == RESERVED or name in members:
            name += "_"
        members[name] = plain(attribute_text(attributes[key]), MAX_TEXT)
    pairs = tuple(members.items())
    return Members(pairs[:MAX_DIMENSIONS], pairs[MAX_DIMENSIONS : 2 * MAX_DIMENSIONS])


def metric_name(name: str) -> str:
    """Return a name that CloudWatch takes and that is not the document's own member."""
    fit = plain(name, MAX_METRIC_NAME)
    return f"{RESERVED}_" if fit == RESERVED else fit


def plain(text: str, limit: int) -> str:
    """Return printable ASCII with something in it, as dimensions must be."""
    fit = _NOT_PLAIN.sub("?", text[:limit])
    return fit if fit.strip() else _EMPTY
