"""A file of targets that is whole at any moment."""

import stat
from pathlib import Path

import pytest

from taskscope.cli.discover.file import keep_file, write_atomically
from taskscope.cli.discover.rounds import Rounds
from taskscope.errors import NotFoundError, ThrottledError, UsageError
from taskscope.sources.discovery.look import Look
from taskscope.sources.discovery.targets import ScrapeTarget
from tests.unit.cli.discover.looks import Looks

_NOTHING = Look((), ())
_ONE = Look((ScrapeTarget("10.0.0.9:9659", {"cluster": "shop", "family": "web"}),), ())


def test_file_is_replaced_and_readable_by_prometheus(tmp_path: Path) -> None:
    """In one step, which leaves nothing beside it."""
    path = tmp_path / "ecs.json"
    before = path.write_text("old") and path.stat().st_ino

    assert write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_ino != before
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_file_that_says_the_same_is_left_alone(tmp_path: Path) -> None:
    """Prometheus reads a file again that was touched."""
    path = tmp_path / "ecs.json"
    write_atomically(path, b"same")
    before = path.stat()

    assert not write_atomically(path, b"same")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """As a mistake on the command line."""
    with pytest.raises(UsageError, match="cannot be written: No such file or directory"):
        write_atomically(tmp_path / "none" / "ecs.json", b"")


def test_draft_goes_when_the_file_cannot_be_replaced(tmp_path: Path) -> None:
    """A folder of that name cannot be."""
    path = tmp_path / "ecs.json"
    path.mkdir()

    with pytest.raises(UsageError):
        write_atomically(path, b"")
    assert list(tmp_path.iterdir()) == [path]


def test_file_keeps_the_last_good_targets(tmp_path: Path) -> None:
    """A look that fails changes nothing, and is said; the next one is written."""
    path = tmp_path / "ecs.json"
    said: list[str] = []
    contents: list[bytes] = []

    def pause() -> bool:
        contents.append(path.read_bytes())
        return len(contents) == 4

    keep_file(path, Rounds(Looks(_ONE, ThrottledError("later"), NotFoundError("gone"), _NOTHING), said.append),
              pause=pause, say=said.append)  # fmt: skip

    assert [b"10.0.0.9" in each for each in contents] == [True, True, True, False]
    assert said == [
        "later; the targets stay as they are", "gone; the targets stay as they are", "AWS answers again",
    ]  # fmt: skip


def test_file_of_an_earlier_run_outlasts_a_failing_start(tmp_path: Path) -> None:
    """AWS may throttle just then; a wrong name is no reason to go on."""
    path = tmp_path / "ecs.json"
    path.write_text("[]")
    keep_file(path, Rounds(Looks(ThrottledError("later")), lambda _: None), pause=lambda: True, say=lambda _: None)

    assert path.read_text() == "[]"
    with pytest.raises(NotFoundError):
        keep_file(path, Rounds(Looks(NotFoundError("no")), lambda _: None), pause=lambda: True, say=lambda _: None)


def test_file_that_cannot_be_written_later_is_said(tmp_path: Path) -> None:
    """The next look tries again."""
    folder = tmp_path / "targets"
    folder.mkdir()
    said: list[str] = []
    pauses = iter([False, True])

    def pause() -> bool:
        if folder.exists():
            (folder / "ecs.json").unlink()
            folder.rmdir()
        return next(pauses)

    keep_file(folder / "ecs.json", Rounds(Looks(_ONE, _NOTHING), said.append), pause=pause, say=said.append)

    assert len(said) == 1
    assert "cannot be written" in said[0]
