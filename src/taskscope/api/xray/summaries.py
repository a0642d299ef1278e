"""GetTraceSummaries: our search, in X-Ray's words."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from taskscope.api.parts import Parts
from taskscope.api.xray.errors import AwsError
from taskscope.clock import SECOND
from taskscope.model.ids import trace_id_to_xray
from taskscope.model.service_map import NodeKey
from taskscope.model.trace import HttpExchange, Outcome, TracePage, TraceSummary
from taskscope.model.window import Window
from taskscope.query.search.find import find_traces

_PAGE: Final = 100
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_HASHED: Final = 1 << 32


class SummaryOperation:
    """GetTraceSummaries."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, given: dict[str, Any]) -> dict[str, Any]:
        """Answer one page, the newest traces first; each TimeRangeType asks for the time of a trace's start."""
        window = window_of(given)
        question = partial(
            find_traces,
            self._parts.reader,
            window,
            expression=given.get("FilterExpression", ""),
            groups=self._parts.xray.expressions(),
            limit=_PAGE,
            cursor=given.get("NextToken", ""),
        )
        page: TracePage = await self._parts.workers.call(question)
        share = _share(given)
        return {
            "TraceSummaries": [_summary(each) for each in page.traces if _is_within(each.trace_id, share)],
            "ApproximateTime": min((each.start_ns for each in page.traces), default=window.start_ns),
            "TracesProcessedCount": len(page.traces),
            "NextToken": page.cursor or None,
        }


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


def _summary(trace: TraceSummary) -> dict[str, Any]:
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
        "Annotations": _annotations(trace, services),
        "Users": [{"UserName": each, "ServiceIds": services} for each in trace.users],
        "ServiceIds": services,
        "ResourceARNs": [{"ARN": each} for each in trace.resource_arns],
        "InstanceIds": [{"Id": each} for each in trace.instance_ids],
        "AvailabilityZones": [{"Name": each} for each in trace.availability_zones],
        "EntryPoint": service_id(trace.root_node),
        "Revision": trace.span_count,
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


def _annotations(trace: TraceSummary, services: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        key: [{"AnnotationValue": _annotation(text), "ServiceIds": services} for text in texts]
        for key, texts in trace.annotations.items()
    }


def _annotation(text: str) -> dict[str, Any]:
    """Return a value with the type that its text reads as: the store keeps texts."""
    if text in ("true", "false"):
        return {"BooleanValue": text == "true"}
    return {"NumberValue": float(text)} if _NUMBER.fullmatch(text) else {"StringValue": text}
