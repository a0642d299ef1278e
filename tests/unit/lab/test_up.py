from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from taskscope.lab.commands import lab
from taskscope.lab.state_file import read_state
from taskscope.lab.up import common_region, exports, introduction

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"


def test_exports_survive_a_shell() -> None:
    """A value with blanks or quotes is quoted."""
    assert exports({"A": "http://127.0.0.1:1", "B": "two words"}) == [
        "export A=http://127.0.0.1:1",
        "export B='two words'",
    ]


def test_the_introduction_says_what_it_is_and_how_to_look_at_a_recording() -> None:
    """A loaded state comes with the command that shows it, on the recording's clock."""
    lines = introduction("http://127.0.0.1:1", ["limits hold"], [read_state(GOLDEN / "image-pull-typo" / "state.json")])

    assert lines[0] == "embedded AWS at http://127.0.0.1:1"
    assert "development tool" in lines[1]
    assert lines[2] == "- limits hold"
    assert lines[-1].split() == [
        "taskscope", "trace", "default", "9f654c76cde14c7c85cf54dce087658a",
        "--region", "ap-northeast-1", "--now", "2021-11-26T17:35:00.000Z",
    ]  # fmt: skip


def test_the_exported_region_is_that_of_the_recordings() -> None:
    """What was recorded is found by the printed variables; without recordings, or with two regions, it is the usual."""
    recorded = [read_state(GOLDEN / name / "state.json") for name in ("image-pull-typo", "nginx-scale-in")]

    assert common_region(recorded) == "ap-northeast-1"
    assert common_region([]) == "us-east-1"
    assert common_region([recorded[0], replace(recorded[1], region="eu-west-1")]) == "us-east-1"


@pytest.mark.parametrize("option", [("--account", "12"), ("--region", "us east"), ("--port", "many")])
def test_options_that_cannot_be_are_refused(option: tuple[str, str]) -> None:
    """Before anything is started, with the option's name."""
    result = CliRunner().invoke(lab, ["up", *option])

    assert result.exit_code == 2
    assert option[0] in result.output
