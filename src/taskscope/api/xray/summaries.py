"""GetTraceSummaries: our search, in X-Ray's words."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final

from taskscope.api.parts import Parts
from taskscope.api.xray.details import read_details, root_causes_of, said_strings
from taskscope.api.xray.errors import AwsError
from taskscope.clock import SECOND
from taskscope.model.ids import trace_id_to_xray
from taskscope.model.service_map import NodeKey
from taskscope.model.span import Span
from taskscope.model.trace import HttpExchange, Outcome, TracePage, TraceSummary
from taskscope.model.window import Window
from taskscope.query.search.find import find_traces

_PAGE: Final = 100
_BY_START: Final = "TraceId"
"""Default of ``TimeRangeType``; the others ask for the time of a trace's last end."""
_LONGEST_NS: Final = 3_600 * SECOND
"""How much earlier a trace may have begun that is asked for by its end: as far as lists see of a trace."""
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_HASHED: Final = 1 << 32


class SummaryOperation:
    """GetTraceSummaries."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, given: dict[str, Any]) -> dict[str, Any]:
        """Answer one page: of the traces that are found the newest first, and of these the ones that are meant."""
        window = window_of(given)
        by_end = given.get("TimeRangeType", _BY_START) != _BY_START
        question = partial(
            self._page,
            Window(max(0, window.start_ns - _LONGEST_NS), window.end_ns) if by_end else window,
            lambda trace: not by_end or window.start_ns <= _end_of(trace) < window.end_ns,
            _share(given),
            expression=given.get("FilterExpression", ""),
            cursor=given.get("NextToken", ""),
        )
        page, meant, details = await self._parts.workers.call(question)
        summaries = [_summary(each, details.get(each.trace_id, ())) for each in meant]
        if by_end:
            summaries = [
                {**said, "MatchedEventTime": _end_of(each)} for said, each in zip(summaries, meant, strict=True)
            ]
        return {
            "TraceSummaries": summaries,
            "ApproximateTime": min((each.start_ns for each in page.traces), default=window.start_ns),
            "TracesProcessedCount": len(page.traces),
            "NextToken": page.cursor or None,
        }

    def _page(
        self, window: Window, is_meant: Callable[[TraceSummary], bool], share: float, *, expression: str, cursor: str
    ) -> tuple[TracePage, Sequence[TraceSummary], Mapping[str, Sequence[Span]]]:
        """Return what was found, which of it is meant, and the spans of that."""
        reader, groups = self._parts.reader, self._parts.xray.expressions()
        page = find_traces(reader, window, expression=expression, groups=groups, limit=_PAGE, cursor=cursor)
        meant = [each for each in page.traces if is_meant(each) and _is_within(each.trace_id, share)]
        return page, meant, read_details(reader, meant)


def _end_of(trace: TraceSummary) -> int:
    return trace.start_ns + trace.duration_ns


def window_of(given: Mapping[str, Any]) -> Window:
    """
    Return the window of a request.

    Raises:
        AwsError: It ends before it begins.
    """
    window = Window(given["StartTime"], given["EndTime"])
    if window.start_ns >= window.end_ns:
        raise AwsError("StartTime must be before EndTime")
    return window


def _share(given: Mapping[str, Any]) -> float:
    """Return the share of traces that is asked for: by ``Sampling`` with a strategy that names a rate."""
    if not given.get("Sampling"):
        return 1.0
    value: float = given.get("SamplingStrategy", {}).get("Value", 1.0)
    return value


def _is_within(trace_id: str, share: float) -> bool:
    """Whether a trace is of the share: the same ones each time, told by the random end of their ids."""
    return share >= 1 or int(trace_id[-8:], 16) < share * _HASHED


def _summary(trace: TraceSummary, spans: Sequence[Span]) -> dict[str, Any]:
    services = [service_id(each) for each in trace.nodes]
    return {
        "Id": trace_id_to_xray(bytes.fromhex(trace.trace_id)),
        "StartTime": trace.start_ns,
        "Duration": trace.duration_ns / SECOND,
        "ResponseTime": trace.response_ns / SECOND,
        "HasFault": trace.root_outcome == Outcome.FAULT,
        "HasError": trace.root_outcome in (Outcome.ERROR, Outcome.THROTTLE),
        "HasThrottle": bool(trace.tally.get(Outcome.THROTTLE)),
        "IsPartial": trace.is_partial,
        "Http": _http(trace.http),
        "Annotations": _annotations(trace, services, said_strings(spans)),
        "Users": [
            {"UserName": user, "ServiceIds": [service_id(each) for each in nodes] or services}
            for user, nodes in zip(trace.users, trace.user_nodes or [()] * len(trace.users), strict=True)
        ],
        "ServiceIds": services,
        "ResourceARNs": [{"ARN": each} for each in trace.resource_arns],
        "InstanceIds": [{"Id": each} for each in trace.instance_ids],
        "AvailabilityZones": [{"Name": each} for each in trace.availability_zones],
        "EntryPoint": service_id(trace.root_node),
        "Revision": trace.span_count,
        **root_causes_of(spans),
    }


def service_id(node: NodeKey) -> dict[str, Any]:
    """Return X-Ray's ``ServiceId``."""
    return {"Name": node.name, "Names": [node.name], "Type": node.type or None}


def _http(http: HttpExchange) -> dict[str, Any]:
    return {
        "HttpURL": http.url or None,
        "HttpStatus": http.status or None,
        "HttpMethod": http.method or None,
        "UserAgent": http.user_agent or None,
        "ClientIp": http.client_ip or None,
    }


def _annotations(trace: TraceSummary, services: list[dict[str, Any]], strings: Collection[str]) -> dict[str, Any]:
    """Return each value with the services that set it; with all where that is not known."""
    return {
        key: [
            {
                "AnnotationValue": {"StringValue": text} if key in strings else _annotation(text),
                "ServiceIds": [service_id(each) for each in nodes] or services,
            }
            for text, nodes in zip(texts, trace.annotation_nodes.get(key) or [()] * len(texts), strict=True)
        ]
        for key, texts in trace.annotations.items()
    }


def _annotation(text: str) -> dict[str, Any]:
    """Return a value with the type that its text reads as: the store keeps texts, X-Ray's rows which are no more."""
    if text in ("true", "false"):
        return {"BooleanValue": text == "true"}
    return {"NumberValue": float(text)} if _NUMBER.fullmatch(text) else {"StringValue": text}
