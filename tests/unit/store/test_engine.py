"""Opening a store: in use, read only, gone."""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from taskscope.errors import TaskscopeError, UnavailableError, UnreachableError, UsageError
from taskscope.store.engine import open_store
from taskscope.store.owner import Owner, write_owner

_HOLD = """
import sys
from taskscope.store.engine import open_store
with open_store(sys.argv[1]) as store:
    store.execute("CREATE DATABASE IF NOT EXISTS otel")
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    """Give the folder of a store that another process has open."""
    folder = tmp_path / "store"
    command = [sys.executable, "-c", _HOLD, f"chdb://{folder}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield folder
        process.communicate(timeout=30)


def test_store_in_use_says_by_whom(held: Path) -> None:
    """A folder that another process has open is refused with the owner that its file names."""
    write_owner(held, Owner(42, "http://127.0.0.1:8275"))
    with pytest.raises(UnavailableError, match=r"in use by process 42 at http://127\.0\.0\.1:8275"):
        open_store(f"chdb://{held}")
    with pytest.raises(UnavailableError, match="in use by"):
        open_store(f"chdb://{held}", read_only=True)


def test_store_in_use_is_told_once_and_by_us(held: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The engine would write a line of its own to stderr, at each try."""
    with pytest.raises(UnavailableError):
        open_store(f"chdb://{held}")
    assert capfd.readouterr().err == ""


def test_store_of_this_process_can_be_opened_again(tmp_path: Path) -> None:
    """Its lock is in use by nobody else."""
    with open_store(f"chdb://{tmp_path}/store") as first, open_store(f"chdb://{tmp_path}/store") as second:
        first.execute("CREATE DATABASE otel")
        assert second.query("SELECT 1").rows == [[1]]


def test_read_only_store_answers_and_keeps_still(tmp_path: Path) -> None:
    """A store opened to read answers questions within bounds and takes no statement that writes."""
    dsn = f"chdb://{tmp_path}/store"
    subprocess.run([sys.executable, "-c", _HOLD, dsn], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    with open_store(dsn, read_only=True) as store:
        assert store.query("SELECT number FROM numbers(9)", max_rows=2).truncated
        with pytest.raises(TaskscopeError):
            store.execute("CREATE TABLE otel.t (x UInt8) ENGINE = Memory")


def test_folder_of_any_name(tmp_path: Path) -> None:
    """Spaces and percent signs in a folder's name are taken as they are."""
    with open_store(f"chdb://{tmp_path}/a%20b%2520c"):
        assert (tmp_path / "a b%20c").is_dir()


def test_nothing_at_the_address(caplog: pytest.LogCaptureFixture) -> None:
    """A server that does not answer is named without its password, a retry may help, and nobody else says so too."""
    with pytest.raises(UnreachableError) as caught:
        open_store("http://me:hunter2@127.0.0.1:9/otel")
    assert "127.0.0.1:9" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert [each.message for each in caplog.records if each.levelno >= logging.WARNING] == []


def test_closed_store_stays_closed(tmp_path: Path) -> None:
    """Closing twice does no harm, and a closed store opens no client again."""
    store = open_store(f"chdb://{tmp_path}/store")
    store.close()
    store.close()
    with pytest.raises(UnavailableError, match="closed"):
        store.query("SELECT 1")


def test_address_that_is_none() -> None:
    """The way to write it is told."""
    with pytest.raises(UsageError, match="chdb:///folder"):
        open_store("sqlite:///x")


def test_memory_of_a_refused_question_is_given_back(tmp_path: Path) -> None:
    """At once: the next reader of the machine's memory may be the one that kills for it."""
    with open_store(f"chdb://{tmp_path}/store") as store:
        store.execute("CREATE DATABASE otel")
        before = _resident_bytes()
        with pytest.raises(TaskscopeError, match="too much memory"):
            store.query("SELECT groupArray(number) FROM numbers(1000000000)", max_memory_bytes=600_000_000)
        assert _resident_bytes() - before < 200_000_000


def test_a_question_gets_no_more_than_its_share_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much it asks for; nor does all that the engine does."""
    monkeypatch.setattr("taskscope.store.memory.machine_bytes", lambda: 2_000_000_000)
    with open_store(f"chdb://{tmp_path}/store") as store:
        store.execute("CREATE DATABASE otel")
        answer = store.query("SELECT getSetting('max_memory_usage')", max_memory_bytes=4_000_000_000)
        assert answer.rows == [[500_000_000]]
        limit = "SELECT value FROM system.server_settings WHERE name = 'max_server_memory_usage'"
        assert store.query(limit).rows == [["1200000000"]]


def _resident_bytes() -> int:
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
