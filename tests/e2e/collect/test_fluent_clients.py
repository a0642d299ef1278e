"""Fluent loggers against ``serve``: Python's as it runs, Node's as it was recorded, in all modes."""

import json
import socket
from pathlib import Path
from typing import Any, Final

import pytest
from fluent import sender  # type: ignore[import-untyped]  # it has no types
from msgpack import Unpacker  # type: ignore[import-untyped]  # it has no types

from tests.e2e.collect.collector import Collector

CAPTURES: Final = Path(__file__).parents[2] / "fixtures" / "fluent"
MODES: Final = ("Message", "Forward", "PackedForward", "CompressedPackedForward")


def test_the_python_logger_is_stored(server: Collector) -> None:
    """A message with a time in nanoseconds keeps it; a string of JSON in ``log`` is read, FireLens' tag too."""
    logger = sender.FluentSender(
        "py-firelens-1", host="127.0.0.1", port=server.ports["fluent"], nanosecond_precision=True
    )
    line = json.dumps({"level": "warn", "message": "low ☃", "order": 7})
    assert logger.emit_with_time(None, sender.EventTime(1_790_000_000.25), {"log": line, "source": "stdout"})
    assert logger.emit_with_time("sub", 1_790_000_001, {"log": "plain"})
    logger.close()

    server.until_sql(
        "SELECT toUnixTimestamp64Nano(Timestamp), Body, SeverityText, ServiceName, LogAttributes['order'],"
        " LogAttributes['fluent.tag'] FROM otel_logs WHERE LogAttributes['fluent.tag'] LIKE 'py-firelens-%'"
        " ORDER BY Timestamp",
        [
            [1_790_000_000_250_000_000, "low ☃", "warn", "py", "7", "py-firelens-1"],
            [1_790_000_001_000_000_000, "plain", "", "py", "", "py-firelens-1.sub"],
        ],
    )


@pytest.mark.parametrize("mode", MODES)
def test_recorded_connections_are_stored(server: Collector, mode: str) -> None:
    """What Node's logger sent in each mode is stored record for record, with the task that FireLens told."""
    statement = (
        "SELECT count() FROM otel_logs WHERE ServiceName = 'app' AND"
        " ResourceAttributes['aws.ecs.task.id'] = '0123456789abcdef0123456789abcdef'"
    )
    [[before]] = server.sql(statement)
    sent = (CAPTURES / f"node_{mode}.bin").read_bytes()

    assert exchange(server, sent) == b""

    server.until_sql(statement, [[before + 4]])
    bodies = "SELECT DISTINCT Body FROM otel_logs WHERE ServiceName = 'app' AND Body != 'plain' ORDER BY Body"
    assert {row[0] for row in server.sql(bodies)} >= {
        "card declined",
        "order 0 taken",
        "order 1 taken",
        "order 2 taken",
    }


def test_acknowledgements_are_those_that_were_recorded(server: Collector) -> None:
    """A chunk is acknowledged with the bytes that Fluentd answered, after it is durable."""
    sent = (CAPTURES / "node_PackedForward_ack.bin").read_bytes()
    answer = (CAPTURES / "node_PackedForward_ack.reply.bin").read_bytes()

    assert _unpacked(exchange(server, sent)) == _unpacked(answer)


def exchange(server: Collector, sent: bytes) -> bytes:
    """Send the bytes of a connection, and return all that came back."""
    received = b""
    with socket.create_connection(("127.0.0.1", server.ports["fluent"]), timeout=5) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65_536):
            received += piece
    return received


def _unpacked(content: bytes) -> list[Any]:
    unpacker = Unpacker()
    unpacker.feed(content)
    return list(unpacker)
