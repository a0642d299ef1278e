"""What a summary of a trace says beyond lists: its root causes and the types of its annotations, read of its spans."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from taskscope.model.span import Span
from taskscope.model.trace import TraceSummary
from taskscope.model.window import Window
from taskscope.query.rules.attributes import ANNOTATION_PREFIX, ANNOTATION_STRINGS, attribute, listed
from taskscope.query.rules.cause import Cause
from taskscope.query.trace.read import read_spans
from taskscope.query.trace.root_causes import Entity, RootCause, RootCauses, ServiceOnWay
from taskscope.store.api import Reader

MOST_SPANS: Final = 10_000
"""Of a page: they take 0.45 s of CPU; those of a hundred traces of ten spans 0.08 s. Traces beyond have no details."""
_MEMBERS: Final[Mapping[Cause, str]] = {
    Cause.FAULT: "FaultRootCauses",
    Cause.ERROR: "ErrorRootCauses",
    Cause.RESPONSE_TIME: "ResponseTimeRootCauses",
}


def read_details(reader: Reader, traces: Sequence[TraceSummary]) -> Mapping[str, Sequence[Span]]:
    """
    Return the spans of traces by their ids: of as many as together have no more than may be read.

    Raises:
        TaskscopeError: The store does not answer.
    """
    chosen = _affordable(traces)
    found: dict[str, list[Span]] = {}
    if chosen:
        window = Window(
            min(each.start_ns for each in chosen), max(each.start_ns + each.duration_ns for each in chosen) + 1
        )
        ids = [bytes.fromhex(each.trace_id) for each in chosen]
        for span in read_spans(reader, ids, window=window):
            found.setdefault(span.trace_id.hex(), []).append(span)
    return found


def _affordable(traces: Sequence[TraceSummary]) -> Sequence[TraceSummary]:
    chosen = []
    left = MOST_SPANS
    for each in traces:
        if each.span_count <= left:
            chosen.append(each)
            left -= each.span_count
    return chosen


def said_strings(spans: Sequence[Span]) -> frozenset[str]:
    """Return the keys of annotations of which a sender said that they are strings, though they read otherwise."""
    names = (name for span in spans for name in listed(attribute(span, ANNOTATION_STRINGS)))
    return frozenset(name.removeprefix(ANNOTATION_PREFIX) for name in names)


def root_causes_of(spans: Sequence[Span]) -> dict[str, Any]:
    """Return the members of a summary that tell its root causes; none without spans."""
    if not spans:
        return {}
    causes = RootCauses(spans)
    return {member: [_root_cause(each, cause) for each in causes.of(cause)] for cause, member in _MEMBERS.items()}


def _root_cause(found: RootCause, cause: Cause) -> dict[str, Any]:
    return {
        "ClientImpacting": found.reaches_client,
        "Services": [_service(each, cause) for each in found.services],
    }


def _service(service: ServiceOnWay, cause: Cause) -> dict[str, Any]:
    return {
        "Name": service.node.name,
        "Names": [service.node.name],
        "Type": service.node.type or None,
        "AccountId": service.account or None,
        "Inferred": service.is_inferred,
        "EntityPath": [_entity(each, cause) for each in service.entities],
    }


def _entity(entity: Entity, cause: Cause) -> dict[str, Any]:
    exceptions = [{"Name": each.type or None, "Message": each.message or None} for each in entity.exceptions]
    said = {"Coverage": entity.coverage} if cause is Cause.RESPONSE_TIME else {"Exceptions": exceptions}
    return {"Name": entity.name, "Remote": entity.is_remote, **said}
