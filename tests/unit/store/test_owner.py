"""The file that says which process has an embedded store open."""

from pathlib import Path

from taskscope.store.owner import Owner, clear_owner, read_owner, write_owner


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
