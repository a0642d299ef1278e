"""The receipt of a run."""

from pathlib import Path

import pytest

from taskscope.app.processes.receipt import lines, status, total
from taskscope.counters import Counters


def test_counters_of_all_processes_are_added_up(tmp_path: Path) -> None:
    """Also those of processes that have gone."""
    for name, count in (("udp", 2), ("otlp-0", 3)):
        with Counters(tmp_path / name) as counters:
            counters.add("received.xray", count)

    assert total(tmp_path) == {"received.xray": 5}
    assert total(tmp_path / "nothing") == {}


def test_what_is_nought_is_left_out_but_for_what_was_dropped() -> None:
    """That nothing was lost is worth a line."""
    said = list(lines({"received.xray": 1234, "received.otlp": 0, "stored.spans": 2, "received_bytes.xray": 9}, 0))

    assert [line.split(maxsplit=1) for line in said] == [
        ["received", "1,234 xray"],
        ["dropped", "nothing"],
        ["stored", "2 spans"],
    ]


def test_what_is_left_in_the_spool_is_told() -> None:
    """It is delivered after the next start."""
    assert "7 bytes" in list(lines({}, 7))[-1]


@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff"])
def test_a_status_that_is_not_there_is_empty(tmp_path: Path, content: bytes | None) -> None:
    """A process may have ended before it wrote one."""
    path = tmp_path / "status.json"
    if content is not None:
        path.write_bytes(content)
    assert status(path) == {}
