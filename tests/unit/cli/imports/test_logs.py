"""Lines of log groups on their way into the store: going on, beginning anew, patience."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest

from taskscope.cli.imports.logs import LogImport
from taskscope.cli.imports.run import Run
from taskscope.cli.imports.state import Journal
from taskscope.clock import MILLISECOND
from taskscope.errors import ThrottledError, UsageError
from taskscope.model.imported import ImportReceipt
from taskscope.model.window import Window
from taskscope.sources.imports import piece
from taskscope.sources.logs.place import LogPlace

_LINES = 40
_WINDOW = Window(0, 1_000 * MILLISECOND)
_PLACE = LogPlace("g")


class FakeLogs:
    """A group with lines; throttles when it is told to."""

    def __init__(self, *throttled: int) -> None:
        self.throttled = list(throttled)
        """Pages before which it does."""
        self.read = 0

    def events(self, _group: str, *, start: int, **_: object) -> Iterator[list[dict[str, Any]]]:
        """Yield pages of ten."""
        for first in range(0, _LINES, 10):
            if first // 10 in self.throttled:
                self.throttled.remove(first // 10)
                raise ThrottledError("slow")
            numbers = [each for each in range(first, first + 10) if each >= start]
            self.read += len(numbers)
            yield [{"logStreamName": "s", "timestamp": n, "message": "m", "eventId": f"{n}"} for n in numbers]


class FakeServer:
    """Stores lines by their ids; is interrupted before a request when it is told to."""

    def __init__(self) -> None:
        self.stored: set[str] = set()
        self.requests = 0
        self.fails_at = -1

    def send(self, _signal: str, body: bytes) -> ImportReceipt:
        """Store what is new."""
        self.requests += 1
        if self.requests == self.fails_at:
            raise KeyboardInterrupt
        ids = {each["id"] for each in json.loads(body)}
        new = ids - self.stored
        self.stored |= ids
        return ImportReceipt(len(new), len(ids) - len(new), 0)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piece, "PIECE_ITEMS", 8)


def _import(server: FakeServer, logs: FakeLogs, folder: Path, slept: list[float] | None = None) -> Run:
    run = Run(cast("Any", server), Journal({}, folder=folder), lambda *_: None)
    with ThreadPoolExecutor(1) as pool:
        rests = [] if slept is None else slept
        LogImport(run, lambda _region: cast("Any", logs), pool, rests.append).read([_PLACE], _WINDOW, "")
    return run


def test_every_line_is_sent(tmp_path: Path) -> None:
    """And nothing is noted at the end."""
    server = FakeServer()

    run = _import(server, FakeLogs(), tmp_path)

    assert len(server.stored) == run.tally.stored["logs"] == _LINES
    assert run.journal.entries() == []


def test_an_interrupted_import_goes_on_where_it_was(tmp_path: Path) -> None:
    """It reads the last line again, to see that it is there."""
    server, second = FakeServer(), FakeLogs()
    server.fails_at = 4
    with pytest.raises(KeyboardInterrupt):
        _import(server, FakeLogs(), tmp_path)

    run = _import(server, second, tmp_path)

    assert len(server.stored) == _LINES
    assert second.read == _LINES - 23
    assert run.tally.known == 1


def test_where_the_store_has_lost_what_was_noted_all_is_read_again(tmp_path: Path) -> None:
    """It was purged, or is another one."""
    server = FakeServer()
    server.fails_at = 4
    with pytest.raises(KeyboardInterrupt):
        _import(server, FakeLogs(), tmp_path)
    server.stored.clear()

    _import(server, FakeLogs(), tmp_path)

    assert len(server.stored) == _LINES


def test_what_is_throttled_is_asked_for_again(tmp_path: Path) -> None:
    """From the last line on; what comes twice is left out."""
    server, slept = FakeServer(), list[float]()

    _import(server, FakeLogs(2, 3), tmp_path, slept)

    assert len(server.stored) == _LINES
    assert slept == [1.0, 1.0]


def test_it_gives_up_after_a_minute(tmp_path: Path) -> None:
    """With the error that says so."""
    slept: list[float] = []

    with pytest.raises(ThrottledError):
        _import(FakeServer(), FakeLogs(*[1] * 9), tmp_path, slept)
    assert sum(slept) == 63


def test_a_piece_that_the_server_refuses_costs_only_itself(tmp_path: Path) -> None:
    """It is counted, with the reason."""

    class Refusing(FakeServer):
        def send(self, signal: str, body: bytes) -> ImportReceipt:
            if self.requests == 1:
                self.requests += 1
                raise UsageError("too odd")
            return super().send(signal, body)

    run = _import(Refusing(), FakeLogs(), tmp_path)

    assert (run.tally.refused, run.tally.reasons) == (8, ["too odd"])
    assert run.tally.stored["logs"] == _LINES - 8
