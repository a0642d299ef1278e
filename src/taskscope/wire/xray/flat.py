"""
Documents to spans whose attributes lie flat, as the texts that a store keeps.

With its columns, 3 kB of six rows take 50 us so, 400 documents at a time: JSON 8, the walk 31, columns 10.

What senders usually send is written here, straight from the typed document. A document with anything unusual in it
goes to the plain decoder, which also says what is wrong with one that cannot be read. Both give the same.
"""

from typing import Final

import msgspec
from msgspec import UNSET

from taskscope.errors import MalformedPayloadError
from taskscope.model.span import SpanKind, Status
from taskscope.wire.xray import names
from taskscope.wire.xray.attributes import Bag, guess_name
from taskscope.wire.xray.decode import TYPED, decode_document
from taskscope.wire.xray.document import MAX_DEPTH, Document, Node, Other, Subsegment
from taskscope.wire.xray.flat_blocks import (
    Keys,
    UnusualError,
    add_annotation_texts,
    add_bag,
    add_call_texts,
    add_http_texts,
    add_sql_texts,
    add_user_and_metadata,
)
from taskscope.wire.xray.flat_spans import NO_PARENT, FlatSpans, Marks
from taskscope.wire.xray.flatten import begin, note_repeats
from taskscope.wire.xray.row import ENDLESS, FORMS, IN_PROGRESS, KINDS, NAMELESS, Whole, add_flags, add_rare
from taskscope.wire.xray.times import ANCHOR, ANCHOR_END, nanoseconds

_DOCUMENT_KEY: Final[Keys] = (names.DOCUMENT,)
_EMBEDDED: Final = names.EMBEDDED
_AWS_KEYS: Final = (names.NAMESPACE, names.RPC_SYSTEM, names.RPC_SERVICE)
_NAMESPACE_KEY: Final = (names.NAMESPACE,)
_FORM_KEY: Final = (names.FORM,)
_OTHER_KEY: Final = (names.OTHER,)
_INTERNAL: Final = int(SpanKind.INTERNAL)
_SERVER: Final = int(SpanKind.SERVER)
_UNSET_STATUS: Final = int(Status.UNSET)
_ID_DIGITS: Final = 16


def add_document(text: bytes, into: FlatSpans, *, received_ns: int) -> None:
    """
    Add the spans of a document, as ``decode_document`` reads it.

    Raises:
        MalformedPayloadError: As there; nothing is added.
    """
    rows, texts = len(into.rows), len(into.texts)
    try:
        _add_usual(TYPED.decode(text), into, received_ns)
    except (UnusualError, MalformedPayloadError, msgspec.DecodeError, ValueError, RecursionError):
        into.cut(rows, texts)
        for span in decode_document(text, received_ns=received_ns):
            into.add(span)


def _add_usual(document: Document, into: FlatSpans, received_ns: int) -> None:
    whole, _, parent, attributes, other = begin(document, received_ns=received_ns)
    first = len(into.rows)
    kind = _SERVER if attributes[names.DOCUMENT] is names.SEGMENT else None
    keys = add_bag(attributes, into.texts)
    _add_row(document, whole, into, parent.hex() or NO_PARENT, kind, 0, other, keys)
    if document.subsegments is not UNSET:
        _add_subsegments(document, document.subsegments, whole, into, 1)
    rows = into.rows[first:]
    if len(bytes.fromhex("".join([row[0] for row in rows]))) != len(rows) * _ID_DIGITS // 2:  # it passes by spaces
        raise UnusualError
    into.documents.append((whole.trace_id, whole.resource, len(rows)))


def _add_subsegments(node: Node, nested: list[Subsegment], whole: Whole, into: FlatSpans, depth: int) -> None:
    if depth > MAX_DEPTH or not nested:
        raise UnusualError
    texts = into.texts
    for item in nested:
        form = 0
        other: Other = {}
        if item.trace_id is not UNSET or item.parent_id is not UNSET or item.type is not UNSET:
            form = note_repeats(item, node.id, whole.trace_text, other)
        texts.append(_EMBEDDED)
        keys = _DOCUMENT_KEY
        if item.aws is not UNSET:
            call, rest = add_call_texts(item.aws, texts)
            keys += call
            if rest:
                other["aws"] = rest
        _add_row(item, whole, into, node.id, None, form, other, keys)
        if item.subsegments is not UNSET:
            _add_subsegments(item, item.subsegments, whole, into, depth + 1)


def _add_row(  # noqa: C901, PLR0912 (a call for each block would be a tenth of a row's time)
    node: Node, whole: Whole, into: FlatSpans, parent: str, kind: int | None, form: int, other: Other, place: Keys
) -> None:
    """Add the row of a node, as ``row.add_row`` does; ``place`` are the keys of what its place says."""
    texts = into.texts
    start, end, running = node.start_time, node.end_time, node.in_progress
    if end is UNSET:
        into.running.append(len(into.rows))
        end = start
        form |= 0 if running is True else ENDLESS
    elif running is True:
        raise UnusualError
    if not ANCHOR <= start <= end < ANCHOR_END or len(node.id) != _ID_DIGITS:
        raise UnusualError
    if running is False:
        form |= IN_PROGRESS
    if (name := node.name) is UNSET:
        form |= NAMELESS
        name = guess_name(node.sql or {})
    namespace: Keys = ()
    flags = http = sql = more = annotations = rest = namespace
    if (said := node.namespace) is not UNSET:
        texts += ("aws", "aws-api", name) if said == "aws" else (said,)
        namespace = _AWS_KEYS if said == "aws" else _NAMESPACE_KEY
    marked = node.cause is not UNSET or node.links is not UNSET or node.precursor_ids is not UNSET
    status = _UNSET_STATUS
    if node.error is not UNSET or node.fault is not UNSET or node.throttle is not UNSET:
        bag: Bag = {}
        status = add_flags(node, bag)
        flags = add_bag(bag, texts)
    if node.http is not UNSET:
        http = add_http_texts(node.http, texts)
    if node.sql is not UNSET:
        sql = add_sql_texts(node.sql, texts)
    if node.user is not UNSET or node.metadata is not UNSET:
        more = add_user_and_metadata(node, texts)
    if node.annotations is not UNSET:
        annotations = add_annotation_texts(node.annotations, texts)
    if marked or status:
        rest = _add_marks(node, whole, into, other, status)
    if form:
        texts.append(FORMS[form])
        rest += _FORM_KEY
    if other:
        texts.append(msgspec.json.encode(other).decode())
        rest += _OTHER_KEY
    if kind is None:
        kind = KINDS.get(said, _INTERNAL)
    shape = (place, namespace, flags, http, sql, more, annotations, rest)
    into.rows.append((node.id, parent, name, kind, start, end, shape))


def _add_marks(node: Node, whole: Whole, into: FlatSpans, other: Other, status: int) -> Keys:
    """Add a status, and what comes with it or alone: exceptions, links, siblings that ended before."""
    bag: Bag = {}
    time_ns = whole.received_ns if node.end_time is UNSET else nanoseconds(node.end_time)
    events, links = add_rare(node, bag, other, time_ns)
    message = str(events[0].attributes.get("exception.message", "")) if events and status else ""
    into.marks[len(into.rows)] = Marks(status, message, events, links)
    return add_bag(bag, into.texts)
