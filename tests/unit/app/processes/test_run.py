"""A collector's start and end, as far as no process is needed; the rest is in tests/e2e/collect."""

import io
import json
from pathlib import Path

import pytest

from taskscope.app.processes.folders import Folders
from taskscope.app.processes.listeners import Listeners
from taskscope.app.processes.plan import Plan
from taskscope.app.processes.run import Collector
from taskscope.app.settings.config import CollectorConfig
from taskscope.sockets import listen_tcp


class _NoReader(io.StringIO):
    """A pipe whose reader has gone."""

    def flush(self) -> None:
        """Fail, as a pipe does."""
        raise BrokenPipeError


class _Writes(io.StringIO):
    """A stream that keeps what each write brought."""

    def __init__(self) -> None:
        super().__init__()
        self.each: list[str] = []

    def write(self, text: str) -> int:
        """Keep it."""
        self.each.append(text)
        return super().write(text)


def _collector(listeners: Listeners) -> Collector:
    return Collector("taskscope test", CollectorConfig(), listeners, [], Plan("rest", (), "/"), owner_is_child=False)


def test_a_reader_of_the_first_lines_does_not_end_a_collector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`taskscope serve | head -1` goes on, and says on stderr what listens where."""
    monkeypatch.setattr("sys.stdout", _NoReader())

    folders = Folders(tmp_path)
    folders.owner.parent.mkdir()
    _collector(Listeners())._ready(folders)


def test_what_listens_where_is_said_in_one_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other processes of it say meanwhile, such as that the store is away, does not come between."""
    said, folders, listeners = _Writes(), Folders(tmp_path), Listeners()
    folders.owner.parent.mkdir()
    listeners.add("health", listen_tcp("127.0.0.1", 0, flag="--health-port"))
    monkeypatch.setattr("sys.stderr", said)

    _collector(listeners)._ready(folders)
    listeners.close()

    [text] = said.each
    assert text.startswith("taskscope test, data in")
    assert "health and own metrics" in text
    assert text.endswith("\n\n")


def test_the_one_that_has_the_directory_is_written_down_with_an_address_that_can_be_asked(tmp_path: Path) -> None:
    """Who listens everywhere is asked on loopback."""
    folders, listeners = Folders(tmp_path), Listeners()
    folders.owner.parent.mkdir()
    listeners.add("api", listen_tcp("0.0.0.0", 0, flag="--port"))  # noqa: S104 (nobody connects)
    listeners.add("health", listen_tcp("0.0.0.0", 0, flag="--health-port"))  # noqa: S104 (likewise)
    _collector(listeners)._ready(folders)
    ports = listeners.ports()
    listeners.close()

    written = json.loads(folders.owner.read_text())
    assert written["url"] == f"http://127.0.0.1:{ports['api']}"
    assert written["health"] == f"http://127.0.0.1:{ports['health']}"


def test_a_sidecar_is_written_down_with_its_health_alone(tmp_path: Path) -> None:
    """It has no API."""
    folders, listeners = Folders(tmp_path), Listeners()
    folders.owner.parent.mkdir()
    listeners.add("health", listen_tcp("127.0.0.1", 0, flag="--health-port"))
    _collector(listeners)._ready(folders)
    port = listeners.ports()["health"]
    listeners.close()

    written = json.loads(folders.owner.read_text())
    assert (written["url"], written["health"]) == ("", f"http://127.0.0.1:{port}")
