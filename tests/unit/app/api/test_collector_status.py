"""How a collector says it is, to those who ask its API."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from taskscope.app.api import collector_status
from taskscope.app.api.collector_status import CollectorStatus
from taskscope.app.processes.folders import Folders
from taskscope.counters import Counters
from taskscope.errors import UnreachableError
from taskscope.store.engine import Store


def _away() -> Store:
    raise UnreachableError("the store is away")


def _status(folder: Path) -> dict[str, Any]:
    return dict(CollectorStatus(_away, Folders(folder))())


def test_what_all_processes_counted_is_added_up(tmp_path: Path) -> None:
    """And told apart by what it means."""
    for name in ("udp", "store"):
        with Counters(Folders(tmp_path).counters / name) as counters:
            counters.add("received.xray", 2)
            counters.add("dropped.statsd.kernel", 1)
            counters.add("refused.otlp.size", 3)
            counters.add("sampled_out.spans", 5)

    found = _status(tmp_path)

    assert found["counters"]["received.xray"] == 4
    assert (found["dropped"], found["refused"]) == ({"statsd.kernel": 2}, {"otlp.size": 6})
    assert found["sampling"] == {"spans": 10}


def test_without_a_process_that_watches_it_is_not_known(tmp_path: Path) -> None:
    """A command that opens the store itself still tells what waits."""
    folders = Folders(tmp_path)
    folders.status.parent.mkdir(parents=True)
    consumers = {"store": {"backlog_bytes": 7, "trouble": ""}}
    folders.status.write_text(json.dumps({"time": time.time() - 5, "spool_bytes": 9, "consumers": consumers}))

    found = _status(tmp_path)

    assert (found["status"], found["spool_bytes"], found["consumers"]) == ("unknown", 9, consumers)
    assert 5 <= found["lag_seconds"] < 30


def test_a_store_that_is_away_is_no_error(tmp_path: Path) -> None:
    """The status says so."""
    found = _status(tmp_path)

    assert found["store"] == {"rows": 0, "bytes_on_disk": 0, "tables": [], "trouble": "the store is away"}
    assert (found["lag_seconds"], found["quarantined"]) == (None, 0)


def test_a_watcher_that_does_not_answer_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens at the address any more."""
    monkeypatch.setattr(collector_status, "find_health", lambda _folder: "http://127.0.0.1:1")

    assert _status(tmp_path)["status"] == "unknown"
