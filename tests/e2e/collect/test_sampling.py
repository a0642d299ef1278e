"""Sampling in a running server: whole traces with an error are kept, of the others a share."""

import http.client
import json
from contextlib import closing

from tests.e2e.collect.collector import Collector
from tests.e2e.collect.conftest import StartCollector


def _send(server: Collector, trace: int, name: str, *, parent: bool, failed: bool) -> None:
    span = {
        "traceId": f"{trace:032x}",
        "spanId": f"{trace * 2 + parent:016x}",
        "parentSpanId": f"{trace * 2:016x}" if parent else "",
        "name": name,
        "startTimeUnixNano": "1763600000000000000",
        "endTimeUnixNano": "1763600001000000000",
        "status": {"code": 2 if failed else 0},
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "sampled"}}]}
    document = {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}
    connection = http.client.HTTPConnection("127.0.0.1", server.ports["http"], timeout=10)
    with closing(connection):
        connection.request("POST", "/v1/traces", json.dumps(document), {"content-type": "application/json"})
        assert connection.getresponse().status == 200


def test_traces_with_an_error_are_kept_whole(collector: StartCollector) -> None:
    """A span that was fine is kept for an error that its trace meets in a later request; the rest is counted."""
    server = collector(env={"TASKSCOPE_SAMPLING_RATE": "0", "TASKSCOPE_SAMPLING_WAIT_SECONDS": "1"})
    for trace in range(1, 21):
        _send(server, trace, "root", parent=False, failed=False)
    _send(server, 7, "child", parent=True, failed=True)

    server.until_sql(
        "SELECT TraceId, SpanName FROM otel_traces ORDER BY SpanName", [[f"{7:032x}", "child"], [f"{7:032x}", "root"]]
    )
    counters = server.stop()

    assert counters["stored.spans"] == 2
    assert counters["sampled_out.spans"] == 19
