"""Telemetry to send: made once, encoded, and given fresh ids before each send, which costs 0.1 us a span."""

import random
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgpack  # type: ignore[import-untyped]  # it has no types
import numpy as np
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

SPANS = 512
"""Of one OTLP request: what OpenTelemetry's exporters send at most."""
DATAGRAM_SPANS = 6
LINES = 20
RECORDS = 1_000
_SERVICES = 12
_HOSTS = 64


@dataclass
class Body:
    """An encoded body, and where the parts lie that are changed before each send."""

    content: bytearray
    offsets: np.ndarray
    """Of eight bytes each."""

    def fresh(self, number: int) -> bytes:
        """Return the body with ids that no other call gives: eight bytes of each are overwritten."""
        marks = np.arange(len(self.offsets), dtype=">u8") + np.uint64(number * len(self.offsets) + 1)
        view = np.frombuffer(self.content, dtype=np.uint8)
        places = self.offsets[:, None] + np.arange(8)
        view[places] = marks.view(np.uint8).reshape(-1, 8)
        return bytes(self.content)


def otlp_bodies(count: int, seed: int) -> list[Body]:
    """Return requests of 512 spans: 10 attributes, 11 of the resource, an event on each tenth; 455 bytes a span."""
    return [_otlp_body(random.Random(seed * 1_000 + number)) for number in range(count)]


def _otlp_body(chance: random.Random) -> Body:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    service = chance.randrange(_SERVICES)
    resource: dict[str, object] = {
        "service.name": f"shop-{service}", "service.version": "1.4.2",
        "host.name": f"ip-10-0-{chance.randrange(_HOSTS)}",
        "cloud.provider": "aws", "cloud.platform": "aws_ecs", "cloud.region": "eu-west-1",
        "aws.ecs.launchtype": "fargate",
        "aws.ecs.task.arn": f"arn:aws:ecs:eu-west-1:123456789012:task/shop/{chance.randrange(_HOSTS):032x}",
        "telemetry.sdk.name": "opentelemetry", "telemetry.sdk.language": "python", "telemetry.sdk.version": "1.45.1",
    }  # fmt: skip
    group.resource.attributes.extend(_pairs(resource))
    scope = group.scope_spans.add()
    scope.scope.name = "shop.http"
    now = time.time_ns()
    marks = []
    for number in range(SPANS):
        span = scope.spans.add()
        # The first eight bytes of a trace id are looked for afterwards, so they must be found once only.
        span.trace_id = chance.randbytes(16)
        span.span_id = chance.randbytes(8)
        marks += [bytes(span.trace_id[:8]), bytes(span.span_id)]
        span.name = f"{chance.choice(('GET', 'POST'))} /orders/{{id}}/{chance.randrange(20)}"
        span.kind = Span.SPAN_KIND_SERVER if number % 3 else Span.SPAN_KIND_CLIENT
        span.start_time_unix_nano = now - chance.randrange(60_000_000_000)
        span.end_time_unix_nano = span.start_time_unix_nano + chance.randrange(10**9)
        span.attributes.extend(_pairs(_attributes(chance)))
        span.status.code = Status.STATUS_CODE_ERROR if number % 50 == 0 else Status.STATUS_CODE_UNSET
        if number % 10 == 0:
            event = span.events.add(name="exception", time_unix_nano=span.start_time_unix_nano)
            event.attributes.extend(_pairs({"exception.type": "TimeoutError", "exception.message": "no answer"}))
    content = bytearray(request.SerializeToString())
    return Body(content, np.array([content.index(mark) for mark in marks]))


def _attributes(chance: random.Random) -> dict[str, object]:
    return {
        "http.request.method": "GET", "url.path": f"/orders/{chance.randrange(10_000)}",
        "http.response.status_code": chance.choice((200, 200, 200, 404, 500)), "server.address": "shop.internal",
        "user.id": f"u-{chance.randrange(50_000)}", "cart.items": chance.randrange(20),
        "cart.total": chance.random() * 100,
        "feature.beta": chance.random() < 0.5, "net.peer.ip": f"10.0.{chance.randrange(255)}.{chance.randrange(255)}",
        "thread.name": f"worker-{chance.randrange(16)}",
    }  # fmt: skip


def _pairs(values: Mapping[str, object]) -> list[KeyValue]:
    return [KeyValue(key=key, value=_any(value)) for key, value in values.items()]


def _any(value: object) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(double_value=value) if isinstance(value, float) else AnyValue(string_value=str(value))


def xray_datagram(number: int) -> bytes:
    """Return a datagram of 2.8 kB: a segment with five subsegments."""
    start = time.time()
    note = "x" * 120
    children = b",".join(
        b'{"id":"%016x","name":"DynamoDB","namespace":"aws","start_time":%.6f,"end_time":%.6f,'
        b'"aws":{"operation":"PutItem","region":"eu-west-1","table_name":"orders","request_id":"%032x"},'
        b'"http":{"response":{"status":200,"content_length":412}},"annotations":{"step":%d,"tenant":"acme"},'
        b'"metadata":{"default":{"note":"%s"}}}'
        % (number * 8 + child + 2, start, start + 0.01, number * 8 + child, child, note.encode())
        for child in range(DATAGRAM_SPANS - 1)
    )
    return (
        b'{"format":"json","version":1}\n{"name":"shop-api","id":"%016x","trace_id":"1-%08x-%024x","start_time":%.6f,'
        b'"end_time":%.6f,"origin":"AWS::ECS::Fargate","http":{"request":{"method":"POST","url":"https://shop.test/orders",'
        b'"client_ip":"198.51.100.7"},"response":{"status":200}},"annotations":{"tenant":"acme","items":3},'
        b'"aws":{"account_id":"123456789012","xray":{"sdk":"X-Ray for Python","sdk_version":"2.15.0"},'
        b'"ecs":{"container":"api"}},"service":{"version":"7"},"subsegments":[%s]}'
        % (number * 8 + 1, int(start), number + 1, start, start + 0.05, children)
    )


def statsd_datagram(number: int) -> bytes:
    """Return 20 lines of 75 bytes with four tags, each of the value 1, of 2,400 series."""
    return b"\n".join(
        b"shop.orders.handled.%02d:1|c|#env:prod,region:eu-west-1,shard:%02d,version:1.4.2,zone:a"
        % ((number * LINES + line) % 60, (number + line) % 40)
        for line in range(LINES)
    )


def fluent_chunk(number: int) -> bytes:
    """Return a PackedForward message of 1,000 records of 430 bytes, to be acknowledged."""
    record = {
        "container_id": "a" * 64, "container_name": "/shop-api", "source": "stdout",
        "ecs_cluster": "shop", "ecs_task_arn": "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef",
        "ecs_task_definition": "shop-api:7",
    }  # fmt: skip
    second = int(time.time())
    entries = b"".join(
        msgpack.packb([second, record | {"log": f'{{"level":"info","message":"order {number}-{each}","took":{each}}}'}])
        for each in range(RECORDS)
    )
    option = {"size": RECORDS, "chunk": f"{number:032x}"}
    return bytes(msgpack.packb(["shop-firelens", entries, option]))


def numbers(first: int, step: int) -> Iterator[int]:
    """Yield a row of numbers of which no other process has one."""
    while True:
        yield first
        first += step


def u32(value: int) -> bytes:
    """Return four bytes, big endian."""
    return struct.pack(">I", value)
