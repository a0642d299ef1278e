"""Counters that survive their process."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.counters import Counters, read_counters
from taskscope.errors import TaskscopeError

_NAMES = st.sampled_from(["received.xray", "received.otlp", "dropped.statsd.kernel", "stored.spans"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a file in a folder that is not there yet."""
    return tmp_path / "counters" / "udp"


def test_counting_adds_up() -> None:
    """A counter that nobody counted is 0, and is none of all."""
    with Counters() as counters:
        counters.add("received.xray")
        counters.add("received.xray", 41)
        counters.set("spool_bytes", 7)
        counters.set("spool_bytes", 3)

        assert counters.value("received.xray") == 42
        assert counters.value("received.otlp") == 0
        assert counters.all() == {"received.xray": 42, "spool_bytes": 3}


def test_others_read_while_the_process_counts(path: Path) -> None:
    """Nothing has to be written out."""
    with Counters(path) as counters:
        counters.add("received.xray", 2**40)

        assert read_counters(path) == {"received.xray": 2**40}
        counters.add("received.xray")
        assert read_counters(path) == {"received.xray": 2**40 + 1}


def test_file_that_is_there_is_counted_on(path: Path) -> None:
    """A process that is started again goes on where the last one was."""
    for _ in range(3):
        with Counters(path) as counters:
            counters.add("received.xray")
            counters.add("received.otlp", 2)

    assert read_counters(path) == {"received.xray": 3, "received.otlp": 6}


def test_count_before_a_kill_is_there_after_it(path: Path) -> None:
    """The mapped page belongs to the kernel."""
    program = (
        "import os, sys, signal; from pathlib import Path; from taskscope.counters import Counters\n"
        "counters = Counters(Path(sys.argv[1])); counters.add('received.xray', 5)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], timeout=30, check=False)

    assert ended.returncode == -signal.SIGKILL
    assert read_counters(path) == {"received.xray": 5}


def test_file_that_is_not_there_has_no_counters(path: Path) -> None:
    """Nor has one that was only just made."""
    assert read_counters(path) == {}

    path.parent.mkdir()
    path.touch()
    assert read_counters(path) == {}


def test_file_cut_short_is_made_whole(path: Path) -> None:
    """A process may have ended while it made the file."""
    with Counters(path) as counters:
        counters.add("received.xray", 9)
    os.truncate(path, 100)

    with Counters(path) as counters:
        counters.add("received.otlp")
        assert counters.all() == {"received.xray": 9, "received.otlp": 1}


def test_file_has_its_room_on_the_disk(path: Path) -> None:
    """To count into a hole would end the process with SIGBUS once the disk is full."""
    with Counters(path):
        status = path.stat()

    assert status.st_blocks * 512 >= status.st_size


@pytest.mark.parametrize("name", ["", "x" * 57, "\u00e9" * 29])
def test_name_that_has_no_room_is_refused(name: str) -> None:
    """Names are ours, at most 56 bytes."""
    with Counters() as counters, pytest.raises(TaskscopeError, match="no room for the counter"):
        counters.add(name)


def test_too_many_counters_are_refused(path: Path) -> None:
    """And those that are there go on."""
    with Counters(path) as counters:
        for number in range(512):
            counters.add(f"{number:056}", number)
        with pytest.raises(TaskscopeError, match="no room for the counter 'one more'"):
            counters.add("one more")
        counters.add(f"{511:056}")

        assert counters.value(f"{511:056}") == 512
    assert len(read_counters(path)) == 512


def test_threads_lose_no_count() -> None:
    """However they interleave."""

    def count() -> None:
        for _ in range(3000):
            counters.add("n")

    with Counters() as counters:
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            threads = [threading.Thread(target=count) for _ in range(4)]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
        finally:
            sys.setswitchinterval(interval)

        assert counters.value("n") == 12_000


@given(st.lists(st.tuples(_NAMES, st.integers(-(2**40), 2**40))))
def test_counters_are_sums(counts: list[tuple[str, int]]) -> None:
    """By name, in the order of their first use."""
    expected: dict[str, int] = {}
    with Counters() as counters:
        for name, count in counts:
            counters.add(name, count)
            expected[name] = expected.get(name, 0) + count

        assert counters.all() == expected
        assert list(counters.all()) == list(expected)
