"""Events (``_e{…}``) and service checks (``_sc``) of DogStatsD, which are kept as log records."""

import re
from typing import Final

from taskscope.errors import MalformedPayloadError
from taskscope.model.attributes import AttributeValue
from taskscope.model.log import LogRecord
from taskscope.model.resource import Resource
from taskscope.wire.statsd.sample import MAX_LINE_BYTES, read_seconds, read_tags, tag_attributes

_LENGTHS: Final = re.compile(rb"_e\{(\d{1,5}),(\d{1,5})\}:")
_ALERTS: Final = {"error": 17, "warning": 13, "info": 9, "success": 9}
"""OpenTelemetry's severity of an event's alert type."""
_CHECKS: Final = {b"0": ("ok", 9), b"1": ("warning", 13), b"2": ("critical", 17), b"3": ("unknown", 13)}
"""Word and severity of a check's status; one that could not be made deserves a look."""
_SECTIONS: Final = {
    b"h:": "host.name",
    b"p:": "dogstatsd.priority",
    b"k:": "dogstatsd.aggregation_key",
    b"s:": "dogstatsd.source_type",
    b"t:": "dogstatsd.alert_type",
}


def is_notice(line: bytes) -> bool:
    """Tell events and service checks from metrics."""
    return line.startswith((b"_e{", b"_sc|"))


def read_notice(line: bytes, *, received_ns: int, resource: Resource) -> LogRecord:
    r"""
    Read an event or a service check.

    An event's body is its text and ``dogstatsd.title`` its title; a check's body is its message, or its name where it
    has none. ``\n`` written as two characters is a new line.

    Raises:
        MalformedPayloadError: The line does not read as what it begins as.
    """
    if len(line) > MAX_LINE_BYTES:
        raise MalformedPayloadError(f"longer than {MAX_LINE_BYTES} bytes")
    line = line.rstrip(b"\r")
    if line.startswith(b"_sc|"):
        return _read_check(line, received_ns, resource)
    return _read_event(line, received_ns, resource)


def _read_event(line: bytes, received_ns: int, resource: Resource) -> LogRecord:
    lengths = _LENGTHS.match(line)
    if lengths is None:
        raise MalformedPayloadError("an event begins with _e{bytes of title,bytes of text}:")
    middle = lengths.end() + int(lengths[1])
    end = middle + 1 + int(lengths[2])
    if end > len(line) or line[middle : middle + 1] != b"|" or line[end : end + 1] not in {b"", b"|"}:
        raise MalformedPayloadError("the lengths of the event are not those of its title and text")
    attributes, time_ns = _read_sections(line[end + 1 :].split(b"|"))
    title = _text(line[lengths.end() : middle])
    alert = attributes.pop("dogstatsd.alert_type", "info")
    return LogRecord(
        time_ns=time_ns or received_ns,
        body=_text(line[middle + 1 : end]) or title,
        attributes={**attributes, "dogstatsd.title": title},
        resource=resource,
        severity_number=_ALERTS.get(str(alert), 0),
        severity_text=str(alert),
        event_name="dogstatsd.event",
        observed_ns=received_ns,
    )


def _read_check(line: bytes, received_ns: int, resource: Resource) -> LogRecord:
    front, _, message = line.partition(b"|m:")
    _, name, *sections = front.split(b"|")
    word, severity = _CHECKS.get(sections[0] if sections else b"", ("", 0))
    if not name or not word:
        raise MalformedPayloadError("a service check begins with _sc|name|status, and its status is 0 to 3")
    attributes, time_ns = _read_sections(sections[1:])
    check = _text(name)
    return LogRecord(
        time_ns=time_ns or received_ns,
        body=_text(message).replace("m\\:", "m:") or check,
        attributes={**attributes, "dogstatsd.check": check, "dogstatsd.status": word},
        resource=resource,
        severity_number=severity,
        severity_text=word,
        event_name="dogstatsd.service_check",
        observed_ns=received_ns,
    )


def _read_sections(sections: list[bytes]) -> tuple[dict[str, AttributeValue], int]:
    attributes: dict[str, AttributeValue] = {}
    time_ns = 0
    for section in sections:
        if section.startswith(b"d:"):
            time_ns = read_seconds(section[2:])
        elif section.startswith(b"#"):
            attributes = tag_attributes(read_tags(section[1:])) | attributes
        elif name := _SECTIONS.get(section[:2]):
            attributes[name] = _text(section[2:])
    return attributes, time_ns


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace").replace("\\n", "\n")
