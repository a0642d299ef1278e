"""Attributes of a span as the store keeps them: texts, missing ones empty."""

import json
from collections.abc import Mapping
from typing import Final

from taskscope.model.attributes import Attributes, attribute_text
from taskscope.model.span import Span

ANNOTATIONS: Final = "aws.xray.annotations"
ANNOTATION_PREFIX: Final = "aws.xray.annotation."
ANNOTATION_STRINGS: Final = "aws.xray.annotations.strings"
"""Which annotations are strings though they read as a number or a truth value."""
CAUSE: Final = "aws.xray.cause"
DOCUMENT: Final = "aws.xray.document"
NAMESPACE: Final = "aws.xray.namespace"
ORIGIN: Final = "aws.xray.origin"


def attribute(span: Span, *names: str) -> str:
    """Return the text of the first of these attributes that has one."""
    get = span.attributes.get
    for name in names:
        value = get(name)
        if value.__class__ is str:  # nearly always: a trace of 100,000 spans is asked 2.4 million times
            if value:
                return value
        elif value is not None and (text := attribute_text(value)):
            return text
    return ""


def first_of(attributes: Attributes, *names: str) -> str:
    """Return the text of the first of these attributes that has one; as of a span, so of a resource."""
    for name in names:
        if (value := attributes.get(name)) is not None and (text := attribute_text(value)):
            return text
    return ""


def listed(text: str) -> list[str]:
    """Read a list that is kept as JSON text; a text that is no list is a list of one."""
    if not text:
        return []
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return [text]
    return [each for each in values if isinstance(each, str)] if isinstance(values, list) else [text]


def annotations_of(span: Span) -> Mapping[str, str]:
    """Return what its sender marked as annotations, under the keys that the sender gave."""
    names = listed(attribute(span, ANNOTATIONS))
    return {name.removeprefix(ANNOTATION_PREFIX): attribute(span, name) for name in names if name in span.attributes}
