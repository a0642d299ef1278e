"""Health: what is well, what is degraded, what fails; and how that is answered."""

import json
import time
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from taskscope.app.processes import health
from taskscope.app.processes.folders import Folders
from taskscope.app.processes.health import Health, HealthServer, exposition
from taskscope.counters import Counters
from taskscope.sockets import listen_tcp


@dataclass
class _Process:
    name: str
    is_up: bool = True


def _status(folder: Path, **document: object) -> Folders:
    folders = Folders(folder)
    folders.status.parent.mkdir(parents=True, exist_ok=True)
    known = {"time": time.time(), "spool_bytes": 0, "consumers": {"store": {"backlog_bytes": 0, "trouble": ""}}}
    folders.status.write_text(json.dumps(known | document))
    return folders


def test_all_is_well(tmp_path: Path) -> None:
    """Every process is up, every sink takes what comes."""
    document = Health(_status(tmp_path), [_Process("udp")], 100).look()

    assert (document["status"], document["problems"], document["processes"]) == ("ok", [], {"udp": True})


def test_a_sink_in_trouble_degrades(tmp_path: Path) -> None:
    """What comes is kept; a restart would not help."""
    consumers = {"xray": {"backlog_bytes": 7, "trouble": "throttled"}, "store": {"backlog_bytes": 0, "trouble": ""}}
    document = Health(_status(tmp_path, consumers=consumers), [], 100).look()

    assert (document["status"], document["problems"]) == ("degraded", ["xray takes nothing: throttled"])


def test_a_spool_that_is_nearly_full_degrades(tmp_path: Path) -> None:
    """At nine tenths."""
    assert Health(_status(tmp_path, spool_bytes=90), [], 100).look()["status"] == "ok"
    assert Health(_status(tmp_path, spool_bytes=91), [], 100).look()["status"] == "degraded"


def test_a_process_that_stays_away_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is being started again does not, and one that came back neither."""
    process = _Process("udp", is_up=False)
    watch = Health(_status(tmp_path), [process], 100)
    assert watch.look()["status"] == "ok"

    monkeypatch.setattr(health, "_GRACE_SECONDS", -1)
    assert watch.look()["problems"] == ["udp is not running"]
    process.is_up = True
    assert watch.look()["status"] == "ok"


def test_consumers_that_are_not_heard_of_fail(tmp_path: Path) -> None:
    """Their process hangs; before the first status nothing is said."""
    assert Health(Folders(tmp_path / "new"), [], 100).look()["status"] == "ok"
    assert Health(_status(tmp_path, time=time.time() - 60), [], 100).look()["status"] == "failing"


def test_the_server_answers_with_health_and_counters(tmp_path: Path) -> None:
    """503 where it fails, so that what only reads the code knows; other paths are 404."""
    folders = _status(tmp_path)
    with Counters(folders.counters / "udp") as counters:
        counters.add("received.xray", 7)
    process = _Process("udp")
    watch = Health(folders, [process], 100)
    with closing(listen_tcp("127.0.0.1", 0, flag="--health-port")) as bound:
        server = HealthServer(bound, watch, folders)
        server.start()
        try:
            url = f"http://127.0.0.1:{bound.getsockname()[1]}"
            assert json.loads(_get(url + "/healthz")[1])["status"] == "ok"
            assert _get(url + "/metrics?x")[1] == (
                '# TYPE taskscope_received_total counter\ntaskscope_received_total{part="xray"} 7\n'
            )
            assert _get(url + "/nothing")[0] == 404
            _status(tmp_path, time=0)
            assert _get(url)[0] == 503
        finally:
            server.stop()
            server.stop()


def _get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (http by construction)
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_server_that_never_started_can_be_stopped(tmp_path: Path) -> None:
    """As when a process could not start."""
    with closing(listen_tcp("127.0.0.1", 0, flag="--health-port")) as bound:
        HealthServer(bound, Health(Folders(tmp_path), [], 100), Folders(tmp_path)).stop()


def test_each_group_of_counters_is_a_metric() -> None:
    """Its parts are labels."""
    assert exposition({"dropped.xray.full": 1, "received.otlp": 2, "dropped.statsd": 3}) == (
        "# TYPE taskscope_dropped_total counter\n"
        'taskscope_dropped_total{part="statsd"} 3\n'
        'taskscope_dropped_total{part="xray.full"} 1\n'
        "# TYPE taskscope_received_total counter\n"
        'taskscope_received_total{part="otlp"} 2\n'
    )
