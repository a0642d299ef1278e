"""One decoded document to rows: each subsegment, at any depth, becomes a span of its own."""

from typing import NamedTuple

import msgspec
from msgspec import UNSET

from taskscope.errors import MalformedPayloadError
from taskscope.model.ids import SPAN_ID_BYTES, trace_id_from_xray
from taskscope.model.resource import Resource
from taskscope.model.span import Span
from taskscope.wire.xray import names
from taskscope.wire.xray.attributes import Bag, add_call, merge
from taskscope.wire.xray.document import MAX_DEPTH, Document, Node, Other, Subsegment
from taskscope.wire.xray.lenient import decode_call
from taskscope.wire.xray.origin import NOBODY, resource_of
from taskscope.wire.xray.row import PARENT_ID, TRACE_ID, TYPE, Whole, add_row

_DOCUMENT, _EMBEDDED = names.DOCUMENT, names.EMBEDDED


def flatten(document: Document, *, received_ns: int) -> list[Span]:
    """
    Make the rows of a document, the outermost first and each before its subsegments.

    Exceptions carry no time and get that of their row's end, or ``received_ns`` while it is in progress.

    Raises:
        MalformedPayloadError: An id or a time is none, or subsegments are nested more than 100 deep.
        UnicodeDecodeError: A text is no UTF-8.
    """
    whole, span_id, parent, attributes, other = begin(document, received_ns=received_ns)
    add_row(document, whole, span_id, parent, attributes, other, 0)
    if document.subsegments is not UNSET:
        _add_subsegments(document, document.subsegments, whole, span_id, 1)
    return whole.rows


class Beginning(NamedTuple):
    """What the outermost object of a document says of its place, before what it has in common with subsegments."""

    whole: Whole
    span_id: bytes
    parent: bytes
    attributes: Bag
    other: Other


def begin(document: Document, *, received_ns: int) -> Beginning:
    """
    Read the ids, the type and the origin of a document.

    Raises:
        MalformedPayloadError: An id is none.
        UnicodeDecodeError: A text is no UTF-8.
    """
    attributes: Bag = {names.DOCUMENT: names.SEGMENT}
    other: Other = dict(document.other)
    alone = document.type == names.ALONE
    if alone:
        attributes[names.DOCUMENT] = names.ALONE
        _add_call_alone(document, attributes, other)
    elif document.type is not UNSET:
        other["type"] = document.type
    resource = NOBODY if alone else _resource(document)
    if document.trace_id is UNSET:
        raise MalformedPayloadError("the document has no trace_id")
    whole = Whole(_trace_id(document.trace_id), document.trace_id, resource, received_ns, [])
    span_id = read_span_id(document.id)
    parent = b""
    if document.parent_id is not UNSET:
        try:
            parent = read_span_id(document.parent_id)
        except MalformedPayloadError:
            other["parent_id"] = document.parent_id
    return Beginning(whole, span_id, parent, attributes, other)


def _resource(document: Document) -> Resource:
    return resource_of(
        "" if document.name is UNSET else document.name,
        None if document.origin is UNSET else document.origin,
        None if document.resource_arn is UNSET else document.resource_arn,
        None if document.aws is UNSET else bytes(document.aws),
        None if document.service is UNSET else bytes(document.service),
    )


def _add_call_alone(document: Document, attributes: Bag, other: Other) -> None:
    """Read what a subsegment sent alone has in ``aws``; what only segments have is kept aside."""
    if document.aws is not UNSET:
        try:
            call, rest = decode_call(document.aws)
        except msgspec.ValidationError:
            other["aws"] = document.aws
        else:
            left = add_call(call, attributes)
            merge(left, rest)
            if left or not call:
                other["aws"] = left
    for member in ("service", "origin", "resource_arn"):
        if (value := getattr(document, member)) is not UNSET:
            other[member] = value


def _trace_id(text: str) -> bytes:
    try:
        return trace_id_from_xray(text)
    except ValueError:
        raise MalformedPayloadError(f"{text[:64]!r} is no trace id") from None


def read_span_id(text: str) -> bytes:
    """
    Read 16 hexadecimal digits.

    Raises:
        MalformedPayloadError: They are none.
    """
    try:
        span_id = bytes.fromhex(text)
    except ValueError:
        span_id = b""
    if len(span_id) != SPAN_ID_BYTES or len(text) != 2 * SPAN_ID_BYTES:
        raise MalformedPayloadError(f"{text[:64]!r} is no id of 16 hexadecimal digits")
    return span_id


def _add_subsegments(node: Node, nested: list[Subsegment], whole: Whole, parent: bytes, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise MalformedPayloadError(f"subsegments are nested more than {MAX_DEPTH} deep")
    for item in nested:
        attributes: Bag = {_DOCUMENT: _EMBEDDED}
        other: Other = {**item.other}
        form = note_repeats(item, node.id, whole.trace_text, other)
        if item.aws is not UNSET:
            rest = add_call(item.aws, attributes)
            if rest or not item.aws:
                merge(other, {"aws": rest})
        span_id = read_span_id(item.id)
        add_row(item, whole, span_id, parent, attributes, other, form)
        if item.subsegments is not UNSET:
            _add_subsegments(item, item.subsegments, whole, span_id, depth + 1)


def note_repeats(item: Subsegment, parent_text: str, trace_text: str, other: Other) -> int:
    """Note which members an embedded subsegment repeats from around it; a different value is kept as it is."""
    if item.trace_id == trace_text and item.parent_id == parent_text and item.type == names.ALONE:
        return TRACE_ID | PARENT_ID | TYPE  # what X-Ray's SDK for Python writes
    form = 0
    for bit, member, sent, around in (
        (TRACE_ID, "trace_id", item.trace_id, trace_text),
        (PARENT_ID, "parent_id", item.parent_id, parent_text),
        (TYPE, "type", item.type, names.ALONE),
    ):
        if sent == around:
            form |= bit
        elif sent is not UNSET:
            other[member] = sent
    return form
