"""The file that says which process has an embedded store open."""

import fcntl
from pathlib import Path

import pytest

from taskscope.store.owner import Owner, clear_owner, is_locked_elsewhere, read_owner, write_owner


def test_owner_is_read_back(tmp_path: Path) -> None:
    """What was written is read, and nothing after it was cleared."""
    store = tmp_path / "store"
    assert read_owner(store) is None
    write_owner(store, Owner(7, "http://127.0.0.1:8275"))
    assert read_owner(store) == Owner(7, "http://127.0.0.1:8275")
    assert [each.name for each in store.iterdir()] == ["taskscope-owner.json"]
    clear_owner(store)
    clear_owner(store)
    assert read_owner(store) is None


def test_damaged_file_names_nobody(tmp_path: Path) -> None:
    """A file that does not read is as good as none."""
    (tmp_path / "taskscope-owner.json").write_text("{")
    assert read_owner(tmp_path) is None


def test_owner_reads_as_a_sentence() -> None:
    """With and without an address."""
    assert str(Owner(7, "")) == "process 7"
    assert str(Owner(7, "http://127.0.0.1:1")) == "process 7 at http://127.0.0.1:1"


def test_a_lock_of_this_process_is_not_one_of_another(tmp_path: Path) -> None:
    """What nobody holds, or this process holds, can be opened; the engine locks ``status``."""
    status = tmp_path / "status"
    assert not is_locked_elsewhere(tmp_path)
    with status.open("w") as file:
        assert not is_locked_elsewhere(tmp_path)
        fcntl.flock(file, fcntl.LOCK_EX)
        assert not is_locked_elsewhere(tmp_path)


def test_who_looks_at_a_lock_leaves_it(tmp_path: Path) -> None:
    """It can be taken at once."""
    with (tmp_path / "status").open("w") as file:
        assert not is_locked_elsewhere(tmp_path)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_lock_that_cannot_be_looked_at_is_left_to_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what is wrong with the folder."""

    def denied(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr("os.open", denied)
    assert not is_locked_elsewhere(tmp_path)
