"""
Events of CloudWatch Logs, as imports and watching bring them: what they say of function, container, level and trace.

A log group of a Lambda function is ``/aws/lambda/NAME``; the streams of ECS's awslogs driver are
``PREFIX/CONTAINER/TASK ID`` (their documentation).
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw, Struct

from taskscope.errors import MalformedPayloadError
from taskscope.model.attributes import AttributeValue
from taskscope.model.log import LogRecord
from taskscope.model.resource import Resource
from taskscope.wire.log_fields import take_meaning

_FUNCTION: Final = "/aws/lambda/"
_FUNCTION_STREAM: Final = re.compile(r"\d{4}/\d\d/\d\d/(?P<function>[^\[/]+)\[")
"""In a group that functions share."""
_TASK_STREAM: Final = re.compile(r"(?:.+/)?(?P<container>[^/]+)/(?P<task>[0-9a-f]{32})")


class _Event(Struct):
    group: str
    stream: str
    time_ns: int
    message: str
    id: str
    ingested_ns: int = 0


class RefusedEvent(NamedTuple):
    """An event that cannot be read, in a list of which the others can."""

    position: int
    reason: str


_LIST: Final = msgspec.json.Decoder(list[Raw])
_EVENT: Final = msgspec.json.Decoder(_Event)
_OBJECT: Final = msgspec.json.Decoder(dict[str, object])
_LATEST_NS: Final = 1 << 63


def decode_events(body: bytes) -> tuple[list[LogRecord], list[RefusedEvent]]:
    """
    Read a JSON array of ``{group, stream, time_ns, message, id, ingested_ns?}``.

    The message stays as it is, but for a newline at its end. ``id`` names an event alone and becomes
    ``log.record.uid``. Of a message that is a JSON object its level and its trace are read.

    Raises:
        MalformedPayloadError: The body is no array.
    """
    try:
        items = _LIST.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedPayloadError(f"the body is no list of log events: {error}") from None
    return _decode(items, {})


class _Frame(Struct):
    events: list[Raw]
    streams: dict[str, dict[str, str]] = {}


_FRAME: Final = msgspec.json.Decoder(_Frame)


def decode_frame(body: bytes) -> tuple[list[LogRecord], list[RefusedEvent]]:
    """
    Read ``{events, streams}``: the events as ``decode_events`` does, and what is known of who writes to their streams.

    That goes before what the name of a stream tells.

    Raises:
        MalformedPayloadError: The body is something else.
    """
    try:
        frame = _FRAME.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedPayloadError(f"the body is no list of log events: {error}") from None
    return _decode(frame.events, frame.streams)


def _decode(
    items: Sequence[Raw], streams: Mapping[str, Mapping[str, str]]
) -> tuple[list[LogRecord], list[RefusedEvent]]:
    records: list[LogRecord] = []
    refused: list[RefusedEvent] = []
    resources: dict[tuple[str, str], Resource] = {}
    for position, item in enumerate(items):
        try:
            event = _EVENT.decode(item)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            refused.append(RefusedEvent(position, f"the log event is not as it should be: {error}"))
            continue
        if not event.id or not 0 <= event.time_ns < _LATEST_NS or not 0 <= event.ingested_ns < _LATEST_NS:
            refused.append(RefusedEvent(position, "the log event has no id, or a time before 1970 or after 2262"))
            continue
        where = event.group, event.stream
        if where not in resources:
            resources[where] = _told(resource_of(*where), streams.get(event.stream))
        records.append(_record(event, resources[where]))
    return records, refused


def _told(resource: Resource, attributes: Mapping[str, str] | None) -> Resource:
    return resource if not attributes else Resource({**resource.attributes, **attributes})


def _record(event: _Event, resource: Resource) -> LogRecord:
    message = event.message.rstrip("\n")
    meaning = take_meaning(_fields(message))
    return LogRecord(
        time_ns=event.time_ns,
        body=message,
        attributes={"log.record.uid": event.id},
        resource=resource,
        severity_number=meaning.severity_number,
        severity_text=meaning.severity_text,
        trace_id=meaning.trace_id,
        span_id=meaning.span_id,
        observed_ns=event.ingested_ns or event.time_ns,
    )


def _fields(message: str) -> dict[str, AttributeValue]:
    if not message.lstrip().startswith("{"):
        return {}
    try:
        return _OBJECT.decode(message)  # type: ignore[return-value]  # JSON's values are attributes' values
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return {}


@lru_cache(maxsize=4096)
def resource_of(group: str, stream: str) -> Resource:
    """Return who wrote to a stream: a function, a container of a task, or else what the group is called."""
    attributes: dict[str, AttributeValue] = {
        "cloud.provider": "aws",
        "aws.log.group.names": [group],
        "aws.log.stream.names": [stream],
    }
    function = group.removeprefix(_FUNCTION) if group.startswith(_FUNCTION) else ""
    if not function and (found := _FUNCTION_STREAM.match(stream)):
        function = found["function"]
    if function:
        return Resource({"service.name": function, "faas.name": function, "cloud.platform": "aws_lambda", **attributes})
    if found := _TASK_STREAM.fullmatch(stream):
        task = {"container.name": found["container"], "aws.ecs.task.id": found["task"], "cloud.platform": "aws_ecs"}
        return Resource({"service.name": found["container"], **task, **attributes})
    return Resource({"service.name": group, **attributes})
