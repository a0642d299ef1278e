"""One segment or subsegment to a span."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec import UNSET

from taskscope.model.resource import NO_SCOPE, Resource
from taskscope.model.span import Span, SpanEvent, SpanKind, SpanLink, Status
from taskscope.wire.xray import names
from taskscope.wire.xray.attributes import Bag, add_annotations, add_http, add_members, guess_name, merge
from taskscope.wire.xray.document import Http, Node, Other
from taskscope.wire.xray.exceptions import decode_cause
from taskscope.wire.xray.links import decode_links
from taskscope.wire.xray.times import nanoseconds

IN_PROGRESS, TRACE_ID, PARENT_ID, TYPE, NAMELESS, ENDLESS = (1 << bit for bit in range(len(names.FORM_WORDS)))
FORMS: Final = tuple(
    " ".join(word for bit, word in enumerate(names.FORM_WORDS) if bits >> bit & 1)
    for bits in range(1 << len(names.FORM_WORDS))
)
KINDS: Final[dict[object, int]] = {"aws": int(SpanKind.CLIENT), "remote": int(SpanKind.CLIENT)}
_SERVER: Final = int(SpanKind.SERVER)
_INTERNAL: Final = int(SpanKind.INTERNAL)
_ERROR_FLAG, _FAULT_FLAG, _THROTTLE_FLAG = (names.FLAGS[flag] for flag in ("error", "fault", "throttle"))
_ERROR: Final = int(Status.ERROR)
_OK: Final = int(Status.UNSET)
_DOCUMENT, _SEGMENT, _NAMESPACE, _FORM = names.DOCUMENT, names.SEGMENT, names.NAMESPACE, names.FORM
_RPC_SYSTEM, _RPC_SERVICE = names.RPC_SYSTEM, names.RPC_SERVICE
_new: Final = tuple.__new__


@dataclass(slots=True)
class Whole:
    """What all rows of a document share. No tuple: slots are read in 4 ns, a named tuple's fields in 14."""

    trace_id: bytes
    trace_text: str
    resource: Resource
    received_ns: int
    rows: list[Span]


def add_row(node: Node, whole: Whole, span_id: bytes, parent: bytes, attributes: Bag, other: Other, form: int) -> None:
    """
    Append the row of a node; ``attributes`` and ``other`` hold what its place in the document says, and are filled.

    Raises:
        MalformedPayloadError: A time is none.
        UnicodeDecodeError: A text is no UTF-8.
    """
    start_ns = nanoseconds(node.start_time)
    in_progress = node.end_time is UNSET
    if in_progress:
        end_ns = start_ns
        form |= 0 if node.in_progress is True else ENDLESS
    else:
        end_ns = nanoseconds(node.end_time)  # type: ignore[arg-type]  # known not to be UNSET
        if end_ns < start_ns or node.in_progress is True:
            end_ns = _odd_end(node, start_ns, end_ns, other)
    form |= IN_PROGRESS if node.in_progress is False else 0
    if (name := node.name) is UNSET:
        form |= NAMELESS
        name = guess_name(node.sql or {})
    if (namespace := node.namespace) is not UNSET:
        attributes[_NAMESPACE] = namespace
        if namespace == "aws":
            attributes[_RPC_SYSTEM] = "aws-api"
            attributes[_RPC_SERVICE] = name
    kind = _SERVER if attributes[_DOCUMENT] is _SEGMENT else KINDS.get(namespace, _INTERNAL)
    status = _OK
    if node.error is not UNSET or node.fault is not UNSET or node.throttle is not UNSET:
        status = add_flags(node, attributes)
    _add_blocks(node, attributes, other)
    events: Sequence[SpanEvent] = ()
    links: Sequence[SpanLink] = ()
    if node.cause is not UNSET or node.links is not UNSET or node.precursor_ids is not UNSET:
        events, links = add_rare(node, attributes, other, whole.received_ns if in_progress else end_ns)
    message = str(events[0].attributes.get("exception.message", "")) if events and status else ""
    if form:
        attributes[_FORM] = FORMS[form]
    if other:
        attributes[names.OTHER] = msgspec.json.encode(other).decode()
    fields = (
        whole.trace_id, span_id, parent, name, kind, start_ns, end_ns, attributes, whole.resource, NO_SCOPE,
        status, message, events, links, "", 0, in_progress,
    )  # fmt: skip
    whole.rows.append(_new(Span, fields))  # 0.2 us for 0.4


def _odd_end(node: Node, start_ns: int, end_ns: int, other: Other) -> int:
    """Keep aside an end before the start (the span then lasts no time), and a claim to be in progress with an end."""
    if end_ns < start_ns:
        other["end_time"] = node.end_time
    if node.in_progress is True:
        other["in_progress"] = True
    return max(start_ns, end_ns)


def add_flags(node: Node, attributes: Bag) -> int:
    """Add error, fault and throttle as sent, false ones too; any true one makes the status an error."""
    status = _OK
    for sent, name in ((node.error, _ERROR_FLAG), (node.fault, _FAULT_FLAG), (node.throttle, _THROTTLE_FLAG)):
        if sent is not UNSET:
            attributes[name] = sent
            if sent:
                status = _ERROR
    return status


def _add_blocks(node: Node, attributes: Bag, other: Other) -> None:
    """Add what applications and SDKs fill in; an empty block is kept as such."""
    if (http := node.http) is not UNSET and ((rest := add_http(http, attributes)) or _is_empty(http)):
        merge(other, {"http": rest})
    if (sql := node.sql) is not UNSET and ((rest := add_members(sql, names.SQL, attributes)) or not sql):
        merge(other, {"sql": rest})
    if node.user is not UNSET:
        attributes[names.USER] = node.user
    if node.metadata is not UNSET:
        for namespace, text in node.metadata.items():
            attributes[names.METADATA_PREFIX + namespace] = str(text, "utf-8")
        if not node.metadata:
            merge(other, {"metadata": {}})
    if node.annotations is not UNSET:
        if node.annotations:
            add_annotations(node.annotations, attributes)
        else:
            merge(other, {"annotations": {}})
    if node.subsegments is not UNSET and not node.subsegments:
        other["subsegments"] = []


def _is_empty(http: Http) -> bool:
    return http.request is UNSET and http.response is UNSET


def add_rare(node: Node, attributes: Bag, other: Other, time_ns: int) -> tuple[Sequence[SpanEvent], Sequence[SpanLink]]:
    """Add what most rows do not have: a cause, links, siblings that ended before."""
    events: Sequence[SpanEvent] = ()
    links: Sequence[SpanLink] = ()
    if node.cause is not UNSET:
        cause, events, rest = decode_cause(node.cause, time_ns)
        if cause is not None:
            attributes[names.CAUSE] = cause
        if rest is not None:
            other["cause"] = rest
    if node.links is not UNSET:
        links, complete = decode_links(node.links)
        if not complete:
            other["links"] = node.links
    if node.precursor_ids is not UNSET:
        attributes[names.PRECURSORS] = str(node.precursor_ids, "utf-8")
    return events, links
