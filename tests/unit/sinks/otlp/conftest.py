"""A sink and the small local receiver that it sends to."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, TypeAlias

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from taskscope.model.batch import Batch, Signal
from taskscope.model.span import Span
from taskscope.sinks.otlp.config import OtlpSinkConfig
from taskscope.sinks.otlp.sink import OtlpSink
from tests.unit.sinks.backends import Answer, Backend, Reply, serving
from tests.unit.sinks.rows import span

NOW = 1_700_000_000_000_000_000

Start: TypeAlias = Callable[..., tuple[OtlpSink, Backend]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Give ``start(answer, **settings)``: a sink and the receiver that it sends to."""
    with ExitStack() as stack:

        def make(answer: Answer = lambda _: Reply(), **settings: Any) -> tuple[OtlpSink, Backend]:
            backend = stack.enter_context(serving(answer))
            path = settings.pop("path", "")
            sink = OtlpSink(OtlpSinkConfig(url=backend.url + path, **settings))
            stack.callback(sink.close)
            return sink, backend

        yield make


def spans(*names: str) -> list[Span]:
    """Return a span of each name."""
    return [span(number, start_ns=NOW, name=name) for number, name in enumerate(names, 1)]


def batch(*names: str, number: int = 1) -> Batch:
    """Return a batch of spans with these names; its number makes its token."""
    return Batch(Signal.SPANS, spans(*names), f"token-{number}")


def names_in(bodies: Sequence[bytes]) -> list[str]:
    """Return the names of the spans in export requests."""
    requests = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    return [
        each.name
        for request in requests
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for each in scope.spans
    ]


def partial_success(rejected: int, message: str) -> bytes:
    """Return the answer of a receiver that did not take all."""
    partial = ExportTracePartialSuccess(rejected_spans=rejected, error_message=message)
    return ExportTraceServiceResponse(partial_success=partial).SerializeToString()
