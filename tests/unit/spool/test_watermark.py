"""How far a lane is published, across processes."""

import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from taskscope.spool.watermark import Watermark, read_watermark

_COUNT = """
import sys, pathlib
from taskscope.spool.watermark import Watermark
mark = Watermark(pathlib.Path(sys.argv[1]))
mark.value = 0x0101010101010101
print("ready", flush=True)
number = 1
while True:
    number = number % 120 + 1
    mark.value = 0x0101010101010101 * number
"""


def test_readers_see_what_the_writer_sets(tmp_path: Path) -> None:
    """At once, and after it is gone; a lane that nobody ever wrote is published up to 0."""
    assert read_watermark(tmp_path) == 0
    mark = Watermark(tmp_path)
    assert (mark.value, read_watermark(tmp_path)) == (0, 0)

    mark.value = 2**62 + 3

    assert (mark.value, read_watermark(tmp_path)) == (2**62 + 3, 2**62 + 3)
    mark.close()
    mark.close()
    assert read_watermark(tmp_path) == 2**62 + 3
    again = Watermark(tmp_path)
    assert again.value == 2**62 + 3
    again.close()


def test_readers_never_see_half_a_value(tmp_path: Path) -> None:
    """Nor 0 for a moment: a consumer that is drained would take that for nothing left."""
    with subprocess.Popen([sys.executable, "-c", _COUNT, str(tmp_path)], stdout=subprocess.PIPE, text=True) as counting:
        assert counting.stdout is not None
        counting.stdout.readline()
        seen = {read_watermark(tmp_path) for _ in range(20_000)}
        counting.kill()

    assert len(seen) > 1
    assert {each % 0x0101010101010101 for each in seen} == {0}
    assert 0 not in seen


@pytest.mark.parametrize("content", [b"", b"1234", b"123456789"])
def test_file_of_another_length_is_no_watermark(tmp_path: Path, content: bytes) -> None:
    """It begins anew: the segments say the rest."""
    (tmp_path / "published").write_bytes(content)

    assert read_watermark(tmp_path) == 0
    mark = Watermark(tmp_path)
    assert mark.value == 0
    mark.close()


def test_full_disk_is_an_error_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its block is there before it is mapped: a hole would be SIGBUS at the first frame."""
    written: list[int] = []
    real = mmap.mmap

    def mapped(handle: int, size: int) -> mmap.mmap:
        written.append(os.fstat(handle).st_blocks)
        return real(handle, size)

    monkeypatch.setattr(mmap, "mmap", mapped)
    Watermark(tmp_path).close()

    assert written[0] > 0
