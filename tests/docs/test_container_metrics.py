"""The page of container metrics says what there is, and what its example prints."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from taskscope.model import container_metrics
from taskscope.model.metric import Metric

_PAGE = Path(__file__).parents[2] / "docs" / "container-metrics.md"
_ROW = re.compile(r"^\| `([a-z_.]+)` \| (\S+) \| (gauge|counter) \| (.+) \|$", re.MULTILINE)
_RUN = re.compile(r"<!-- runs: as it is -->\n```console\n\$ (.+)\n((?:.*\n)*?)```")


def test_every_metric_is_in_the_tables() -> None:
    """In the order of the definitions, with unit, kind and description."""
    every = [each for each in vars(container_metrics).values() if isinstance(each, Metric)]
    defined = [each for each in every if each.name in container_metrics.NAMES]

    assert _ROW.findall(_PAGE.read_text("utf-8")) == [
        (each.name, each.unit, "counter" if each.is_monotonic else "gauge", each.description) for each in defined
    ]


def test_the_example_prints_what_the_page_shows(tmp_path: Path) -> None:
    """To the last digit."""
    [(command, expected)] = _RUN.findall(_PAGE.read_text("utf-8"))
    name, *arguments = shlex.split(command)
    ended = subprocess.run(
        [Path(sys.executable).parent / name, *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )

    assert ended.stdout == expected
