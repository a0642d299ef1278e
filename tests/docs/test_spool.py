"""docs/spool.md is what the spool does: its example runs as it stands, its settings are those that there are."""

import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from taskscope.app.settings.config import CollectorConfig
from taskscope.spool.lane import SEGMENT_BYTES
from taskscope.spool.record import MAGIC, MAX_BODY_BYTES, OVERHEAD

PAGE = (Path(__file__).parents[2] / "docs" / "spool.md").read_text(encoding="utf-8")


def test_example_receives_and_delivers_and_then_has_nothing_left(tmp_path: Path) -> None:
    """A thousand frames, in chunks of about 10,000 bytes; the second time it receives a thousand more."""
    [example] = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", example],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

        assert done.stderr == ""
        lines = done.stdout.splitlines()
        assert sum(int(line.split()[0]) for line in lines) == 1000
        assert lines[-1].endswith('{"n":999}')


def test_layout_is_what_the_example_leaves(tmp_path: Path) -> None:
    """Every file that the page names, and no other."""
    test_example_receives_and_delivers_and_then_has_nothing_left(tmp_path)
    made = {str(path.relative_to(tmp_path)) for path in (tmp_path / "spool").rglob("*") if path.is_file()}
    named = set(re.findall(r"^spool/\S+", PAGE, re.MULTILINE))

    shape = {re.sub(r"\d{20}", "N", each).replace("events-0", "otlp-0").replace("printer", "store") for each in made}
    assert shape == {re.sub(r"\d{20}", "N", each) for each in named} - {"spool/cursors/xray.gone"}


def test_numbers_are_those_of_the_format() -> None:
    """The magic bytes, the lengths, the limits."""
    table = PAGE.partition("A record, little endian:")[2].partition("\n\nBetween")[0]
    widths = [int(width) for width in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)]

    assert sum(widths) == OVERHEAD
    assert f"`{MAGIC[0]:02x} {MAGIC[1]:02x}`" in table
    assert f"at most {MAX_BODY_BYTES >> 20} MiB" in table
    assert f"A segment is {SEGMENT_BYTES >> 20} MiB" in PAGE.replace("\n", " ")


def test_settings_and_defaults_are_those_that_there_are() -> None:
    """With the cap and the policy."""
    defaults = {field.name: field.default for field in fields(CollectorConfig)}

    assert defaults["max_spool_bytes"] == 1 << 30
    assert "| `--max-spool` | 1 GiB |" in PAGE
    assert f"| `--fsync` | `{defaults['fsync']}` |" in PAGE
