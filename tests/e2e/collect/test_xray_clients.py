"""AWS's X-Ray SDK, its collector for Lambda and awscli against ``serve``: what they sent is in the store."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.collect.apps import run_app
from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import clean_environment

AWS = Path(sys.executable).parent / "aws"
CAPTURES = Path(__file__).parents[2] / "fixtures" / "xray"


def test_an_app_with_the_sdk_is_stored_as_it_was_sampled(server: Collector, aws: ThreadedAws) -> None:
    """
    Flask, botocore and sqlite3 under the SDK: it polls the rules of our file and follows them, and each segment and
    subsegment becomes a span with its status, parent, annotations and exception.
    """
    before = server.counters()
    app = run_app("xray_app", server, aws.environment)
    server.until_sql("SELECT count() FROM spans WHERE ServiceName = 'sdk-shop'", [[10]])

    assert app["statuses"] == [200, 200, 500, 404, 200]
    assert app["rules"] == {"never-health": [0.0, 0, True], "always": [1.0, 0, True], "Default": [0.05, None, False]}
    names = server.sql("SELECT SpanName FROM spans WHERE ServiceName = 'sdk-shop' ORDER BY Timestamp")
    assert [row[0] for row in names] == [*2 * ["sdk-shop", "s3", ":memory:", "price"], "sdk-shop", "sdk-shop"]
    trace, segment = app["seen"]["order 1"].split()
    found = server.sql(
        "SELECT SpanName, ParentSpanId, StatusCode, SpanAttributes FROM otel_traces WHERE TraceId = {trace:String}"
        " ORDER BY Timestamp",
        trace=trace.removeprefix("1-").replace("-", ""),
    )
    assert [row[1] for row in found] == ["", segment, segment, segment]
    attributes = {row[0]: row[3] for row in found}
    assert attributes["sdk-shop"].items() >= {
        "http.request.method": "GET", "url.full": "http://localhost/order/1", "http.response.status_code": "200",
        "enduser.id": "bob",
    }.items()  # fmt: skip
    assert attributes["s3"].items() >= {"rpc.method": "ListBuckets", "cloud.region": aws.region}.items()
    assert attributes[":memory:"]["db.system"] == "sqlite3"
    assert attributes["price"]["currency"] == "EUR"
    assert json.loads(attributes["price"]["aws.xray.metadata.shop"]) == {"cart": {"items": [1, 2]}}
    assert server.counters()["polled.xray"] - before.get("polled.xray", 0) >= 2
    check_failures(server)


def check_failures(server: Collector) -> None:
    """Check the two requests that failed."""
    failed = server.sql(
        "SELECT SpanAttributes['url.full'], StatusCode, StatusMessage, `Events.Name`,"
        " arrayMap(each -> each['exception.type'], `Events.Attributes`)"
        " FROM otel_traces WHERE ServiceName = 'sdk-shop' AND StatusCode = 'Error' ORDER BY Timestamp"
    )
    assert failed == [
        ["http://localhost/fault", "Error", "no stock", ["exception"], ["ValueError"]],
        ["http://localhost/missing", "Error", "", [], []],
    ]


def test_every_captured_datagram_is_stored(server: Collector) -> None:
    """All datagrams that SDKs sent to a daemon, AWS's OTLP form among them: each is stored, none in quarantine."""
    before = server.counters()
    datagrams = [path.read_bytes() for path in sorted(CAPTURES.glob("*.bin"))]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in datagrams:
            sender.sendto(datagram, ("127.0.0.1", server.ports["xray"]))
    expected = sum(count_spans(each) for each in datagrams)

    server.until(lambda: server.counters().get("stored.spans", 0) - before.get("stored.spans", 0) >= expected)

    after = server.counters()
    assert after["stored.spans"] - before.get("stored.spans", 0) == expected
    assert after["received.xray"] - before.get("received.xray", 0) == len(datagrams)
    assert [name for name in after if name.startswith(("quarantined", "rejected", "invalid"))] == []
    assert server.sql("SELECT count() FROM spans WHERE SpanName = 'lambda-handler'") == [[1]]


def count_spans(datagram: bytes) -> int:
    """Count the segment and subsegments of a datagram; what is no JSON is AWS's OTLP form with one span."""
    _, _, document = datagram.partition(b"\n")
    return 1 if document.startswith(b"T1") else _count(json.loads(document))


def _count(node: dict[str, Any]) -> int:
    return 1 + sum(_count(each) for each in node.get("subsegments", []))


def test_awscli_puts_segments(server: Collector, aws: ThreadedAws, tmp_path: Path) -> None:
    """``aws xray put-trace-segments`` against the TCP port: the segments are stored, and the answer is AWS's."""
    now = time.time()
    documents = [
        json.dumps({"name": "cli", "id": f"{number:016x}", "trace_id": f"1-{int(now):08x}-{7:024x}",
                    "start_time": now, "end_time": now + number})
        for number in (1, 2)
    ]  # fmt: skip
    endpoint = f"http://127.0.0.1:{server.ports['xray']}"

    done = subprocess.run(
        [AWS, "xray", "put-trace-segments", "--endpoint-url", endpoint, "--trace-segment-documents", *documents],
        env=clean_environment({**aws.environment, "HOME": str(tmp_path), "AWS_PAGER": ""}),
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert (done.returncode, json.loads(done.stdout)) == (0, {"UnprocessedTraceSegments": []}), done.stderr
    statement = (
        "SELECT lower(hex(SpanId)), intDiv(Duration, 1000000000) FROM spans WHERE ServiceName = 'cli' ORDER BY SpanId"
    )
    server.until_sql(statement, [[f"{1:016x}", 1], [f"{2:016x}", 2]])
