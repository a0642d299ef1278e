"""Bodies that no sender means: captures with bytes flipped, cut, doubled, exchanged and made up."""

import http.client
import json
import random
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local
from typing import Final

import grpc  # type: ignore[import-untyped]  # it has no types

from tests.e2e.collect.collector import Collector

_FIXTURES: Final = Path(__file__).parents[2] / "fixtures"
_MOST_BYTES: Final = 60_000
"""What a datagram can hold."""
_GRPC: Final = "/opentelemetry.proto.collector.{0}.v1.{1}Service/Export"
_SERVICES: Final = {"trace": "Trace", "metrics": "Metrics", "logs": "Logs"}


def captures(folder: str, pattern: str) -> list[bytes]:
    """Return the bodies of captures."""
    found = [path.read_bytes() for path in sorted((_FIXTURES / folder).glob(pattern))]
    assert found, (folder, pattern)
    return found


def mutants(samples: Sequence[bytes], count: int, *, seed: int = 7) -> Iterator[bytes]:
    """Yield so many damaged bodies, the same in each run."""
    draw = random.Random(seed)  # noqa: S311 (no secret)
    for _ in range(count):
        body = bytearray(draw.choice(samples))
        for _ in range(draw.randint(1, 4)):
            draw.choice(_DAMAGES)(body, draw, samples)
        yield bytes(body[:_MOST_BYTES])


def _flip(body: bytearray, draw: random.Random, _: Sequence[bytes]) -> None:
    if body:
        body[draw.randrange(len(body))] ^= 1 << draw.randrange(8)


def _cut(body: bytearray, draw: random.Random, _: Sequence[bytes]) -> None:
    del body[draw.randrange(len(body) + 1) :]


def _repeat(body: bytearray, draw: random.Random, _: Sequence[bytes]) -> None:
    start = draw.randrange(len(body) + 1)
    body += body[start : start + 500] * draw.randint(1, 20)


def _splice(body: bytearray, draw: random.Random, samples: Sequence[bytes]) -> None:
    other = draw.choice(samples)
    body[draw.randrange(len(body) + 1) :] = other[draw.randrange(len(other) + 1) :]


def _insert(body: bytearray, draw: random.Random, _: Sequence[bytes]) -> None:
    at = draw.randrange(len(body) + 1)
    body[at:at] = draw.choice([b"\xff" * 9, b"\x00" * 20, b"[" * 2000, b'{"a":' * 500, draw.randbytes(30)])


_DAMAGES: Final[Sequence[Callable[[bytearray, random.Random, Sequence[bytes]], None]]] = (
    _flip, _flip, _cut, _repeat, _splice, _insert
)  # fmt: skip


def send_datagrams(port: int, bodies: Iterator[bytes]) -> None:
    """Send over UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for body in bodies:
            sender.sendto(body, ("127.0.0.1", port))


def send_connections(port: int, bodies: Iterator[bytes]) -> None:
    """Send each over a TCP connection of its own."""
    for body in bodies:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.settimeout(10)
            try:
                connection.sendall(body)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65_536):
                    pass
            except ConnectionError:
                continue


def post(port: int, path: str, kind: str, bodies: Iterator[bytes], *, encoding: str = "identity") -> set[int]:
    """Send over HTTP from eight connections; return the statuses of the answers."""
    kept = local()

    def send(body: bytes) -> int:
        if not hasattr(kept, "connection"):
            kept.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connections.append(kept.connection)
        kept.connection.request("POST", path, body, {"content-type": kind, "content-encoding": encoding})
        answer = kept.connection.getresponse()
        answer.read()
        return int(answer.status)

    connections: list[http.client.HTTPConnection] = []
    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(send, bodies))
    for each in connections:
        each.close()
    return statuses


def call(port: int, signal: str, bodies: Iterator[bytes]) -> set[str]:
    """Send over gRPC; return the codes of the answers."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        export = channel.unary_unary(_GRPC.format(signal, _SERVICES[signal]))
        answers = [export.future(body, timeout=20) for body in bodies]
        return {answer.code().name for answer in answers}


def send_everything(running: Collector, count: int) -> dict[str, set[int] | set[str]]:
    """Send so many damaged bodies of each protocol; return how those over HTTP and gRPC were answered."""
    ports = running.ports
    send_datagrams(ports["xray"], mutants(captures("xray", "*.bin"), count))
    send_datagrams(ports["statsd"], mutants(captures("statsd", "*.bin"), count))
    fluent = [each for each in captures("fluent", "*.bin") if not each.startswith(b"\x92\xa4HELO")]
    send_connections(ports["fluent"], mutants(fluent, count))
    answers: dict[str, set[int] | set[str]] = {}
    third = count // 3 + 1
    for signal, service in _SERVICES.items():
        path = f"/v1/{'traces' if signal == 'trace' else signal}"
        protobuf = captures("otlp", f"*_grpc_*_{service}Service.pb")
        texts = captures("otlp", f"node_http_*{path.replace('/', '_')}.json")
        answers[f"http {signal}"] = post(ports["http"], path, "application/x-protobuf", mutants(protobuf, third))
        answers[f"json {signal}"] = post(ports["http"], path, "application/json", mutants(texts, third))
        gzipped = captures("otlp", f"*{path.replace('/', '_')}.pb.gz")
        answers[f"gzip {signal}"] = post(
            ports["http"], path, "application/x-protobuf", mutants(gzipped, third), encoding="gzip"
        )
        answers[f"grpc {signal}"] = call(ports["grpc"], signal, mutants(protobuf, third))
    segments = [_request(each) for each in captures("xray", "s*.bin")]
    answers["segments"] = post(ports["xray"], "/TraceSegments", "application/json", mutants(segments, count))
    events = [json.dumps(each).encode() for each in json.loads(captures("ecs", "task_state*.json")[0])]
    answers["events"] = post(ports["api"], "/v1/events", "application/json", mutants(events, count))
    return answers


def _request(datagram: bytes) -> bytes:
    """Return a ``PutTraceSegments`` request with the document of a datagram."""
    return json.dumps({"TraceSegmentDocuments": [datagram.partition(b"\n")[2].decode()]}).encode()
