"""The exceptions of a span of OpenTelemetry origin to a document's ``cause``."""

from hashlib import blake2b
from typing import Final

from taskscope.model.span import Span, SpanEvent, SpanKind, Status
from taskscope.wire.xray.document import Other
from taskscope.wire.xray.exceptions import EXCEPTION, STACKTRACE
from taskscope.wire.xray.stacks import Part, parse_stack

_ID_BYTES: Final = 8
_REMOTE_KINDS: Final = (SpanKind.CLIENT, SpanKind.PRODUCER)


def cause_of(span: Span) -> Other:
    """Write every exception event, and what caused each; without one, the message of a failed span."""
    exceptions: list[Other] = []
    for event in span.events:
        if event.name == EXCEPTION:
            _add_chain(span, event, exceptions)
    if not exceptions and span.status == Status.ERROR and span.status_message:
        exceptions.append({"id": derived_id(span, 0), "type": "", "message": span.status_message})
    return {"exceptions": exceptions} if exceptions else {}


def _add_chain(span: Span, event: SpanEvent, exceptions: list[Other]) -> None:
    trace = event.attributes.get(STACKTRACE)
    parts = parse_stack(trace) if isinstance(trace, str) else [Part("", [])]
    for position, part in enumerate(parts):
        told_type, _, told = part.head.partition(": ")
        exception: Other = {
            "id": derived_id(span, len(exceptions)),
            "type": told_type if position else str(event.attributes.get("exception.type", "")),
            "message": told if position else str(event.attributes.get("exception.message", "")),
            "remote": span.kind in _REMOTE_KINDS,
        }
        if part.frames:
            exception["stack"] = part.frames
        if position:
            exceptions[-1]["cause"] = exception["id"]
        exceptions.append(exception)


def derived_id(span: Span, what: int | str) -> str:
    """Make an id for a part of a span's document, the same each time the span is sent."""
    return blake2b(span.trace_id + span.span_id + str(what).encode(), digest_size=_ID_BYTES).hexdigest()
