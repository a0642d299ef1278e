"""The page of watching names every setting, operation and line that there is."""

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from taskscope.app.settings.config import ServerConfig
from taskscope.config.options import options_of
from taskscope.model import container_metrics as metrics
from taskscope.model.metric import Metric
from taskscope.sources.watch.config import WatchConfig

_ROOT = Path(__file__).parents[2]
_PAGE = (_ROOT / "docs" / "watch.md").read_text("utf-8")
_SOURCES = "\n".join(each.read_text("utf-8") for each in (_ROOT / "src" / "taskscope").glob("sources/watch/*.py"))


def test_every_setting_is_on_the_page() -> None:
    """By its flag; durations and numbers with their defaults."""
    own = {each.name for each in fields(WatchConfig)}
    for option in options_of(ServerConfig, ""):
        if option.field in own:
            assert f"`{option.flag}" in _PAGE
    assert "| 120 |" in _PAGE
    assert WatchConfig().watch_requests_per_minute == 120
    assert (WatchConfig().watch_interval_seconds, WatchConfig().watch_look_back_seconds) == (10, 3600)


def test_permissions_are_those_of_the_operations_on_the_page() -> None:
    """As `taskscope iam-policy watch` prints them."""
    ended = subprocess.run(
        [Path(sys.executable).parent / "taskscope", "iam-policy", "watch"], capture_output=True, text=True, check=True
    )
    allowed = {action for each in json.loads(ended.stdout)["Statement"] for action in each["Action"]}

    named = set(re.findall(r"\b((?:List|Describe|Filter|Get)[A-Z]\w+)", _PAGE))
    assert named == {each.partition(":")[2] for each in allowed}


@pytest.mark.parametrize(
    "line",
    [
        "is not there (or not active); it is watched once it is",
        "cannot be watched for now: ",
        "watching waits: ",
        "watching slows down: ",
        "AWS may be asked too rarely for all that is watched, so looks come later",
    ],
)
def test_lines_are_those_that_are_said(line: str) -> None:
    """To the letter."""
    assert line in _PAGE
    assert line in _SOURCES


def test_metrics_that_only_aws_tells_are_on_the_page() -> None:
    """The others are on the page of container metrics."""
    every = {each.name for each in vars(metrics).values() if isinstance(each, Metric)}

    assert [each for each in sorted(every - metrics.NAMES) if f"`{each}`" not in _PAGE] == []
