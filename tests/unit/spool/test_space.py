"""The cap of a spool, and what it leaves of the disk."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from taskscope.errors import SpoolFullError
from taskscope.spool.space import Space, used_bytes


class Watch:
    """A monotonic clock that is turned by hand."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_cap_is_told_with_its_numbers(tmp_path: Path) -> None:
    """What is taken counts at once."""
    room = Space(tmp_path, 100)
    room.take(60)

    with pytest.raises(SpoolFullError, match="60 of 100 bytes are used, 41 more were offered"):
        room.take(41)
    room.take(40)


def test_what_others_write_and_delete_is_seen_a_little_later(tmp_path: Path) -> None:
    """Four times a second: a look costs too much for each write."""
    watch = Watch()
    room = Space(tmp_path, 100, monotonic=watch)
    room.take(10)
    (tmp_path / "lane").mkdir()
    (tmp_path / "lane" / "1.seg").write_bytes(bytes(95))
    room.take(10)
    watch.now += 0.25

    with pytest.raises(SpoolFullError, match="95 of 100"):
        room.take(10)
    (tmp_path / "lane" / "1.seg").unlink()
    watch.now += 0.25
    room.take(100)


@pytest.mark.parametrize(("blocks", "kept_back"), [(1 << 20, 8 << 20), (4096, 2 << 20)])
def test_room_is_left_for_the_journals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocks: int, kept_back: int
) -> None:
    """Without it a full disk could not be emptied any more: a cut has to be noted before anything is delivered."""
    free = kept_back // 4096 + 10
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=free, f_frsize=4096, f_blocks=blocks))
    room = Space(tmp_path, 1 << 40)
    room.take(40960)

    with pytest.raises(SpoolFullError, match=f"the disk of the spool is full: .* {kept_back} of them are kept back"):
        room.take(40961)


def test_disk_that_does_not_say_its_size_is_no_full_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network file systems say 0 of everything."""
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=0, f_frsize=4096, f_blocks=0))

    Space(tmp_path, 100).take(100)


def test_file_that_goes_away_meanwhile_counts_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Consumers delete while writers look."""
    (tmp_path / "1.seg").write_bytes(b"12345")
    monkeypatch.setattr(os, "walk", lambda _: [(str(tmp_path), [], ["1.seg", "2.seg"])])

    assert used_bytes(tmp_path) == 5
