"""Exceptions: a segment's ``cause`` to span events named ``exception`` and back, nothing lost."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from taskscope.model.attributes import AttributeValue
from taskscope.model.span import SpanEvent
from taskscope.wire.xray.document import Int64, Other
from taskscope.wire.xray.kept import DECODERS, coerce

EXCEPTION: Final = "exception"
OTHER: Final = "aws.xray.exception.other"
"""JSON text of an exception's members that have no attribute of their own."""
STACKTRACE: Final = "exception.stacktrace"

_NAMES: Final = {
    "id": ("aws.xray.exception.id", str),
    "type": ("exception.type", str),
    "message": ("exception.message", str),
    "cause": ("aws.xray.exception.cause", str),
    "remote": ("aws.xray.exception.remote", bool),
    "truncated": ("aws.xray.exception.truncated", int),
    "skipped": ("aws.xray.exception.skipped", int),
}


class Frame(Struct, forbid_unknown_fields=True):
    """A line of a stack, as X-Ray has it."""

    path: str
    line: Int64
    label: str


_MEMBERS: Final = msgspec.json.Decoder(dict[str, Raw])
_EXCEPTIONS: Final = msgspec.json.Decoder(list[dict[str, Raw]])
_STACK: Final = msgspec.json.Decoder(list[Frame])
_BETWEEN: Final = "\n\tat "


def decode_cause(cause: Raw, time_ns: int) -> tuple[str | None, list[SpanEvent], object]:
    """
    Read a cause: the id of an exception elsewhere, or events, and the rest that neither holds.

    X-Ray exceptions carry no time: the events get ``time_ns``.
    """
    try:
        return DECODERS[str].decode(cause), [], None
    except msgspec.ValidationError:
        pass
    try:
        other: dict[str, object] = dict(_MEMBERS.decode(cause))
        exceptions = _EXCEPTIONS.decode(other.get("exceptions", b"[]"))  # type: ignore[arg-type]  # Raw is a buffer
    except msgspec.ValidationError:
        return None, [], cause
    if exceptions:
        del other["exceptions"]
    return None, [_event(members, time_ns) for members in exceptions], None if exceptions and not other else other


def _event(members: Mapping[str, Raw], time_ns: int) -> SpanEvent:
    attributes: dict[str, AttributeValue] = {}
    other: Other = {}
    for member, text in members.items():
        try:
            if member in _NAMES:
                name, kind = _NAMES[member]
                attributes[name] = DECODERS[kind].decode(text)
            elif member != "stack":
                other[member] = text
        except msgspec.ValidationError:
            other[member] = text
    if "stack" in members:
        _add_stack(members["stack"], attributes, other)
    if other:
        attributes[OTHER] = msgspec.json.encode(other).decode()
    return SpanEvent(time_ns, EXCEPTION, attributes)


def _add_stack(text: Raw, attributes: dict[str, AttributeValue], other: Other) -> None:
    """Write the stack as readable text; where that would not read back as the same frames, keep the JSON too."""
    try:
        frames = _STACK.decode(text)
    except msgspec.ValidationError:
        other["stack"] = text
        return
    lines = [f"{frame.label}({frame.path}: {frame.line})" for frame in frames]
    attributes[STACKTRACE] = _BETWEEN.join([_head(attributes), *lines])
    try:
        complete = _stack(attributes) == msgspec.to_builtins(frames)
    except ValueError:
        complete = False
    if not complete:
        other["stack"] = text


def _head(attributes: Mapping[str, Any]) -> str:
    return f"{attributes.get('exception.type', '')}: {attributes.get('exception.message', '')}"


def _stack(attributes: Mapping[str, Any]) -> list[dict[str, object]] | None:
    """Read frames back from the text; None where the text is not ours."""
    text = str(attributes[STACKTRACE])
    head = _head(attributes)
    if not text.startswith(head):
        return None
    rest = text[len(head) :]
    if not rest:
        return []
    _, *lines = rest.split(_BETWEEN)
    return [_frame(line) for line in lines]


def _frame(line: str) -> dict[str, object]:
    """Read ``label(path: line)``; text of another form gives another frame, or none."""
    place, _, number = line.removesuffix(")").rpartition(": ")
    label, _, path = place.rpartition("(")
    return {"path": path, "line": int(number), "label": label}


def encode_exceptions(events: Iterable[SpanEvent]) -> list[dict[str, object]]:
    """Write the exceptions of a row that came from X-Ray as they were."""
    return [_exception(event.attributes) for event in events if event.name == EXCEPTION]


def _exception(attributes: Mapping[str, Any]) -> dict[str, object]:
    members: dict[str, object] = {}
    for member, (name, kind) in _NAMES.items():
        if name in attributes:
            members[member] = coerce(attributes[name], kind)
    if STACKTRACE in attributes:
        members["stack"] = _stack(attributes)
    if OTHER in attributes:
        members.update(_MEMBERS.decode(attributes[OTHER]))
    return members
