"""docs/fleet.md shows what the commands do with a shop whose tasks are measured."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.test_collector import ROOT, _at, _steps
from tests.e2e.collect.collector import Collector
from tests.e2e.fleet.conftest import kept  # noqa: F401 (a fixture)

_PAGE = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"<!-- runs against: a measured shop -->\s*\n```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_STEPS = [step for block in _BLOCK.findall(_PAGE) for step in _steps(block)]


@pytest.mark.parametrize(("command", "expected"), _STEPS)
def test_the_page_shows_what_is_printed(kept: Collector, tmp_path: Path, command: str, expected: str) -> None:  # noqa: F811 (the fixture)
    """Each command, in its order."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(tmp_path), "TZ": "UTC", "TASKSCOPE_DATA_DIR": str(kept.data)}

    done = subprocess.run(
        ["bash", "-c", _at(kept, command)],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert done.stdout == expected.rstrip("\n") + "\n"
