"""Cursors: what was cut comes again as it was, what is done does not, whatever the journal met."""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.spool import cursor as module
from taskscope.spool.cursor import Cursor, Cut, highest_cut
from tests.unit.spool.doubles import fail


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a journal in a folder that is not there yet."""
    return tmp_path / "cursors" / "store"


@pytest.fixture
def cursor(path: Path) -> Iterator[Cursor]:
    """Begin a journal."""
    with Cursor(path) as fresh:
        yield fresh


def again(path: Path) -> tuple[list[Cut], dict[str, int]]:
    """Return what a start would find now: the open cuts, and the positions of two lanes."""
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    with Cursor(copy) as found:
        return found.open_cuts(), {lane: found.position(lane) for lane in ("otlp-0", "xray-0")}


def test_ranges_follow_one_another_in_each_lane(cursor: Cursor) -> None:
    """A lane begins at 0, whenever it appears."""
    assert cursor.cut("otlp-0", 10) == Cut("otlp-0", 0, 10)
    assert cursor.cut("otlp-0", 30) == Cut("otlp-0", 10, 30)
    assert cursor.cut("xray-0", 7) == Cut("xray-0", 0, 7)
    assert (cursor.position("otlp-0"), cursor.position("new-0")) == (30, 0)


def test_confirmed_has_no_holes(cursor: Cursor) -> None:
    """A range that is done early waits for those before it."""
    first, second, third = (cursor.cut("otlp-0", end) for end in (10, 20, 30))

    cursor.done(second)
    assert cursor.confirmed("otlp-0") == 0
    cursor.done(first)
    assert cursor.confirmed("otlp-0") == 20
    cursor.done(third)
    assert cursor.confirmed("otlp-0") == 30
    assert cursor.confirmed("other-0") == 0


def test_start_finds_what_is_not_done(cursor: Cursor, path: Path) -> None:
    """The same ranges, so under the same names."""
    first, second, third = (cursor.cut("otlp-0", end) for end in (10, 20, 30))
    cursor.done(second)

    assert again(path) == ([first, third], {"otlp-0": 30, "xray-0": 0})
    assert again(path) == ([first, third], {"otlp-0": 30, "xray-0": 0})


def test_state_is_that_of_the_last_range_done(cursor: Cursor, path: Path) -> None:
    """It survives a start, and a range that leaves none."""
    cursor.done(cursor.cut("statsd-0", 10), state="one")
    cursor.done(cursor.cut("statsd-0", 20), state={"two": [2]})
    cursor.done(cursor.cut("statsd-0", 30))
    cursor.cut("statsd-0", 40)

    assert cursor.state("statsd-0") == {"two": [2]}
    assert cursor.state("statsd-1") is None
    with Cursor(path) as found:
        assert found.state("statsd-0") == {"two": [2]}


def test_note_of_a_range_is_there_until_it_is_done(cursor: Cursor, path: Path) -> None:
    """It survives starts and rewrites, as the range does."""
    first, second = cursor.cut("otlp-0", 10, note=["10.0.0.9"]), cursor.cut("otlp-0", 20)
    for _ in range(2):
        shutil.copy(path, path.with_name("copy"))
        with Cursor(path.with_name("copy")) as found:
            assert (found.note(first), found.note(second)) == (["10.0.0.9"], None)
            found.done(first)
            assert found.note(first) is None


STEPS = st.lists(st.tuples(st.sampled_from(["cut", "done", "restart"]), st.integers(1, 5)), max_size=40)


@given(steps=STEPS, kept=st.integers(0, 400))
def test_journal_is_its_model(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]], kept: int
) -> None:
    """Over any number of starts and rewrites, and with a torn last line."""
    path = tmp_path_factory.mktemp("journal") / "store"
    end, waiting = 0, list[Cut]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_COMPACT_BYTES", kept)
        cursor = Cursor(path)
        for step, number in steps:
            if step == "cut":
                end += number
                waiting.append(cursor.cut("otlp-0", end))
            elif step == "done" and waiting:
                cursor.done(waiting.pop(number % len(waiting)), state=end)
            elif step == "restart":
                cursor.close()
                with path.open("ab") as file:
                    file.write(b'0123abcd {"cut":["otlp-0",0,'[: number * 5])
                cursor = Cursor(path)
            assert (cursor.open_cuts(), cursor.position("otlp-0")) == (waiting, end)
            assert cursor.confirmed("otlp-0") == (min(each.start for each in waiting) if waiting else end)
        cursor.close()


@given(data=st.data())
def test_damage_in_the_middle_moves_no_position_back(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A damaged line is left out; the range that it told of is known from its neighbours, and comes again."""
    path = tmp_path_factory.mktemp("journal") / "store"
    with Cursor(path) as cursor:
        cuts = [cursor.cut("otlp-0", end) for end in (10, 20, 30, 40)]
        cursor.done(cuts[0])
        cursor.done(cuts[2])
        end = path.stat().st_size
        cursor.cut("otlp-0", 50)
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, end - 2))
    content[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte not in (content[at], 10)))
    path.write_bytes(content)

    found, positions = again(path)

    assert positions["otlp-0"] == 50
    covered = {offset for cut in found for offset in range(cut.start, cut.end)}
    assert covered >= {*range(10, 20), *range(30, 50)}


@pytest.mark.parametrize("step", ["cut", "done"])
def test_journal_on_a_full_disk_takes_nothing(
    cursor: Cursor, path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A part of a line is taken back, nothing was cut or noted, and the next try goes on."""
    first = cursor.cut("otlp-0", 10)
    real = os.writev
    left = iter([1])

    def half(handle: int, pieces: list[memoryview]) -> int:
        if next(left, None):
            return real(handle, [pieces[0][:9]])
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "writev", half)
    with pytest.raises(OSError, match="full"):
        cursor.cut("otlp-0", 20) if step == "cut" else cursor.done(first)
    monkeypatch.setattr(os, "writev", real)

    assert (cursor.position("otlp-0"), cursor.confirmed("otlp-0")) == (10, 0)
    assert again(path)[0] == [first]
    second = cursor.cut("otlp-0", 30)
    cursor.done(first)
    assert again(path) == ([second], {"otlp-0": 30, "xray-0": 0})


@pytest.mark.parametrize("broken", ["fdatasync", "ftruncate"])
def test_journal_is_written_anew_after_the_disk_failed(
    cursor: Cursor, path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """What the kernel has given up on may be earlier lines too; a torn line must not be written on."""
    cursor.cut("otlp-0", 10)
    fail(monkeypatch, os, "fdatasync")
    if broken == "ftruncate":
        fail(monkeypatch, os, "ftruncate")
    inode = path.stat().st_ino

    with pytest.raises(OSError, match="told to fail"):
        cursor.cut("otlp-0", 20)
    assert cursor.position("otlp-0") == 10
    cursor.cut("otlp-0", 25)

    assert path.stat().st_ino != inode
    assert again(path)[0] == [Cut("otlp-0", 0, 10), Cut("otlp-0", 10, 25)]


def test_rewrite_whose_name_is_not_durable_is_done_again(
    cursor: Cursor, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is cut: it would be in a file that a crash of the machine may take."""
    monkeypatch.setattr(module, "_COMPACT_BYTES", 0)
    first = cursor.cut("otlp-0", 10)
    cursor._compact_at = 0
    fail(monkeypatch, module, "sync_directory", times=2)

    cursor.done(first)
    with pytest.raises(OSError, match="told to fail"):
        cursor.cut("otlp-0", 20)
    second = cursor.cut("otlp-0", 20)

    assert again(path) == ([second], {"otlp-0": 20, "xray-0": 0})


def test_rewrite_that_finds_no_room_keeps_the_long_journal(
    cursor: Cursor, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A range that is noted stays noted."""
    first, second = cursor.cut("otlp-0", 10), cursor.cut("otlp-0", 20)
    cursor._compact_at = 0
    fail(monkeypatch, os, "fsync", code=errno.ENOSPC)

    cursor.done(first)
    cursor.done(first)

    assert again(path)[0] == [second]
    assert cursor.confirmed("otlp-0") == 10


def test_journal_stays_short(cursor: Cursor, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written anew, with what still matters."""
    monkeypatch.setattr(module, "_COMPACT_BYTES", 1000)
    monkeypatch.setattr(cursor, "_compact_at", 1000)
    kept = cursor.cut("xray-0", 5)
    for end in range(10, 2000, 10):
        cursor.done(cursor.cut("otlp-0", end), state=end)

    assert path.stat().st_size < 1600
    assert again(path) == ([kept], {"otlp-0": 1990, "xray-0": 5})
    assert highest_cut(path, "otlp-0") == 1990
    assert highest_cut(path, "none-0") == 0
    assert highest_cut(path.with_name("nobody"), "otlp-0") == 0


def test_names_of_consumers_may_have_dots(tmp_path: Path) -> None:
    """Two of them must not share the file in which a journal is written anew."""
    with Cursor(tmp_path / "otlp-a.example") as one, Cursor(tmp_path / "otlp-a.test") as other:
        one.cut("otlp-0", 10)
        other.cut("otlp-0", 20)

    assert sorted(each.name for each in tmp_path.iterdir()) == ["otlp-a.example", "otlp-a.test"]
    assert highest_cut(tmp_path / "otlp-a.example", "otlp-0") == 10
