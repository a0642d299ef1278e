"""docs/enable.md shows what ``taskscope enable`` does."""

import os
import re
import subprocess
import sys
from pathlib import Path

from taskscope.lab.threaded import ThreadedAws
from tests.conftest import StartAws

PAGE = (Path(__file__).parents[2] / "docs" / "enable.md").read_text(encoding="utf-8")
_MARK = "<!-- runs against: a lab with the cluster shop -->"
_BLOCK = re.compile(rf"{_MARK}\n```console\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _printed(aws: ThreadedAws, command: str) -> str:
    """Run a command without a terminal; return stdout and stderr as a reader of a terminal sees them."""
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin:/bin", "PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        ["sh", "-c", command], env=path | aws.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=30, check=False,
    )  # fmt: skip
    return done.stdout


def test_page_shows_what_enable_says(embedded_aws: StartAws) -> None:
    """Every command of the page's example, in its order, against a lab of its own."""
    aws = embedded_aws(runner=False)
    aws.client("ecs").create_cluster(clusterName="shop")
    [block] = _BLOCK.findall(PAGE)
    steps = [step.partition("\n") for step in block.split("$ ")[1:]]

    assert steps
    for command, _, expected in steps:
        assert _printed(aws, command) == expected
