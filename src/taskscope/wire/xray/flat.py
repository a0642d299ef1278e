"""
Documents to spans whose attributes lie flat, as the texts that a store keeps.

With its columns, 3 kB of six rows take 57 us so, 400 documents at a time, and 87 by way of dictionaries.

What senders usually send is written here, straight from the typed document. A document with anything unusual in it
goes to the plain decoder, which also says what is wrong with one that cannot be read. Both give the same.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import UNSET

from taskscope.errors import MalformedPayloadError
from taskscope.model.attributes import attribute_text
from taskscope.model.resource import NO_SCOPE
from taskscope.model.span import Span, SpanEvent, SpanKind, SpanLink, Status
from taskscope.wire.xray import names
from taskscope.wire.xray.attributes import FIRST_TYPED, Bag, add_call, annotation_name, guess_name, looks_typed
from taskscope.wire.xray.decode import TYPED, decode_document
from taskscope.wire.xray.document import MAX_DEPTH, Annotation, Call, Http, Node, Other, Request, Scalar, Subsegment
from taskscope.wire.xray.flatten import begin, note_repeats, read_span_id
from taskscope.wire.xray.row import ENDLESS, FORMS, IN_PROGRESS, KINDS, NAMELESS, Whole, add_flags, add_rare
from taskscope.wire.xray.times import nanoseconds

_EMBEDDED: Final = (names.DOCUMENT, names.EMBEDDED)
_AWS: Final = (names.NAMESPACE, "aws", names.RPC_SYSTEM, "aws-api", names.RPC_SERVICE)
_NAMESPACE, _FORM, _USER, _METADATA = names.NAMESPACE, names.FORM, names.USER, names.METADATA_PREFIX
_REQUEST, _RESPONSE = (
    {member: name for member, (name, _) in names.HTTP[block].items()} for block in ("request", "response")
)
_STATUS, _LENGTH = _RESPONSE["status"], _RESPONSE["content_length"]
_METHOD, _METHOD_AS_SENT = names.METHOD, names.METHOD_AS_SENT
_URL, _USER_AGENT, _CLIENT_IP = _REQUEST["url"], _REQUEST["user_agent"], _REQUEST["client_ip"]
_FORWARDED, _TRACED = _REQUEST["x_forwarded_for"], _REQUEST["traced"]
_SQL, _TABLES, _ANNOTATIONS = names.SQL, names.TABLES, names.ANNOTATIONS
_CALL_TEXTS: Final = {
    **{member: name for member, (name, kind) in names.CALL.items() if kind is str},
    "table_name": _TABLES,
}
_INTERNAL: Final = int(SpanKind.INTERNAL)
_SERVER: Final = int(SpanKind.SERVER)
_UNSET_STATUS: Final = int(Status.UNSET)
_NO_NAME: Final = ("", object)
_NOTHING: Final[Bag] = {}
_NOTHING_LEFT: Final[Other] = {}
_WORDS: Final = {True: "true", False: "false"}


class _UnusualError(Exception):
    """Left to the plain decoder."""


@dataclass(slots=True)
class FlatSpans:
    """Spans, and their attributes apart."""

    spans: list[tuple[Any, ...]] = field(default_factory=list)
    """The fields of each, in the order of `Span`, attributes empty. No `Span`: plain tuples take half the time."""
    pairs: list[str] = field(default_factory=list)
    """Key and text of each attribute of all spans, in turn."""
    ends: list[int] = field(default_factory=list)
    """Where in ``pairs`` the attributes of each span end."""

    def add(self, span: Span) -> None:
        """Take a span with its attributes."""
        for name, value in span.attributes.items():
            self.pairs += (name, attribute_text(value))
        self.ends.append(len(self.pairs))
        self.spans.append(span._replace(attributes=_NOTHING))

    def cut(self, length: int) -> None:
        """Forget all spans but the first ones."""
        del self.spans[length:], self.ends[length:]
        del self.pairs[self.ends[-1] if self.ends else 0 :]


def add_document(text: bytes, into: FlatSpans, *, received_ns: int) -> None:
    """
    Add the spans of a document, as ``decode_document`` reads it.

    Raises:
        MalformedPayloadError: As there; nothing is added.
    """
    before = len(into.spans)
    try:
        _add_usual(text, into, received_ns)
    except (_UnusualError, MalformedPayloadError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        into.cut(before)
        for span in decode_document(text, received_ns=received_ns):
            into.add(span)


def _add_usual(text: bytes, into: FlatSpans, received_ns: int) -> None:
    document = TYPED.decode(text)
    whole, span_id, parent, attributes, other = begin(document, received_ns=received_ns)
    kind = _SERVER if attributes[names.DOCUMENT] is names.SEGMENT else None
    _add_bag(attributes, into.pairs)
    _add_row(document, whole, into, span_id, parent, kind, 0, other)
    if document.subsegments is not UNSET:
        _add_subsegments(document, document.subsegments, whole, into, span_id, 1)


def _add_subsegments(
    node: Node, nested: list[Subsegment], whole: Whole, into: FlatSpans, parent: bytes, depth: int
) -> None:
    if depth > MAX_DEPTH or not nested:
        raise _UnusualError
    for item in nested:
        form = 0
        other: Other = {}
        if item.trace_id is not UNSET or item.parent_id is not UNSET or item.type is not UNSET:
            form = note_repeats(item, node.id, whole.trace_text, other)
        into.pairs += _EMBEDDED
        if item.aws is not UNSET and (rest := _add_call(item.aws, into.pairs)):
            other["aws"] = rest
        span_id = read_span_id(item.id)
        _add_row(item, whole, into, span_id, parent, None, form, other)
        if item.subsegments is not UNSET:
            _add_subsegments(item, item.subsegments, whole, into, span_id, depth + 1)


def _add_row(
    node: Node, whole: Whole, into: FlatSpans, span_id: bytes, parent: bytes, kind: int | None, form: int, other: Other
) -> None:
    """Add the row of a node, as ``row.add_row`` does; ``pairs`` and ``other`` have what its place says."""
    pairs = into.pairs
    start_ns = nanoseconds(node.start_time)
    in_progress = node.end_time is UNSET
    if in_progress:
        end_ns = start_ns
        form |= 0 if node.in_progress is True else ENDLESS
    else:
        end_ns = nanoseconds(node.end_time)  # type: ignore[arg-type]  # known not to be UNSET
        if end_ns < start_ns or node.in_progress is True:
            raise _UnusualError
    if node.in_progress is False:
        form |= IN_PROGRESS
    if (name := node.name) is UNSET:
        form |= NAMELESS
        name = guess_name(node.sql or {})
    if (namespace := node.namespace) is not UNSET:
        pairs += (*_AWS, name) if namespace == "aws" else (_NAMESPACE, namespace)
    status = _UNSET_STATUS
    if node.error is not UNSET or node.fault is not UNSET or node.throttle is not UNSET:
        flags: Bag = {}
        status = add_flags(node, flags)
        _add_bag(flags, pairs)
    _add_blocks(node, pairs)
    events: list[SpanEvent] | tuple[()] = ()
    links: list[SpanLink] | tuple[()] = ()
    message = ""
    if node.cause is not UNSET or node.links is not UNSET or node.precursor_ids is not UNSET:
        rare: Bag = {}
        events, links = add_rare(node, rare, other, whole.received_ns if in_progress else end_ns)  # type: ignore[assignment]
        _add_bag(rare, pairs)
        message = str(events[0].attributes.get("exception.message", "")) if events and status else ""
    if form:
        pairs += (_FORM, FORMS[form])
    if other:
        pairs += (names.OTHER, msgspec.json.encode(other).decode())
    fields = (
        whole.trace_id, span_id, parent, name, KINDS.get(namespace, _INTERNAL) if kind is None else kind,
        start_ns, end_ns, _NOTHING, whole.resource, NO_SCOPE, status, message, events, links, "", 0, in_progress,
    )  # fmt: skip
    into.spans.append(fields)
    into.ends.append(len(pairs))


def _add_blocks(node: Node, pairs: list[str]) -> None:
    if (http := node.http) is not UNSET:
        _add_http(http, pairs)
    if node.sql is not UNSET:
        _add_sql(node.sql, pairs)
    if node.user is not UNSET:
        pairs += (_USER, node.user)
    if (metadata := node.metadata) is not UNSET:
        if not metadata:
            raise _UnusualError
        for namespace, text in metadata.items():
            pairs += (_METADATA + namespace, str(text, "utf-8"))
    if (annotations := node.annotations) is not UNSET:
        if not annotations:
            raise _UnusualError
        _add_annotations(annotations, pairs)


def _add_http(http: Http, pairs: list[str]) -> None:
    response, request = http.response, http.request
    before = len(pairs)
    if response is not UNSET:
        if response.status is not UNSET:
            pairs += (_STATUS, str(response.status))
        if response.content_length is not UNSET:
            pairs += (_LENGTH, str(response.content_length))
        if len(pairs) == before:
            raise _UnusualError
    elif request is UNSET:
        raise _UnusualError
    if request is not UNSET:
        _add_request(request, pairs)


def _add_request(request: Request, pairs: list[str]) -> None:
    before = len(pairs)
    if (method := request.method) is not UNSET:
        pairs += (_METHOD, method) if method.isupper() else (_METHOD, method.upper(), _METHOD_AS_SENT, method)
    if request.url is not UNSET:
        pairs += (_URL, request.url)
    if request.user_agent is not UNSET:
        pairs += (_USER_AGENT, request.user_agent)
    if request.client_ip is not UNSET:
        pairs += (_CLIENT_IP, request.client_ip)
    if request.x_forwarded_for is not UNSET:
        pairs += (_FORWARDED, _WORDS[request.x_forwarded_for])
    if request.traced is not UNSET:
        pairs += (_TRACED, _WORDS[request.traced])
    if len(pairs) == before:
        raise _UnusualError


def _add_sql(sql: dict[str, Scalar | None], pairs: list[str]) -> None:
    if not sql:
        raise _UnusualError
    for member, value in sql.items():
        name, kind = _SQL.get(member, _NO_NAME)
        if type(value) is not kind:
            raise _UnusualError
        pairs += (name, value)  # type: ignore[arg-type]  # all of them are texts


def _add_call(call: Call, pairs: list[str]) -> Other:
    """Add what was called in AWS: texts and one table here, what is rarer by way of ``add_call``; return the rest."""
    if not call:
        raise _UnusualError
    before = len(pairs)
    table = None
    for member, value in call.items():
        if type(value) is str and (name := _CALL_TEXTS.get(member)) is not None:
            if name is _TABLES:
                table = value
            else:
                pairs += (name, value)
        else:
            break
    else:
        if table is not None:
            pairs += (_TABLES, _list_text((table,)))
        return _NOTHING_LEFT
    del pairs[before:]
    bag: Bag = {}
    rest = add_call(call, bag)
    _add_bag(bag, pairs)
    return rest


def _add_annotations(annotations: dict[str, Annotation], pairs: list[str]) -> None:
    keys, listed = _annotation_names(tuple(annotations))
    strings: tuple[str, ...] = ()
    for name, value in zip(keys, annotations.values()):  # noqa: B905 (as many; to have it checked costs a tenth)
        if type(value) is str:
            pairs += (name, value)
            if value and value[0] in FIRST_TYPED and looks_typed(value):
                strings += (name,)
        else:
            pairs += (name, str(value) if type(value) is int else attribute_text(value))
    pairs += (_ANNOTATIONS, listed)
    if strings:
        pairs += (names.ANNOTATION_STRINGS, _list_text(strings))


@lru_cache(maxsize=1024)
def _annotation_names(keys: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Name the attributes of annotations, and write the list of them: senders use the same keys again and again."""
    named = tuple(annotation_name(key) for key in keys)
    return named, _list_text(named)


@lru_cache(maxsize=1024)
def _list_text(texts: tuple[str, ...]) -> str:
    return attribute_text(texts)


def _add_bag(bag: Bag, pairs: list[str]) -> None:
    for name, value in bag.items():
        pairs += (name, _list_text(tuple(value)) if type(value) is list else attribute_text(value))
