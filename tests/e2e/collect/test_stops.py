"""SIGTERM: everything that was acknowledged is stored, within the deadline, whoever still sends or hangs."""

import http.client
import os
import signal
import socket
import time
from contextlib import ExitStack

from tests.e2e.collect.collector import Collector
from tests.e2e.collect.conftest import StartCollector
from tests.e2e.collect.kills import Datagrams
from tests.e2e.collect.load import SPANS, Promises, SpanLoad, body, send_http

STOP_SECONDS = 6


def test_a_stop_under_load_keeps_its_deadline_and_its_word(collector: StartCollector) -> None:
    """While everything is sent and stuck connections hang on every port, it ends in time; nothing is lost."""
    running = collector("--stop-seconds", str(STOP_SECONDS))
    load = SpanLoad(running, "stopped")
    datagrams = Datagrams(running, "stopped.datagrams")
    with ExitStack() as stack:
        promises = stack.enter_context(load.running())
        hang(running, stack)
        for _ in range(20):
            datagrams.send(100)
            time.sleep(0.05)

        counted = running.stop(within=STOP_SECONDS)

    assert running.stop_took < STOP_SECONDS + 1
    assert "was killed" not in running.log()
    requests = counted["received.otlp_http"] + counted["received.otlp_grpc"]
    assert len(promises.acknowledged) <= requests <= len(promises.acknowledged) + len(promises.unanswered)
    assert not running.left_in_spool
    assert (counted["received.xray"], counted["received.statsd"]) == (datagrams.sent, datagrams.sent)
    assert counted["stored.spans"] == SPANS * requests + datagrams.sent
    running.start()
    promises.check(running, "stopped")
    datagrams.check(running)


def hang(running: Collector, stack: ExitStack) -> None:
    """Open connections whose senders died or trickle: without a byte, with half a head, half a body, half a message."""
    head = b"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n"
    starts = {
        "http": (b"", b"POST /v1/tr", head, head + b"content-length: 1000\r\n\r\nhalf"),
        "xray": (b"", head, head + b"content-length: 1000\r\n\r\nhalf"),
        "grpc": (b"", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        "fluent": (b"", b"\x94\xa3tag\xdc"),
        "api": (b"", head, head.replace(b"/v1/traces", b"/v1/events") + b"content-length: 1000\r\n\r\nhalf"),
        "health": (b"", b"GET /hea"),
    }
    for port, beginnings in starts.items():
        for beginning in beginnings:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", running.ports[port]), timeout=5))
            connection.sendall(beginning)


def test_a_stop_without_load_is_quick(collector: StartCollector) -> None:
    """Nothing under way: it ends in a moment, and says that nothing was dropped."""
    running = collector()
    connection = http.client.HTTPConnection("127.0.0.1", running.ports["http"], timeout=5)
    connection.request("GET", "/")
    assert connection.getresponse().status == 404
    connection.close()

    running.stop()

    assert running.stop_took < 3
    assert "dropped                       nothing" in running.log()


def test_a_store_that_hangs_is_ended_and_what_it_left_is_said(collector: StartCollector) -> None:
    """The store's process does not move: the stop keeps its deadline, and the receipt says what a start will bring."""
    running = collector("--stop-seconds", "2")
    promises = Promises()
    os.kill(running.pid_of("store"), signal.SIGSTOP)
    connection = http.client.HTTPConnection("127.0.0.1", running.ports["http"], timeout=5)
    for number in range(1, 11):
        assert send_http(connection, body("hung", number))[0] == 200
        promises.acknowledged.add(number)
    connection.close()

    counted = running.stop(within=2)

    assert running.stop_took < 3
    assert counted["received.otlp_http"] == 10
    assert "store did not end in time and was killed" in running.log()
    assert running.left_in_spool
    running.start()
    promises.check(running, "hung")
