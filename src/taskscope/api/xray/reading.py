"""What X-Ray's clients read: documents of traces, graphs, figures over time."""

from functools import partial
from typing import Any, Final

from taskscope.api.parts import Parts
from taskscope.api.xray.errors import AwsError
from taskscope.api.xray.graph import services_of
from taskscope.api.xray.state import ALL
from taskscope.api.xray.summaries import window_of
from taskscope.clock import SECOND
from taskscope.errors import NotFoundError
from taskscope.model.ids import trace_id_from_xray, trace_id_to_xray
from taskscope.model.service_map import ServiceMap
from taskscope.model.span import Span
from taskscope.query.service_map import service_map
from taskscope.query.trace.documents import segment_documents
from taskscope.query.trace.read import read_spans
from taskscope.query.trace.service_map import map_of
from taskscope.store.api import Reader

_MOST_TRACES: Final = 5


class ReadOperations:
    """BatchGetTraces, GetTraceGraph and GetServiceGraph."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def traces(self, given: dict[str, Any]) -> dict[str, Any]:
        """BatchGetTraces: five at most, each with all its documents."""
        if len(given["TraceIds"]) > _MOST_TRACES:
            raise AwsError(f"Exceeding maximum query size: {_MOST_TRACES}")
        if given.get("NextToken"):
            raise AwsError("NextToken is not supported: all documents come on one page")
        return await self._parts.workers.call(partial(_traces, self._parts.reader, _ids(given)))

    async def trace_graph(self, given: dict[str, Any]) -> dict[str, Any]:
        """GetTraceGraph."""
        ids = list(_ids(given).values())
        found = await self._parts.workers.call(lambda: map_of(read_spans(self._parts.reader, ids)))
        return {"Services": services_of(found)}

    async def service_graph(self, given: dict[str, Any]) -> dict[str, Any]:
        """GetServiceGraph: a group's expression is the one of now, for traces of any age."""
        window = window_of(given)
        parts = self._parts
        question = partial(service_map, parts.reader, window, groups=parts.xray.expressions(), now_ns=parts.clock())
        found: ServiceMap = await parts.workers.call(partial(question, expression=group_expression(given, parts)))
        return {
            "StartTime": window.start_ns,
            "EndTime": window.end_ns,
            "Services": services_of(found),
            "ContainsOldGroupVersions": False,
        }


def group_expression(given: dict[str, Any], parts: Parts) -> str:
    """
    Return the filter expression of the group that a request names; empty without one.

    Raises:
        AwsError: There is no such group.
    """
    name, arn = given.get("GroupName"), given.get("GroupARN")
    if not (name or arn) or name == ALL.name or arn == ALL.arn:
        return ""
    try:
        return parts.xray.group(name, arn).expression
    except NotFoundError as error:  # these operations have no other error in AWS's model
        raise AwsError(error.message) from None


def _ids(given: dict[str, Any]) -> dict[str, bytes]:
    """Return the ids that are asked for, by the text that they were asked with."""
    try:
        return {text: trace_id_from_xray(text) for text in given["TraceIds"]}
    except ValueError as error:
        raise AwsError(f"Invalid trace id: {error}") from None


def _traces(reader: Reader, ids: dict[str, bytes]) -> dict[str, Any]:
    spans = read_spans(reader, list(ids.values())) if ids else []
    found: dict[bytes, list[Span]] = {}
    for each in spans:
        found.setdefault(each.trace_id, []).append(each)
    return {
        "Traces": [_trace(trace_id, found[trace_id]) for trace_id in dict.fromkeys(ids.values()) if trace_id in found],
        "UnprocessedTraceIds": [text for text, trace_id in ids.items() if trace_id not in found],
    }


def _trace(trace_id: bytes, spans: list[Span]) -> dict[str, Any]:
    duration = max(each.end_ns for each in spans) - min(each.start_ns for each in spans)
    return {
        "Id": trace_id_to_xray(trace_id),
        "Duration": duration / SECOND,
        "LimitExceeded": False,
        "Segments": [{"Id": each.id, "Document": each.text} for each in segment_documents(spans, inferred=True)],
    }
