"""Which server a command asks."""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from taskscope.app.processes.folders import Folders
from taskscope.app.processes.lock import lock_folder, write_owner
from taskscope.client.find import Server, find_health, find_server


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TASKSCOPE_SERVER", raising=False)


def test_a_server_that_is_named_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flag wins over the variable, and either over a server that runs."""
    monkeypatch.setenv("TASKSCOPE_SERVER", "http://variable:1/")

    assert find_server(None, tmp_path) == Server("http://variable:1", named=True)
    assert find_server("http://flag:1", tmp_path) == Server("http://flag:1", named=True)


def test_the_server_of_the_data_directory_is_found_while_it_runs(tmp_path: Path) -> None:
    """With the certificate that it shows; afterwards there is none."""
    folders = Folders(tmp_path)

    with lock_folder(folders):
        assert find_server(None, tmp_path) is None
        write_owner(folders, "https://127.0.0.1:7", certificate="/cert.pem")
        assert find_server(None, tmp_path) == Server("https://127.0.0.1:7", named=False, certificate="/cert.pem")

    assert find_server(None, tmp_path) is None


def test_the_health_of_a_sidecar_is_found_though_it_has_no_api(tmp_path: Path) -> None:
    """While it runs; it is no server that can be asked about a store."""
    folders = Folders(tmp_path)

    with lock_folder(folders):
        assert find_health(tmp_path) is None
        write_owner(folders, "", health="http://127.0.0.1:7")
        assert find_health(tmp_path) == "http://127.0.0.1:7"
        assert find_server(None, tmp_path) is None

    assert find_health(tmp_path) is None


def test_a_server_that_was_killed_is_not_asked(tmp_path: Path) -> None:
    """Its file is there still, and its number is that of another process; but nobody holds its lock."""
    folders = Folders(tmp_path)
    with lock_folder(folders):
        write_owner(folders, "http://127.0.0.1:7")
        left = folders.owner.read_text()
    folders.owner.write_text(left)
    assert json.loads(left)["pid"] == os.getpid()

    assert find_server(None, tmp_path) is None


def test_the_next_server_does_not_point_at_the_ports_of_the_one_that_was_killed(tmp_path: Path) -> None:
    """It takes the file away before it has ports of its own."""
    folders = Folders(tmp_path)
    folders.owner.parent.mkdir()
    folders.owner.write_text('{"pid": 1, "url": "http://127.0.0.1:7"}')

    with lock_folder(folders):
        assert find_server(None, tmp_path) is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"url": ""}', "7", "\x00"])
def test_a_file_that_does_not_read_is_none(tmp_path: Path, content: str) -> None:
    """Whatever is in it."""
    folders = Folders(tmp_path)
    with lock_folder(folders):
        folders.owner.write_text(content)
        assert find_server(None, tmp_path) is None
        assert find_health(tmp_path) is None


def test_looking_does_not_keep_a_server_from_starting(tmp_path: Path) -> None:
    """Who looks holds the lock for a moment; who starts waits for that long."""
    folders = Folders(tmp_path)
    folders.lock.parent.mkdir()

    with _looking(folders.lock) as let_go, pytest.MonkeyPatch.context() as patch:
        patch.setattr("taskscope.app.processes.lock.time.sleep", lambda _: let_go())
        with lock_folder(folders):
            pass


@contextmanager
def _looking(lock: Path) -> Iterator[Callable[[], None]]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield lambda: fcntl.flock(file, fcntl.LOCK_UN)
