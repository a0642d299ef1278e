"""X-Ray: put and get segment documents, and the telemetry records that the X-Ray daemon sends about itself."""

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Final, NamedTuple

from taskscope.aws.failures import named
from taskscope.aws.session import Account
from taskscope.clock import to_datetime
from taskscope.errors import TaskscopeError, ThrottledError, UnreachableError

DOCUMENTS_LIMIT: Final = 50
"""Documents of one PutTraceSegments, as the daemon has it (its source, 3.6.6)."""
DOCUMENT_BYTES: Final = 65_536
"""The most of one document: 64 kB (X-Ray developer guide)."""

TRACES_LIMIT: Final = 5
"""Traces of one BatchGetTraces."""

_TRANSIENT: Final = ("throttl", "internal", "unavailable", "toomany", "rateexceeded", "timeout")
"""Parts of error codes that say nothing about the document itself."""
_HOSTNAME_CHARACTERS: Final = 255


class Unprocessed(NamedTuple):
    """A document that X-Ray did not take."""

    id: str
    """Of the segment; empty where X-Ray could not read it."""
    code: str
    message: str

    @property
    def is_transient(self) -> bool:
        """Whether the same document may be taken later."""
        code = self.code.lower().replace("_", "")
        return any(part in code for part in _TRANSIENT)


@dataclass
class TelemetryRecord:
    """What the daemon tells of a minute."""

    time_ns: int
    received: int = 0
    sent: int = 0
    spilled: int = 0
    rejected: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    """By the names of ``BackendConnectionErrors``, see ``error_kind``."""


class TraceHead(NamedTuple):
    """What a search tells of a trace."""

    id: str
    """``1-5759e988-bd862e3fe1be46a994272793``."""
    is_partial: bool
    """A segment is in progress."""
    revision: int | None
    """Grows while segments arrive."""


class XRay:
    """X-Ray of one region. Every method may raise a ``TaskscopeError`` of ``aws.failures``."""

    def __init__(self, account: Account, *, region: str | None = None) -> None:
        self._account = account
        self._region = region

    @property
    def _client(self) -> Any:
        return self._account.client("xray", region=self._region)

    def put(self, documents: Sequence[str]) -> list[Unprocessed]:
        """Send at most ``DOCUMENTS_LIMIT`` documents; return those that were not taken (PutTraceSegments)."""
        with named("send segments to X-Ray", service="xray"):
            answer = self._client.put_trace_segments(TraceSegmentDocuments=list(documents))
        return [
            Unprocessed(each.get("Id") or "", each.get("ErrorCode") or "", each.get("Message") or "")
            for each in answer.get("UnprocessedTraceSegments") or ()
        ]

    def put_telemetry(self, record: TelemetryRecord, *, resource_arn: str = "") -> None:
        """Send one record (PutTelemetryRecords)."""
        request: dict[str, Any] = {
            "TelemetryRecords": [
                {
                    "Timestamp": to_datetime(record.time_ns, UTC),
                    "SegmentsReceivedCount": record.received,
                    "SegmentsSentCount": record.sent,
                    "SegmentsSpilloverCount": record.spilled,
                    "SegmentsRejectedCount": record.rejected,
                    "BackendConnectionErrors": record.errors,
                }
            ],
            "Hostname": socket.gethostname()[:_HOSTNAME_CHARACTERS],
        }
        if resource_arn:
            request["ResourceARN"] = resource_arn
        with named("send telemetry records to X-Ray", service="xray"):
            self._client.put_telemetry_records(**request)

    def summaries(self, start_ns: int, end_ns: int, *, expression: str = "") -> Iterator[TraceHead]:
        """Yield the traces that began in a window, at most six hours of it (GetTraceSummaries, every page)."""
        request: dict[str, Any] = {"StartTime": to_datetime(start_ns, UTC), "EndTime": to_datetime(end_ns, UTC)}
        if expression:
            request["FilterExpression"] = expression
        with named("search traces", service="xray"):
            for page in self._client.get_paginator("get_trace_summaries").paginate(**request):
                for each in page.get("TraceSummaries", ()):
                    yield TraceHead(each["Id"], bool(each.get("IsPartial")), each.get("Revision"))

    def traces(self, ids: Sequence[str]) -> list[list[str]]:
        """Return the segment documents of each trace that X-Ray has, in its order (BatchGetTraces)."""
        found: list[list[str]] = []
        with named("get traces", service="xray"):
            for start in range(0, len(ids), TRACES_LIMIT):
                batch = list(ids[start : start + TRACES_LIMIT])
                for page in self._client.get_paginator("batch_get_traces").paginate(TraceIds=batch):
                    found += [[part["Document"] for part in each["Segments"]] for each in page["Traces"]]
        return found


def error_kind(error: TaskscopeError) -> str:
    """Return under which name of ``BackendConnectionErrors`` the daemon would count an error."""
    from botocore import exceptions as sdk  # noqa: PLC0415 (the SDK loads on first use)

    cause = error.__cause__
    if isinstance(cause, sdk.ConnectTimeoutError | sdk.ReadTimeoutError):
        return "TimeoutCount"
    if isinstance(cause, sdk.EndpointConnectionError):
        text = str(cause.kwargs.get("error", ""))
        return "UnknownHostCount" if "resolve" in text or "Name or service" in text else "ConnectionRefusedCount"
    if isinstance(error, UnreachableError) or not isinstance(cause, sdk.ClientError):
        return "OtherCount"
    status = cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    is_client_fault = isinstance(error, ThrottledError) or status < 500  # noqa: PLR2004 (HTTP: the server's fault)
    return "HTTPCode4XXCount" if is_client_fault else "HTTPCode5XXCount"
