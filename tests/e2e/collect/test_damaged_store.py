"""What a full disk or a crash of the machine can leave in the store's folder."""

import http.client

from tests.e2e.collect.conftest import StartCollector
from tests.e2e.collect.load import Promises, body, send_http


def test_a_truncated_copy_of_the_schema_holds_nothing_up(collector: StartCollector) -> None:
    """The engine keeps a copy of OTLP's schema for good: a truncated one must not outlive a start."""
    running = collector()
    promises = Promises()

    def send(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", running.ports["http"], timeout=10)
        assert send_http(connection, body("schema", number))[0] == 200
        connection.close()
        promises.acknowledged.add(number)
        promises.check(running, "schema", seconds=10)

    send(1)
    running.stop()
    for copy in running.data.rglob("*.proto"):
        copy.write_bytes(b"")
    running.start()
    send(2)
