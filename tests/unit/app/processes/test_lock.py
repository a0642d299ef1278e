"""One collector for each data directory."""

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from taskscope.app.processes.folders import Folders
from taskscope.app.processes.lock import lock_folder, mark_processes, wait_for_leftovers, write_owner
from taskscope.errors import UsageError


def test_a_second_collector_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    """Its files stay as they are."""
    folders = Folders(tmp_path)
    with lock_folder(folders):
        write_owner(folders, "http://127.0.0.1:7", health="http://127.0.0.1:8")
        with pytest.raises(UsageError, match="another collector runs"), lock_folder(folders):
            pass
        assert json.loads(folders.owner.read_text()) == {
            "pid": os.getpid(), "url": "http://127.0.0.1:7", "health": "http://127.0.0.1:8", "certificate": "",
        }  # fmt: skip
    assert not folders.owner.exists()
    with lock_folder(folders):
        pass


def test_the_lock_is_nobody_elses_to_hold(tmp_path: Path) -> None:
    """Who could open it could keep the collector from starting."""
    folders = Folders(tmp_path)
    with lock_folder(folders):
        assert stat.S_IMODE(folders.lock.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """With the reason, and what to choose instead."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="Not a directory"), lock_folder(Folders(tmp_path / "file")):
        pass


def test_the_processes_of_a_collector_that_was_killed_are_waited_for(tmp_path: Path) -> None:
    """They hold its ports and its store until they have ended."""
    folders = Folders(tmp_path)
    with mark_processes(folders) as mark:
        child = subprocess.Popen(
            [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, pass_fds=[mark]
        )
    assert child.stdin is not None
    began = time.monotonic()
    wait_for_leftovers(folders, 0.1)
    assert time.monotonic() - began >= 0.1

    child.stdin.close()
    wait_for_leftovers(folders, 20)
    child.wait()
    assert time.monotonic() - began < 15
