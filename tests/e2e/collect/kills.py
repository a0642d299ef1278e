"""Rounds of kills under load: every process of a collector within half a second, then the one that started them."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final

from msgpack import packb, unpackb  # type: ignore[import-untyped]  # it has no types

from tests.e2e.collect.collector import Collector
from tests.e2e.collect.load import SpanLoad

PROCESSES: Final = ("udp", "otlp-0", "streams", "store")
_HEADER: Final = b'{"format": "json", "version": 1}\n'


class Datagrams:
    """A sender of X-Ray segments and StatsD lines; a datagram that the kernel took is one that must arrive."""

    def __init__(self, collector: Collector, service: str) -> None:
        self._ports = collector.ports
        self._service = service
        self._numbers = count(1)
        self.sent = 0
        """Of each kind."""

    def send(self, number: int) -> None:
        """Send so many of each kind."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(number):
                document = (
                    f'{{"name": "{self._service}", "id": "{next(self._numbers):016x}", "start_time": {time.time()},'
                    f' "end_time": {time.time()}, "trace_id": "1-{int(time.time()):08x}-{0:024x}"}}'
                )
                sender.sendto(_HEADER + document.encode(), ("127.0.0.1", self._ports["xray"]))
                sender.sendto(f"{self._service}:1|c".encode(), ("127.0.0.1", self._ports["statsd"]))
        self.sent += number

    def check(self, collector: Collector) -> None:
        """Wait until all are stored, each once."""
        collector.until_sql(
            "SELECT count(), uniqExact(SpanId) FROM spans WHERE ServiceName = {service:String}",
            [[self.sent, self.sent]],
            service=self._service,
        )
        collector.until_sql(
            "SELECT sum(Value) FROM otel_metrics_sum WHERE MetricName = {service:String}",
            [[self.sent]],
            service=self._service,
        )


class LogLoad:
    """A Fluent sender that waits for each acknowledgement, and forgets a message whose connection broke."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send, daemon=True)
        self.acknowledged: set[str] = set()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Send until the block ends."""
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join()

    def check(self, collector: Collector) -> None:
        """Check that what was acknowledged is stored once, and nothing else twice."""
        statement = "SELECT Body, count() FROM otel_logs WHERE LogAttributes['fluent.tag'] = 'killed' GROUP BY Body"
        collector.until(lambda: self.acknowledged <= {row[0] for row in collector.sql(statement)})
        assert {count for _, count in collector.sql(statement)} == {1}

    def _send(self) -> None:
        numbers = count()
        while not self._stop.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self._collector.ports["fluent"]), timeout=10) as connection:
                    while not self._stop.wait(0.005):
                        self._exchange(connection, f"line {next(numbers)}")
            except OSError:
                self._stop.wait(0.05)

    def _exchange(self, connection: socket.socket, line: str) -> None:
        connection.sendall(packb(["killed", [[int(time.time()), {"log": line}]], {"chunk": line}]))
        answer = connection.recv(4096)
        if not answer:
            raise ConnectionResetError
        assert unpackb(answer) == {"ack": line}
        self.acknowledged.add(line)


def kill_in_rounds(collector: Collector, rounds: int) -> None:
    """Kill everything so many times while everything is sent, then check what is stored."""
    load = SpanLoad(collector, "killed", pause=0.005)
    logs = LogLoad(collector)
    datagrams = Datagrams(collector, "killed.datagrams")
    with load.running() as promises, logs.running():
        for _ in range(rounds):
            _one_round(collector, datagrams)
    sys.stderr.write(f"spans: {promises}; logs: {len(logs.acknowledged)} acknowledged\n")
    assert len(promises.acknowledged) > 100 * rounds
    assert len(logs.acknowledged) > 50 * rounds
    promises.check(collector, "killed")
    logs.check(collector)
    datagrams.check(collector)


def _one_round(collector: Collector, datagrams: Datagrams) -> None:
    """Kill each process within half a second, wait until all are back; then kill the supervisor, and start again."""
    before = collector.counters()
    for name in PROCESSES:
        collector.kill_process(name)
        datagrams.send(50)  # while udp is away, or coming back
        time.sleep(0.1)
    for name in PROCESSES:
        collector.until_restarted(name, before, seconds=40)
    collector.kill()
    collector.start()
