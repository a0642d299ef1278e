"""A row that came from X-Ray back to the members that its sender wrote."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw

from taskscope.model.ids import trace_id_to_xray
from taskscope.model.span import Span
from taskscope.wire.xray import names
from taskscope.wire.xray.attributes import looks_typed, merge
from taskscope.wire.xray.document import Annotation, Other
from taskscope.wire.xray.exceptions import encode_exceptions
from taskscope.wire.xray.kept import coerce, json_text
from taskscope.wire.xray.links import encode_links
from taskscope.wire.xray.origin import origin_members
from taskscope.wire.xray.taking import texts
from taskscope.wire.xray.times import seconds

_OBJECT: Final = msgspec.json.Decoder(dict[str, Raw])
_ANNOTATION: Final = msgspec.json.Decoder(Annotation)
_TEXTS: Final = {"namespace": names.NAMESPACE, "user": names.USER, "cause": names.CAUSE}


def is_from_xray(span: Span) -> bool:
    """Whether the row was an X-Ray document, or part of one."""
    return span.attributes.get(names.DOCUMENT) in (names.SEGMENT, names.ALONE, names.EMBEDDED)


def restore(span: Span) -> Other:
    """
    Write the members of a row's segment or subsegment as they were sent; where it stood is left to the caller.

    Values may have their types or, as out of a store, the text of them (``attribute_text``).

    Raises:
        ValueError: An attribute does not hold what the decoder puts there. (msgspec's errors are such.)
    """
    attributes: Mapping[str, Any] = span.attributes
    members: Other = {"id": span.span_id.hex()}
    form = str(attributes.get(names.FORM, "")).split()
    if "nameless" not in form:
        members["name"] = span.name
    _add_time(span, form, members)
    members |= {member: attributes[name] for member, name in _TEXTS.items() if name in attributes}
    members |= {member: coerce(attributes[name], bool) for member, name in names.FLAGS.items() if name in attributes}
    _add_blocks(attributes, members)
    _add_annotations(attributes, members)
    if exceptions := encode_exceptions(span.events):
        members["cause"] = {"exceptions": exceptions}
    if span.links:
        members["links"] = encode_links(span.links)
    if names.PRECURSORS in attributes:
        members["precursor_ids"] = json_text(attributes[names.PRECURSORS])
    if attributes[names.DOCUMENT] == names.SEGMENT:
        members |= origin_members(span.resource)
    if names.OTHER in attributes:
        other = _nested(json_text(attributes[names.OTHER]), members)
        _check_other(other, embedded=attributes[names.DOCUMENT] == names.EMBEDDED)
        merge(members, other)
    return members


def _nested(text: Raw, beside: Mapping[str, object]) -> Other:
    """Open objects of the kept text as far as there are members beside them to merge with."""
    opened: Other = {}
    for member, value in _OBJECT.decode(text).items():
        present = beside.get(member)
        opened[member] = _nested(value, present) if isinstance(present, dict) and _is_object(value) else value
    return opened


def _check_other(other: Other, *, embedded: bool) -> None:
    """Refuse what would break the document's frame, and what the decoder never keeps aside: somebody made it up."""
    frame = {"id", "start_time"} if embedded else {"id", "start_time", "trace_id"}
    nested = other.get("subsegments")
    if not frame.isdisjoint(other) or (isinstance(nested, Raw) and bytes(nested) != b"[]"):
        raise ValueError("these members are never kept aside")


def _is_object(text: Raw) -> bool:
    return bytes(text).lstrip().startswith(b"{")


def _add_time(span: Span, form: list[str], members: Other) -> None:
    members["start_time"] = seconds(span.start_ns)
    if not span.in_progress:
        members["end_time"] = seconds(span.end_ns)
    elif "endless" not in form:
        members["in_progress"] = True
    if "in_progress" in form:
        members["in_progress"] = False


def _add_blocks(attributes: Mapping[str, Any], members: Other) -> None:
    for path, table in names.BLOCKS:
        block: Other = {}
        for member, (name, kind) in table.items():
            if name in attributes:
                block[member] = coerce(attributes[name], kind)
        if path[-1] == "request" and names.METHOD_AS_SENT in attributes:
            block["method"] = attributes[names.METHOD_AS_SENT]
        tables = block.get("table_names")
        if isinstance(tables, list) and len(tables) == 1:
            block["table_name"] = block.pop("table_names")[0]  # type: ignore[index]  # the list just seen
        if block:
            nest: Other = block
            for step in reversed(path):
                nest = {step: nest}
            merge(members, nest)


def _keys(attributes: Mapping[str, Any], name: str) -> list[str]:
    return texts(attributes.get(name))


def _add_annotations(attributes: Mapping[str, Any], members: Other) -> None:
    """Give annotations back; text that is not marked as such had the type that it reads as."""
    strings = _keys(attributes, names.ANNOTATION_STRINGS)
    annotations = {}
    for name in _keys(attributes, names.ANNOTATIONS):
        if name in attributes:
            value = attributes[name]
            annotations[name.removeprefix(names.ANNOTATION_PREFIX)] = value if name in strings else _typed(value)
    if annotations:
        members["annotations"] = annotations
    metadata = {
        name.removeprefix(names.METADATA_PREFIX): json_text(text)
        for name, text in attributes.items()
        if name.startswith(names.METADATA_PREFIX)
    }
    if metadata:
        members["metadata"] = metadata


def _typed(value: object) -> object:
    """Give text its type back; digits that are no number of JSON (``007``) were a string all along."""
    if not isinstance(value, str) or not looks_typed(value):
        return value
    try:
        return _ANNOTATION.decode(value)
    except ValueError:
        return value


def place_alone(span: Span, members: Other) -> Other:
    """
    Complete what is sent by itself: a segment, or a subsegment with its type and parent.

    One that was embedded may have said anything there; now its ids must be right.
    """
    whole: Other = {"trace_id": trace_id_to_xray(span.trace_id)}
    if span.parent_span_id:
        whole["parent_id"] = span.parent_span_id.hex()
    if span.attributes.get(names.DOCUMENT) != names.SEGMENT:
        whole["type"] = names.ALONE
    if span.attributes.get(names.DOCUMENT) == names.EMBEDDED:
        return members | whole
    return whole | members


def place_embedded(span: Span, members: Other) -> Other:
    """Repeat in an embedded subsegment what its sender had repeated."""
    form = str(span.attributes.get(names.FORM, "")).split()
    said: Other = {
        "trace_id": trace_id_to_xray(span.trace_id),
        "parent_id": span.parent_span_id.hex(),
        "type": names.ALONE,
    }
    return {member: value for member, value in said.items() if member in form} | members
