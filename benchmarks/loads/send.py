"""
A process that sends: ``python -m loads.send KIND HOST PORT SECONDS NUMBER RATE``; it prints what was acknowledged.

It encodes before the clock starts, so that what is measured is the receiver.
"""

import http.client
import json
import socket
import sys
import threading
import time
from collections.abc import Callable

import grpc  # type: ignore[import-untyped]  # it has no types

from loads import bodies

BODIES = 120
CONNECTIONS = 4


class Tally:
    """What was sent, and what was acknowledged, in units of the protocol."""

    def __init__(self) -> None:
        self.sent = self.acknowledged = self.refused = 0
        self.lock = threading.Lock()
        self.latencies: list[float] = []
        self.cpu_before = 0.0

    def add(self, units: int, *, acknowledged: bool, seconds: float) -> None:
        """Note one send."""
        with self.lock:
            self.sent += units
            self.acknowledged += units if acknowledged else 0
            self.refused += 0 if acknowledged else 1
            self.latencies.append(seconds)


def otlp_http(host: str, port: int, is_over: Callable[[], bool], number: int, tally: Tally) -> None:
    """Send OTLP requests over one connection, each after the answer to the one before."""
    made = bodies.otlp_bodies(BODIES // CONNECTIONS, number)
    _made()
    connection = http.client.HTTPConnection(host, port)
    connection.connect()
    for count in bodies.numbers(number, 1024):
        body = made[count // 1024 % len(made)].fresh(count)
        began = time.perf_counter()
        connection.request("POST", "/v1/traces", body, {"content-type": "application/x-protobuf"})
        answer = connection.getresponse()
        answer.read()
        tally.add(bodies.SPANS, acknowledged=answer.status == 200, seconds=time.perf_counter() - began)
        if answer.status != 200:
            time.sleep(0.05)
        if is_over():
            return


def otlp_grpc(host: str, port: int, is_over: Callable[[], bool], number: int, tally: Tally) -> None:
    """Send OTLP requests over one channel."""
    made = bodies.otlp_bodies(BODIES // CONNECTIONS, number)
    _made()
    # A pool of its own for each channel: the kernel then spreads connections over the processes that share the port.
    with grpc.insecure_channel(f"{host}:{port}", [("grpc.use_local_subchannel_pool", 1)]) as channel:
        export = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        for count in bodies.numbers(number, 1024):
            body = made[count // 1024 % len(made)].fresh(count)
            began = time.perf_counter()
            try:
                export(body)
                good = True
            except grpc.RpcError:
                good = False
                time.sleep(0.05)
            tally.add(bodies.SPANS, acknowledged=good, seconds=time.perf_counter() - began)
            if is_over():
                return


def fluent(host: str, port: int, is_over: Callable[[], bool], number: int, tally: Tally) -> None:
    """Send chunks over one connection, each after the acknowledgement of the one before."""
    made = [bodies.fluent_chunk(each) for each in range(number * 64, number * 64 + 32)]
    _made()
    with socket.create_connection((host, port)) as connection:
        for count in bodies.numbers(0, 1):
            began = time.perf_counter()
            connection.sendall(made[count % len(made)])
            good = bool(connection.recv(4096))
            tally.add(bodies.RECORDS, acknowledged=good, seconds=time.perf_counter() - began)
            if is_over() or not good:
                return


def datagrams(make: Callable[[int], bytes], units: int, host: str, port: int, seconds: float, rate: float) -> Tally:
    """Send datagrams at a steady rate, in bursts of two milliseconds."""
    tally = Tally()
    made = [make(number) for number in range(int(min(rate * seconds, 100_000)))]
    wait_for_go(tally)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect((host, port))
        began = time.perf_counter()
        while (now := time.perf_counter() - began) < seconds:
            due = int(now * rate)
            for number in range(tally.sent // units, due):
                sender.send(made[number % len(made)])
            tally.sent = max(tally.sent, due * units)
            time.sleep(0.002)
    return tally


START = threading.Event()
MADE = threading.Barrier(CONNECTIONS + 1)
"""Passed when all connections have encoded what they will send."""
STREAMS = {"otlp-http": otlp_http, "otlp-grpc": otlp_grpc, "fluent": fluent}
DATAGRAMS = {"xray": (bodies.xray_datagram, 1), "statsd": (bodies.statsd_datagram, bodies.LINES)}


def _made() -> None:
    MADE.wait()
    START.wait()


def main() -> None:
    """Make what is to be sent, say ready, send when a line comes in, and tell the result."""
    kind, host, port, seconds, number, rate = sys.argv[1:7]
    if kind in DATAGRAMS:
        make, units = DATAGRAMS[kind]
        tally = datagrams(make, units, host, int(port), float(seconds), float(rate) / units)
    else:
        tally = Tally()
        ends: list[float] = []

        def run(index: int) -> None:
            STREAMS[kind](host, int(port), lambda: time.monotonic() > ends[0], int(number) * CONNECTIONS + index, tally)

        threads = [threading.Thread(target=run, args=(index,)) for index in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        MADE.wait()
        wait_for_go(tally)
        ends.append(time.monotonic() + float(seconds))
        START.set()
        for thread in threads:
            thread.join()
    latencies = sorted(tally.latencies) or [0.0]
    document = {
        "sent": tally.sent,
        "acknowledged": tally.acknowledged,
        "refused": tally.refused,
        "p50_ms": latencies[len(latencies) // 2] * 1e3,
        "p99_ms": latencies[int(len(latencies) * 0.99)] * 1e3,
        "cpu_seconds": time.process_time() - tally.cpu_before,
    }
    print(json.dumps(document), flush=True)


def wait_for_go(tally: Tally) -> None:
    """Say that all is made, and wait for a line."""
    print("ready", flush=True)
    sys.stdin.readline()
    tally.cpu_before = time.process_time()


if __name__ == "__main__":
    main()
