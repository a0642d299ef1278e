"""Files of inserts that were cut short are deleted when their store is opened again."""

import tempfile
from pathlib import Path

import pytest

from taskscope.store import scratch
from taskscope.store.scratch import leave_scratch, take_scratch


@pytest.fixture(params=["memory", "disk"])
def room(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have room in memory, or none."""
    (tmp_path / "shm").mkdir()
    monkeypatch.setattr(scratch, "_MEMORY", tmp_path / "shm")
    monkeypatch.setattr(scratch, "_ROOM_BYTES", 1 if request.param == "memory" else 2**80)
    monkeypatch.setattr(tempfile, "tempdir", None)
    return str(request.param)


def test_folder_is_emptied_once(room: str, tmp_path: Path) -> None:
    """What a killed process left goes; what this process writes stays, also when the store is opened twice."""
    store = tmp_path / "store"
    folder = take_scratch(store)
    (folder / "left.raw").write_bytes(b"x")
    leave_scratch(folder)
    again = take_scratch(store)
    assert again == folder
    assert list(folder.iterdir()) == []
    with tempfile.NamedTemporaryFile() as file:
        assert Path(file.name).parent == folder
        take_scratch(store)
        assert Path(file.name).exists()
    leave_scratch(folder)

    assert (folder.parent == tmp_path / "shm") == (room == "memory")
    assert not folder.exists()
    assert tempfile.tempdir is None


def test_stores_have_folders_of_their_own(room: str, tmp_path: Path) -> None:
    """Two stores do not empty each other's; nobody else can look in."""
    first, second = take_scratch(tmp_path / "a"), take_scratch(tmp_path / "b")

    assert first != second
    assert room == "disk" or first.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_somebody_else_is_not_used(room: str, tmp_path: Path) -> None:
    """A link in the place of the folder in memory sends it to the disk."""
    folder = take_scratch(tmp_path / "store")
    leave_scratch(folder)
    (tmp_path / "shm" / folder.name).symlink_to(tmp_path)

    assert take_scratch(tmp_path / "store") == tmp_path / "store" / "taskscope-inserts"
    assert room
