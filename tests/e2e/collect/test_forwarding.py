"""``collect`` as a sidecar: what it receives arrives at another collector, at X-Ray's API and in CloudWatch."""

import hashlib
import http.client
import json
import socket
import time
from pathlib import Path
from typing import Any

from msgpack import Unpacker, packb  # type: ignore[import-untyped]  # it has no types

from taskscope.lab.client.watch import until
from taskscope.lab.threaded import ThreadedAws
from tests.e2e.collect.collector import Collector
from tests.e2e.collect.conftest import StartCollector
from tests.e2e.collect.load import Promises, body, send_http

KEY = "shop-shared-key"


def test_everything_reaches_a_second_collector(collector: StartCollector, server: Collector) -> None:
    """Spans, StatsD and Fluent logs through ``collect --to otlp`` are in the store of ``serve``, none lost."""
    sidecar = collector(
        "--to", f"otlp=http://127.0.0.1:{server.ports['http']}", "--statsd-interval-seconds", "1",
        command="collect", env={"TASKSCOPE_FLUENT_SHARED_KEY": KEY},
    )  # fmt: skip
    promises = Promises()
    connection = http.client.HTTPConnection("127.0.0.1", sidecar.ports["http"], timeout=10)
    for number in range(1, 101):
        assert send_http(connection, body("forwarded", number))[0] == 200
        promises.acknowledged.add(number)
    connection.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(200):
            sender.sendto(b"forwarded.orders:1|c", ("127.0.0.1", sidecar.ports["statsd"]))
    log_with_shared_key(sidecar, {"log": "through the sidecar"})

    promises.check(server, "forwarded")
    server.until_sql("SELECT sum(Value) FROM otel_metrics_sum WHERE MetricName = 'forwarded.orders'", [[200]])
    server.until_sql(
        "SELECT Body FROM otel_logs WHERE LogAttributes['fluent.tag'] = 'keyed'", [["through the sidecar"]]
    )
    sidecar.drained()
    counted = sidecar.stop()
    fates = ("forwarded", "rejected", "dropped")
    assert {name: value for name, value in counted.items() if name.startswith(fates)} == {
        "forwarded.otlp.spans": 2000, "forwarded.otlp.logs": 1, "forwarded.otlp.metrics": 1, "dropped.statsd.limits": 0,
    }  # fmt: skip


def test_what_a_dead_sink_left_is_delivered_after_the_next_start(server: Collector, tmp_path: Path) -> None:
    """The sink is away until the deadline of the stop: the receipt says what is left, and a later start brings it."""
    promises = Promises()
    options = ("--stop-seconds", "2", "--to")
    with Collector(tmp_path, *options, "otlp=http://127.0.0.1:9", command="collect") as sidecar:
        connection = http.client.HTTPConnection("127.0.0.1", sidecar.ports["http"], timeout=10)
        for number in range(1, 21):
            assert send_http(connection, body("left", number))[0] == 200
            promises.acknowledged.add(number)
        connection.close()
        sidecar.until(lambda: sidecar.health()["status"] == "degraded")
        sidecar.stop(within=2)
        assert sidecar.left_in_spool
        assert sidecar.stop_took < 3

    with Collector(tmp_path, *options, f"otlp=http://127.0.0.1:{server.ports['http']}", command="collect") as sidecar:
        promises.check(server, "left")
        sidecar.drained()


def log_with_shared_key(sidecar: Collector, record: dict[str, str]) -> None:
    """Prove to know the shared key, as Fluent forward asks, then send a record and wait for its acknowledgement."""
    unpacker = Unpacker(raw=True)
    with socket.create_connection(("127.0.0.1", sidecar.ports["fluent"]), timeout=5) as connection:

        def receive() -> Any:
            while True:
                for message in unpacker:
                    return message
                unpacker.feed(connection.recv(4096))

        nonce = receive()[1][b"nonce"]
        digest = hashlib.sha512(b"salt" + b"app" + nonce + KEY.encode()).hexdigest()
        connection.sendall(packb(["PING", "app", "salt", digest, "", ""]))
        kind, admitted, *_ = receive()
        assert (kind, admitted) == (b"PONG", True)
        connection.sendall(packb(["keyed", [[int(time.time()), record]], {"chunk": "c1"}]))
        assert receive() == {b"ack": b"c1"}


def test_spans_of_any_origin_reach_the_x_ray_api(
    collector: StartCollector, server: Collector, aws: ThreadedAws
) -> None:
    """OTLP spans and X-Ray segments leave as documents of ``PutTraceSegments``, and are the same spans there."""
    api = f"http://127.0.0.1:{server.ports['xray']}"
    sidecar = collector(
        "--to", f"xray,endpoint-url={api}", "--sampling-from", "own", command="collect", env=aws.environment
    )
    connection = http.client.HTTPConnection("127.0.0.1", sidecar.ports["http"], timeout=10)
    now = int(time.time())
    number = (now << 96) + 5  # X-Ray trace ids begin with the time
    assert send_http(connection, body("to-xray", number, spans=3))[0] == 200
    connection.close()
    document = {
        "name": "to-xray",
        "id": f"{77:016x}",
        "trace_id": f"1-{now:08x}-{5:024x}",
        "start_time": now,
        "end_time": now + 1,
    }
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        datagram = b'{"format": "json", "version": 1}\n' + json.dumps(document).encode()
        sender.sendto(datagram, ("127.0.0.1", sidecar.ports["xray"]))

    trace = f"{number:032x}"
    server.until_sql(
        "SELECT count(), uniqExact(SpanId), groupUniqArray(ServiceName) FROM otel_traces"
        " WHERE TraceId = {trace:String}",
        [[4, 4, ["to-xray"]]],
        trace=trace,
    )
    assert sidecar.stop()["forwarded.xray.spans"] == 4


def test_logs_and_metrics_reach_cloudwatch(collector: StartCollector, aws: ThreadedAws) -> None:
    """A Fluent log becomes an event of a log group, StatsD a document in CloudWatch's embedded metric format."""
    sidecar = collector(
        "--to", "cloudwatch-logs,group=/e2e/logs", "--to", "emf,namespace=E2e,group=/e2e/metrics",
        "--statsd-interval-seconds", "1", command="collect", env=aws.environment,
    )  # fmt: skip
    with socket.create_connection(("127.0.0.1", sidecar.ports["fluent"]), timeout=5) as connection:
        connection.sendall(packb(["web", int(time.time()), {"log": "to the cloud"}]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"cloud.orders:5|c|#kind:web", ("127.0.0.1", sidecar.ports["statsd"]))
    logs = aws.client("logs")

    def messages(group: str) -> list[str]:
        try:
            return [each["message"] for each in logs.filter_log_events(logGroupName=group)["events"]]
        except logs.exceptions.ResourceNotFoundException:
            return []

    until(lambda: bool(messages("/e2e/logs") and messages("/e2e/metrics")))
    [line], [metric] = messages("/e2e/logs"), messages("/e2e/metrics")
    assert "to the cloud" in line
    document = json.loads(metric)
    assert document["cloud.orders"] == 5
    assert document["kind"] == "web"
    assert document["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "E2e"
    counted = sidecar.stop()
    assert (counted["forwarded.cloudwatch-logs.logs"], counted["forwarded.emf.metrics"]) == (1, 1)
