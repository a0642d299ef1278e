"""Senders of OTLP spans that remember what they were promised."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Final

import grpc  # type: ignore[import-untyped]  # it has no types
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.e2e.collect.collector import Collector

SPANS: Final = 20
"""In each request."""
EXPORT: Final = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_OK: Final = 200
_SERVER: Final = 2


def body(service: str, number: int, *, spans: int = SPANS, padding: int = 0) -> bytes:
    """Return a request with one trace, whose id is the number, as are the ids of its spans, counted from it."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = service
    scope = resource.scope_spans.add()
    now = time.time_ns()
    for index in range(spans):
        span = scope.spans.add(
            trace_id=number.to_bytes(16, "big"),
            span_id=((number * spans + index + 1) % 2**64).to_bytes(8, "big"),
            name=f"work {index}",
            kind=_SERVER,
            start_time_unix_nano=now,
            end_time_unix_nano=now + 1000,
        )
        if padding:
            span.attributes.add(key="padding").value.string_value = padding * "x"
    return request.SerializeToString()


@dataclass
class Promises:
    """Requests by their numbers: what became of each, as far as its sender knows."""

    acknowledged: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    """Answered with an error."""
    unanswered: set[int] = field(default_factory=set)
    """The connection broke: nobody knows."""

    def __str__(self) -> str:
        return f"{len(self.acknowledged)} acknowledged, {len(self.refused)} refused, {len(self.unanswered)} unanswered"

    def check(self, collector: Collector, service: str, *, seconds: float = 30, once: bool = True) -> None:
        """Wait for the spans of what was acknowledged, then check that each is there once, and no part of others."""
        statement = (
            "SELECT reinterpretAsUInt64(reverse(substring(TraceId, 9))) AS number, count(), uniqExact(SpanId)"
            " FROM spans WHERE ServiceName = {service:String} GROUP BY number"
        )
        stored: dict[int, tuple[int, int]] = {}

        def complete() -> bool:
            stored.clear()
            stored.update({number: (rows, spans) for number, rows, spans in collector.sql(statement, service=service)})
            return self.acknowledged <= stored.keys()

        try:
            collector.until(complete, seconds=seconds)
        except AssertionError as error:
            missing = sorted(self.acknowledged - stored.keys())
            told = f"{len(missing)} of {len(self.acknowledged)} are lost, such as {missing[:20]}"
            raise AssertionError(f"{told}\n{error}") from None
        assert stored.keys() <= self.acknowledged | self.unanswered
        rows = [found for found in stored.values() if found[0] != SPANS]
        assert [found for found in stored.values() if found[1] != SPANS] == []
        assert rows == [] or not once


def send_http(connection: http.client.HTTPConnection, content: bytes, *, path: str = "/v1/traces") -> tuple[int, bytes]:
    """Send one request, and return its answer."""
    connection.request("POST", path, content, {"content-type": "application/x-protobuf"})
    answer = connection.getresponse()
    return answer.status, answer.read()


class SpanLoad:
    """Threads that send requests of distinct spans, each over a connection of its own."""

    def __init__(self, collector: Collector, service: str, *, http: int = 2, grpc: int = 1, pause: float = 0.0) -> None:
        """Prepare that many threads of each protocol, each with a pause between two requests."""
        self._collector = collector
        self._service = service
        self._pause = pause
        self._numbers = count(1)
        self._stop = threading.Event()
        self.promises = Promises()
        kinds = [*http * [self._send_over_http], *grpc * [self._send_over_grpc]]
        self._threads = [threading.Thread(target=kind, daemon=True) for kind in kinds]

    @contextmanager
    def running(self) -> Iterator[Promises]:
        """Send until the block ends."""
        for thread in self._threads:
            thread.start()
        try:
            yield self.promises
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def _send_over_http(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._collector.ports["http"], timeout=20)
        while not self._stop.wait(self._pause):
            number = next(self._numbers)
            try:
                status, _ = send_http(connection, body(self._service, number))
            except (OSError, http.client.HTTPException):
                self.promises.unanswered.add(number)
                connection.close()
                self._stop.wait(0.02)
            else:
                (self.promises.acknowledged if status == _OK else self.promises.refused).add(number)
        connection.close()

    def _send_over_grpc(self) -> None:
        options = [("grpc.max_reconnect_backoff_ms", 100), ("grpc.initial_reconnect_backoff_ms", 50)]
        with grpc.insecure_channel(f"127.0.0.1:{self._collector.ports['grpc']}", options=options) as channel:
            export = channel.unary_unary(EXPORT)
            while not self._stop.wait(self._pause):
                number = next(self._numbers)
                try:
                    export(body(self._service, number), timeout=20)
                except grpc.RpcError as error:
                    refused = (
                        error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
                    )  # others are also a broken connection's
                    (self.promises.refused if refused else self.promises.unanswered).add(number)
                    self._stop.wait(0.02)
                else:
                    self.promises.acknowledged.add(number)
