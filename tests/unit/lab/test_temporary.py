"""Temporary folders: gone at the end, and after a lab that was killed gone with the next one."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from taskscope.lab.temporary import remove_left_folders, temporary_folder

HOLDER = """
import sys, time
from taskscope.lab.temporary import temporary_folder
with temporary_folder() as folder:
    (folder / "file").write_text("x")
    print(folder, flush=True)
    time.sleep(60)
"""


def test_a_folder_lives_as_long_as_its_block() -> None:
    """Whatever is in it goes too."""
    with temporary_folder() as folder:
        (folder / "a").mkdir()
        remove_left_folders()
        assert folder.is_dir()
    assert not folder.exists()


def test_the_next_lab_removes_what_a_killed_one_left() -> None:
    """Not while it lives, and nothing that only looks similar."""
    with tempfile.TemporaryDirectory(prefix="taskscope-other") as stranger:
        process = subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        with process.stdout as lines:
            folder = Path(lines.readline().strip())
        remove_left_folders()
        assert (folder / "file").exists()
        process.kill()
        process.wait()
        remove_left_folders()
        assert not folder.exists()
        assert Path(stranger).is_dir()


def test_a_folder_whose_lock_is_held_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process may live in another container, where its id is not to be seen."""
    with temporary_folder() as folder, monkeypatch.context() as patch:
        patch.setattr(Path, "exists", lambda _: False)
        remove_left_folders()
        patch.undo()
        assert folder.is_dir()
