"""
A span of OpenTelemetry origin to a segment document, as AWS's OpenTelemetry exporter for X-Ray does it.

One span is one document. Nothing is invented: where that exporter writes ``content_length: 0`` for an unknown size,
the member is left out here; ids that it draws at random are made from the span's, so that sending twice says the same.
"""

import re
from typing import Final

import msgspec

from taskscope.model.attributes import AttributeValue
from taskscope.model.ids import trace_id_to_xray
from taskscope.model.span import Span, SpanKind, Status
from taskscope.wire.xray import names
from taskscope.wire.xray.document import Other
from taskscope.wire.xray.links import encode_links
from taskscope.wire.xray.taking import Taking, whole_number
from taskscope.wire.xray.times import seconds
from taskscope.wire.xray.translate_aws import aws_block, origin_of, service_block, sql_block
from taskscope.wire.xray.translate_cause import cause_of, derived_id
from taskscope.wire.xray.translate_http import http_block

_NAME_BYTES: Final = 200
_NOT_IN_NAMES: Final = re.compile(r"[^\w .:/%&#=+\-@]")
_NOT_IN_KEYS: Final = re.compile(r"[^0-9A-Za-z.]")
_CALLER_KINDS: Final = (SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER)
_SPAN_KIND: Final = "aws.span.kind"
_OF_SERVICE: Final = ("aws.account_id", "http.response.status_code", "http.status_code")
_AWS_PREFIX: Final = re.compile(r"^(AWS\.SDK\.|AWS::)")
_CLIENT_ERRORS: Final = range(400, 500)
_SERVER_ERRORS: Final = range(500, 600)
_THROTTLED: Final = 429
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def translate(span: Span) -> list[Other]:
    """
    Write the members of a span's document. A span that is no server's and has a parent is a subsegment.

    A caller's span that Application Signals marks as its service's first (``aws.span.kind`` is ``LOCAL_ROOT``) gets
    two documents: a segment for the service, and the span itself as a subsegment of it.
    """
    if _is_local_root(span) and span.kind in _CALLER_KINDS:
        return _service_and_call(span)
    return [_document(span)]


def _is_local_root(span: Span) -> bool:
    return span.attributes.get(_SPAN_KIND) == "LOCAL_ROOT"


def _is_local_root_inside(span: Span) -> bool:
    return span.kind == SpanKind.INTERNAL and _is_local_root(span)


def _service_and_call(span: Span) -> list[Other]:
    """Write the service's segment, which says where it ran and how it went, and the call under it."""
    around_links = span.kind == SpanKind.CONSUMER
    around = span._replace(
        span_id=bytes.fromhex(derived_id(span, "service")),
        kind=SpanKind.SERVER,
        attributes={name: value for name, value in span.attributes.items() if name in _OF_SERVICE},
        events=(),
        links=span.links if around_links else (),
        status_message="",
    )
    segment = _document(around)
    segment.pop("http", None)
    if service := span.attributes.get("aws.local.service"):
        segment["name"] = str(service)
    call = _document(span._replace(parent_span_id=around.span_id, links=() if around_links else span.links))
    return [segment, {"namespace": "remote"} | call]


def _document(span: Span) -> Other:
    bag = Taking(span.attributes, span.resource.attributes)
    is_segment = span.kind == SpanKind.SERVER or not span.parent_span_id or _is_local_root_inside(span)
    members: Other = {
        "name": name_of(span, bag),
        "id": span.span_id.hex(),
        "trace_id": trace_id_to_xray(span.trace_id),
        "start_time": seconds(span.start_ns),
    }
    if span.in_progress:
        members["in_progress"] = True
    else:
        members["end_time"] = seconds(span.end_ns)
    if span.parent_span_id:
        members["parent_id"] = span.parent_span_id.hex()
    if not is_segment:
        members["type"] = names.ALONE
    if namespace := _namespace(span, bag):
        members["namespace"] = namespace
    status = bag.see("http.response.status_code", "http.status_code")
    blocks = {
        "http": http_block(span, bag),
        "sql": sql_block(span.name, bag),
        "aws": aws_block(bag, is_segment=is_segment),
        "origin": origin_of(bag) if is_segment else "",
        "service": service_block(bag) if is_segment else {},
        "user": bag.text(names.USER),
        "cause": cause_of(span),
        "links": encode_links(span.links),
    }
    members |= {member: value for member, value in blocks.items() if value}
    members |= _flags(span, whole_number(status) or 0)
    _add_annotations_and_metadata(bag, members, is_segment=is_segment)
    return members


def name_of(span: Span, bag: Taking) -> str:
    """Choose the name: of the service for a server, of what is called for a caller; only a span's own is cleaned."""
    candidates = [
        bag.see("aws.local.service") if span.kind == SpanKind.SERVER or _is_local_root_inside(span) else "",
        _AWS_PREFIX.sub("", bag.see("aws.remote.service")) if span.kind in _CALLER_KINDS else "",
        bag.see("peer.service"),
        bag.see("aws.service"),
        _database(bag),
        bag.of_resource("service.name") if span.kind == SpanKind.SERVER else "",
        bag.see("rpc.service"),
        bag.see("http.host"),
        bag.see("net.peer.name") or (bag.see("server.address") if span.kind in _CALLER_KINDS else ""),
        _NOT_IN_NAMES.sub("", span.name),
    ]
    name = next(filter(None, candidates), "span")
    return name.encode()[:_NAME_BYTES].decode("utf-8", "ignore")


def _database(bag: Taking) -> str:
    """Name a database as X-Ray does: ``database@host``."""
    name = bag.see("db.name", "db.namespace")
    if not name:
        return ""
    connection = bag.see("db.connection_string").removeprefix("jdbc:")
    host = connection.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
    host = host or bag.see("server.address")
    return f"{name}@{host}" if host else name


def _namespace(span: Span, bag: Taking) -> str:
    if bag.see("rpc.system") == "aws-api" or bag.see("aws.service"):
        return "aws"
    if span.kind == SpanKind.CLIENT or (span.kind in _CALLER_KINDS and bag.see("aws.remote.service")):
        return "remote"
    return ""


def _flags(span: Span, status: int) -> dict[str, bool]:
    """Say whose error it was; the HTTP status knows better than the span's."""
    if status in _CLIENT_ERRORS:
        return {"error": True, "throttle": True} if status == _THROTTLED else {"error": True}
    if status in _SERVER_ERRORS or span.status == Status.ERROR:
        return {"fault": True}
    return {}


def _add_annotations_and_metadata(bag: Taking, members: Other, *, is_segment: bool) -> None:
    """Index what the sender wants indexed; keep all that is left, and of a segment its resource, as metadata."""
    annotations = {}
    for name in bag.listed(names.ANNOTATIONS):
        if isinstance(bag.left.get(name), str | int | float | bool):
            annotations[_NOT_IN_KEYS.sub("_", name)] = bag.take(name)
    metadata: dict[str, object] = {}
    default: dict[str, object] = {}
    for name, value in bag.left.items():
        content = _object(value) if name.startswith(names.METADATA_PREFIX) else None
        if content is not None:
            metadata[name.removeprefix(names.METADATA_PREFIX)] = content
        elif value is not None:
            default[name] = value
    if is_segment:
        default |= {f"otel.resource.{name}": value for name, value in bag.resource.items()}
    if default:
        present = metadata.get("default")
        metadata["default"] = present | default if isinstance(present, dict) else default
    members |= {member: value for member, value in (("annotations", annotations), ("metadata", metadata)) if value}


def _object(value: AttributeValue) -> dict[str, msgspec.Raw] | None:
    """Read the JSON object that a metadata attribute should hold."""
    try:
        return _OBJECT.decode(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None
