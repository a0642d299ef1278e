"""Malformed and hostile input: no process ends, memory stays bounded, good data among it is stored as it was sent."""

import http.client
import json
import socket
import time
from typing import Final

import psutil
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.e2e.collect.collector import Collector
from tests.e2e.collect.conftest import StartCollector
from tests.e2e.collect.load import Promises, body, send_http
from tests.e2e.collect.malformed import send_everything

COUNT: Final = 1000
GROWTH_BYTES: Final = 200 << 20
"""Of the store's process, whose engine keeps caches; 130 MB were seen."""
RECEIVER_GROWTH_BYTES: Final = 60 << 20
"""Of a receiver; 26 MB were seen."""
RECEIVERS: Final = ("udp", "otlp-0", "otlp-1", "streams")
KINDS: Final = {
    "xray_datagram", "statsd_datagram", "fluent_message", "aws_event",
    *(f"otlp_{signal}_{form}" for signal in ("traces", "metrics", "logs") for form in ("protobuf", "json")),
}  # fmt: skip
HOSTILE: Final = (
    "\x00", "a\x00b", "'; DROP TABLE spans; --", 'quotes "\' `$x`', "back\\slash\\n", "emoji 👩‍👩‍👧 ☃", "{x:String}",
    "line\nbreak\ttab", "\u202eright to left", "%s%n{0}", "<script>alert(1)</script>", "../../etc/passwd", "é" * 1000,
)  # fmt: skip
MEGABYTE: Final = "x" * (1 << 20)


def test_a_thousand_malformed_bodies_of_each_protocol(collector: StartCollector) -> None:
    """Damaged captures over every port: all processes stay, what cannot be read is quarantined, the good is stored."""
    running = collector("--statsd-interval-seconds", "1", "--otlp-processes", "2")
    pids = running.pids()
    before = {name: rss(running, name) for name in (*RECEIVERS, "store")}
    promises = Promises()
    good(running, promises, 1)

    answers = send_everything(running, COUNT)
    good(running, promises, 2)

    promises.check(running, "good")
    running.drained(seconds=40)
    assert running.pids() == pids
    assert {code for codes in answers.values() for code in codes} <= {200, 400, "OK", "INVALID_ARGUMENT"}
    counted = running.counters()
    assert {name.partition(".")[2] for name in counted if name.startswith("quarantined.")} == KINDS
    assert [name for name in counted if name.startswith(("faults", "restarts"))] == []
    assert rss(running, "store") < before["store"] + GROWTH_BYTES
    for name in RECEIVERS:
        assert rss(running, name) < before[name] + RECEIVER_GROWTH_BYTES


def rss(running: Collector, name: str) -> int:
    """Return the memory of a process in bytes."""
    size: int = psutil.Process(running.pid_of(name)).memory_info().rss
    return size


def good(running: Collector, promises: Promises, number: int) -> None:
    """Send a request that is right."""
    connection = http.client.HTTPConnection("127.0.0.1", running.ports["http"], timeout=10)
    assert send_http(connection, body("good", number))[0] == 200
    connection.close()
    promises.acknowledged.add(number)


def test_hostile_names_come_back_as_they_were_sent(server: Collector) -> None:
    """NUL, quotes, SQL, emojis and markup as names and values of spans and logs, and a name of a megabyte."""
    names = [*HOSTILE, MEGABYTE]
    spans = ExportTraceServiceRequest()
    logs = ExportLogsServiceRequest()
    scope_spans = spans.resource_spans.add().scope_spans.add()
    scope_logs = logs.resource_logs.add().scope_logs.add()
    for number, name in enumerate(names, start=1):
        times = {"start_time_unix_nano": number, "end_time_unix_nano": number + 1}
        span = scope_spans.spans.add(
            trace_id=b"hostile-hostile-", span_id=number.to_bytes(8, "big"), name=name, **times
        )
        span.attributes.add(key=name).value.string_value = name
        record = scope_logs.log_records.add(time_unix_nano=number, event_name="hostile")
        record.body.string_value = name
        record.attributes.add(key=name).value.string_value = name
    connection = http.client.HTTPConnection("127.0.0.1", server.ports["http"], timeout=10)
    assert send_http(connection, spans.SerializeToString())[0] == 200
    assert send_http(connection, logs.SerializeToString(), path="/v1/logs")[0] == 200
    connection.close()

    wanted = [[name, {name: name}] for name in names]
    server.until_sql(
        "SELECT SpanName, SpanAttributes FROM spans WHERE TraceId = 'hostile-hostile-' ORDER BY SpanId", wanted
    )
    server.until_sql("SELECT Body, LogAttributes FROM otel_logs WHERE EventName = 'hostile' ORDER BY Timestamp", wanted)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_segments_come_back_as_they_were_sent(server: Collector, number: int) -> None:
    """The same as annotations of X-Ray segments."""
    now = time.time()
    name = HOSTILE[number]
    identity = f"feed{number:012x}"
    document = {
        "name": "hostile", "id": identity, "trace_id": f"1-{int(now):08x}-{3:024x}", "start_time": now, "end_time": now,
        "metadata": {"default": {name: name}},
    }  # fmt: skip
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        datagram = b'{"format": "json", "version": 1}\n' + json.dumps(document).encode()
        sender.sendto(datagram, ("127.0.0.1", server.ports["xray"]))

    server.until(lambda: found(server, identity) is not None)
    assert found(server, identity) == {name: name}


def found(server: Collector, identity: str) -> dict[str, str] | None:
    """Return the metadata of a span."""
    rows = server.sql(
        "SELECT SpanAttributes['aws.xray.metadata.default'] FROM spans WHERE hex(SpanId) = {id:String}",
        id=identity.upper(),
    )
    metadata: dict[str, str] | None = json.loads(rows[0][0]) if rows else None
    return metadata
