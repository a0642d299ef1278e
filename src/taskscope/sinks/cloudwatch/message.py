"""Log records as messages of CloudWatch Logs: the body as it is, or a JSON object that loses nothing."""

import json
from typing import Any, Final

import msgspec

from taskscope.model.attributes import attribute_text
from taskscope.model.ids import trace_id_to_xray
from taskscope.model.log import LogRecord
from taskscope.sinks.cloudwatch.config import Format

_BLANK: Final = " "
"""Stands for an empty message, which PutLogEvents refuses (at least one character)."""


def message(record: LogRecord, form: Format, most_bytes: int) -> str:
    """Return the message of a record, never empty; one of more than ``most_bytes`` in UTF-8 is cut and says so."""
    if form is Format.TEXT or (form is Format.AUTO and _is_body_alone(record)):
        text = attribute_text(record.body)
    else:
        text = _json(_document(record))
    return cut(text or _BLANK, most_bytes)


def cut(text: str, most_bytes: int) -> str:
    """Shorten a text to a number of UTF-8 bytes, at a character, with a mark that says how many are missing."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= most_bytes:
        return text if text.isascii() else encoded.decode()
    room = most_bytes - len(_mark(len(encoded)))
    kept = encoded[:room].decode("utf-8", "ignore")
    return kept + _mark(len(encoded) - len(kept.encode()))


def _mark(missing: int) -> str:
    return f"[{missing} bytes cut]"


def _is_body_alone(record: LogRecord) -> bool:
    return isinstance(record.body, str) and not (record.attributes or record.trace_id or record.event_name)


def _document(record: LogRecord) -> dict[str, Any]:
    """Lay a record out; members that say nothing are left out, names are those of OTLP."""
    trace_id, span_id = record.trace_id, record.span_id
    members = {
        "body": record.body,
        "severity_text": record.severity_text,
        "severity_number": record.severity_number,
        "event_name": record.event_name,
        "trace_id": trace_id.hex(),
        "xray_trace_id": trace_id_to_xray(trace_id) if trace_id else "",
        "span_id": span_id.hex(),
        "attributes": record.attributes,
        "scope": record.scope.name,
    }
    return {name: value for name, value in members.items() if value or name == "body"}


def _json(document: dict[str, Any]) -> str:
    try:
        return msgspec.json.encode(document).decode()
    except (UnicodeEncodeError, OverflowError):  # half a surrogate pair, a number of more than 64 bits
        return json.dumps(document, default=attribute_text)
