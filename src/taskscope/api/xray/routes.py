"""The operations of the X-Ray API on their paths: who may call them, what they are given, how they answer."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from taskscope.api.guard import Guard
from taskscope.api.parts import Parts
from taskscope.api.problems import RefusedError
from taskscope.api.requests import request_id
from taskscope.api.xray import account
from taskscope.api.xray.door import MAX_UNKNOWN, Door
from taskscope.api.xray.errors import AwsError, aws_error, error_response
from taskscope.api.xray.groups import GroupOperations
from taskscope.api.xray.operations import OF_BOTH, PATHS, WRITES
from taskscope.api.xray.reading import ReadOperations
from taskscope.api.xray.sampling import SamplingOperations
from taskscope.api.xray.segments import SegmentOperations
from taskscope.api.xray.series import SeriesOperation
from taskscope.api.xray.summaries import SummaryOperation
from taskscope.errors import TaskscopeError

Operation: TypeAlias = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
SenderOperation: TypeAlias = Callable[[dict[str, Any], str], Awaitable[dict[str, Any]]]
"""One that wants to know the sender's address."""

_log = logging.getLogger(__name__)


def xray_routes(parts: Parts) -> list[Route]:
    """Return a route for each operation that AWS's model has; those that are not here say so."""
    known, segments = _operations(parts), _segments(parts)
    unknown = asyncio.Semaphore(MAX_UNKNOWN)
    routes = []
    for name, path in PATHS.items():
        door = Door(_guards(name, parts), parts.clock, unknown)
        operation = segments.put if name == "PutTraceSegments" else _without_sender(known.get(name))
        routes.append(
            Route(path, Endpoint(name, door, operation).answer, methods=["POST"], name=name, include_in_schema=False)
        )
    return routes


def operations(app: Starlette) -> frozenset[str]:
    """Return the names of those operations that an application has."""
    endpoints = (getattr(each.endpoint, "__self__", None) for each in app.routes if isinstance(each, Route))
    return frozenset(each.name for each in endpoints if isinstance(each, Endpoint) and each.is_known)


def _guards(name: str, parts: Parts) -> tuple[Guard, ...]:
    if name in OF_BOTH:
        return parts.senders, parts.readers
    return (parts.senders,) if name in WRITES else (parts.readers,)


def _segments(parts: Parts) -> SegmentOperations:
    return SegmentOperations(parts.keep_documents, parts.counters, parts.workers)


def _operations(parts: Parts) -> Mapping[str, Operation]:
    sampling = SamplingOperations(parts.sampling, parts.xray, parts.workers, parts.clock)
    groups = GroupOperations(parts.xray, parts.sampling)
    reading = ReadOperations(parts)
    return {
        "BatchGetTraces": reading.traces,
        "CreateGroup": groups.create,
        "CreateSamplingRule": sampling.create,
        "DeleteGroup": groups.delete,
        "DeleteSamplingRule": sampling.delete,
        "GetEncryptionConfig": account.encryption,
        "GetGroup": groups.group,
        "GetGroups": groups.groups,
        "GetInsight": account.no_such_insight,
        "GetInsightEvents": account.no_such_insight,
        "GetInsightImpactGraph": account.no_such_insight,
        "GetInsightSummaries": account.no_insights,
        "GetSamplingRules": sampling.rules,
        "GetSamplingStatisticSummaries": sampling.summaries,
        "GetSamplingTargets": sampling.targets,
        "GetServiceGraph": reading.service_graph,
        "GetTimeSeriesServiceStatistics": SeriesOperation(parts),
        "GetTraceGraph": reading.trace_graph,
        "GetTraceSummaries": SummaryOperation(parts),
        "GetTraceSegmentDestination": account.destination,
        "ListResourcePolicies": account.no_policies,
        "ListTagsForResource": groups.tags,
        "PutEncryptionConfig": account.put_encryption,
        "PutTelemetryRecords": _segments(parts).put_telemetry,
        "TagResource": groups.tag,
        "UntagResource": groups.untag,
        "UpdateGroup": groups.update,
        "UpdateSamplingRule": sampling.update,
        "UpdateTraceSegmentDestination": account.put_destination,
    }


def _without_sender(operation: Operation | None) -> SenderOperation | None:
    if operation is None:
        return None

    async def called(given: dict[str, Any], _sender: str) -> dict[str, Any]:
        return await operation(given)

    return called


class Endpoint:
    """One operation, for Starlette."""

    def __init__(self, name: str, door: Door, operation: SenderOperation | None) -> None:
        """Without an operation each request is told that there is none."""
        self.name = name
        self.door = door
        self._operation = operation

    @property
    def is_known(self) -> bool:
        """Whether there is such an operation here."""
        return self._operation is not None

    async def answer(self, request: Request) -> Response:
        """Answer a request, under the name that SDKs show with errors."""
        response = await self._answer(request)
        response.headers["x-amzn-requestid"] = request_id.get()
        return response

    async def _answer(self, request: Request) -> Response:
        try:
            body = await self.door.read(request)
            return await self._call(body, request.client.host if request.client else "")
        except RefusedError as error:
            return error_response(AwsError(error.detail, status=error.status))
        except AwsError as error:
            return error_response(error)
        except TaskscopeError as error:
            return error_response(aws_error(error))
        except Exception:  # noqa: BLE001 (whatever it is, the client is told in AWS's form)
            _log.exception("%s failed (request %s)", self.name, request_id.get())
            mistake = AwsError(
                "the server made a mistake; its log tells which",
                code="InternalFailure",
                status=HTTPStatus.INTERNAL_SERVER_ERROR,
            )
            return error_response(mistake)

    async def _call(self, body: bytes, sender: str) -> Response:
        from taskscope.api.xray.shapes import read_input, write_output  # noqa: PLC0415 (botocore at the first call)

        if self._operation is None:
            text = f"Taskscope has no {self.name}"
            raise AwsError(text, code="UnknownOperationException", status=HTTPStatus.NOT_FOUND)
        given = read_input(self.name, _read_object(body))
        document = write_output(self.name, await self._operation(given, sender))
        return Response(json.dumps(document, separators=(",", ":"), allow_nan=False), media_type="application/json")


def _read_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise AwsError("the body is no JSON object", code="SerializationException")
    return document
