"""Servers that are too old."""

from dataclasses import dataclass

import clickhouse_connect
import pytest

from taskscope.errors import TaskscopeError
from taskscope.store.engine import open_store
from taskscope.store.server_version import young_enough


@dataclass
class _Server:
    server_version: str
    closed: bool = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("version", ["25.9.1.1", "25.10.2.65", "26.7.2.1", "25.9", "", "head"])
def test_server_that_knows_our_functions_is_taken(version: str) -> None:
    """And one whose version nobody can read."""
    server = _Server(version)
    assert young_enough(server, "http://ch:8123/otel") is server
    assert not server.closed


@pytest.mark.parametrize("version", ["25.8.13.73", "24.12.1.1", "9.99", "25.8"])
def test_store_on_an_older_server_does_not_open(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """It says both versions, not later by a function that the server does not know; the connection is closed."""
    server = _Server(version)
    monkeypatch.setattr(clickhouse_connect, "get_client", lambda **_: server)
    with pytest.raises(
        TaskscopeError, match=rf"http://u:\*+@ch:8123/otel is ClickHouse {version}, .* needs 25\.9 or newer"
    ):
        open_store("http://u:secret@ch:8123")
    assert server.closed
