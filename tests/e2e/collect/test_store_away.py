"""A store that is away: what comes is kept in the spool, refused when that is full, and stored when it is back."""

import http.client
from pathlib import Path

import grpc  # type: ignore[import-untyped]  # it has no types
import pytest

from tests.contract.store.server import ClickHouse, NoServerError, free_ports
from tests.e2e.collect.collector import Collector
from tests.e2e.collect.conftest import StartCollector
from tests.e2e.collect.kills import Datagrams
from tests.e2e.collect.load import EXPORT, SPANS, Promises, body, send_http


def test_a_full_spool_refuses_and_recovers(
    collector: StartCollector, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """
    The store is away: health says degraded, and what is acknowledged waits. The spool of 2 MiB is full: HTTP answers
    429 with Retry-After, gRPC RESOURCE_EXHAUSTED with RetryInfo, and datagrams that are dropped are counted. The store
    is there: all is stored once, and more is taken.
    """
    ports = free_ports(2)
    running = collector("--store", f"http://127.0.0.1:{ports[0]}", "--max-spool", "2MiB")
    promises = Promises()
    connection = http.client.HTTPConnection("127.0.0.1", running.ports["http"], timeout=10)
    request.addfinalizer(connection.close)
    answer = fill(connection, promises)

    assert int(answer.getheader("retry-after", "0")) >= 1
    assert len(promises.acknowledged) > 20
    refusal = refused_over_grpc(running)
    assert refusal.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert b"google.rpc.RetryInfo" in dict(refusal.trailing_metadata())["grpc-status-details-bin"]
    datagrams = Datagrams(running, "away.datagrams")
    datagrams.send(500)  # more than is left of the spool
    running.until(lambda: running.counters().get("received.xray") == datagrams.sent)
    running.until(lambda: running.health()["status"] == "degraded")
    assert any("store takes nothing" in each for each in running.health()["problems"])

    try:
        with ClickHouse(tmp_path / "server", ports=(ports[0], ports[1])):
            promises.check(running, "away")
            running.until(lambda: running.health()["status"] == "ok", seconds=25)
            running.until(lambda: send_http(connection, body("later", 1))[0] == 200)
            connection.close()
            counted = running.stop()
    except NoServerError as error:
        pytest.skip(f"NO CLICKHOUSE SERVER: {error}")
    assert 0 < counted["dropped.xray.spool_full"] <= datagrams.sent
    segments = datagrams.sent - counted["dropped.xray.spool_full"]
    assert counted["stored.spans"] == SPANS * (len(promises.acknowledged) + 1) + segments
    assert counted["refused.otlp_http.full"] == len(promises.refused)
    assert counted["refused.otlp_grpc.full"] == 1


def fill(connection: http.client.HTTPConnection, promises: Promises) -> http.client.HTTPResponse:
    """Send until a request is refused; return that answer."""
    for number in range(1, 200):
        content = body("away", number, padding=2000)
        connection.request("POST", "/v1/traces", content, {"content-type": "application/x-protobuf"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            promises.refused.add(number)
            assert answer.status == 429
            return answer
        promises.acknowledged.add(number)
    raise AssertionError("the spool took too much")


def refused_over_grpc(running: Collector) -> grpc.RpcError:
    """Send a request that is refused."""
    with grpc.insecure_channel(f"127.0.0.1:{running.ports['grpc']}") as channel, pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(EXPORT)(body("away", 500, padding=2000), timeout=10)
    return caught.value
