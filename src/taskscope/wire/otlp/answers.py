"""Answers to export requests in Protobuf: success, partial success, and errors."""

from typing import NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceResponse,
)

from taskscope.errors import MalformedPayloadError
from taskscope.wire.otlp.values import parse


class PartialSuccess(NamedTuple):
    """What a receiver did not take of a request that it answered with success; no rows are a mere warning."""

    rejected: int
    message: str


def read_partial_success(body: bytes) -> PartialSuccess:
    """
    Read the answer to a request of any signal: all three have one layout.

    Raises:
        MalformedPayloadError: The bytes are no such answer.
    """
    partial = parse(ExportTraceServiceResponse, body).partial_success
    return PartialSuccess(max(partial.rejected_spans, 0), partial.error_message)


def read_error_message(body: bytes) -> str:
    """Read the message of a ``google.rpc.Status``, empty where the bytes are none: it is for people only."""
    try:
        # Status is {int32 code = 1; string message = 2}: laid out as this message is, whose package is at hand.
        return parse(ExportTracePartialSuccess, body).error_message
    except MalformedPayloadError:
        return ""
