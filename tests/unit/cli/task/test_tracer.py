"""The arguments of fujiwara/tracer; its reports are tested against an embedded AWS."""

import pytest

from taskscope import __version__
from taskscope.cli.task.tracer import USAGE, Settings, tracer
from taskscope.clock import SECOND
from taskscope.errors import UsageError

TOPIC = "arn:aws:sns:us-east-1:123456789012:tasks"

Captured = pytest.CaptureFixture[str]


def test_defaults_print_a_minute_around_start_and_end() -> None:
    """To stdout, to no topic; an empty variable counts for nothing."""
    expected = Settings(duration=60 * SECOND, stdout=True, topic="", version=False)

    assert Settings.read({}, {}) == expected
    assert Settings.read({}, {"TRACER_DURATION": "", "TRACER_STDOUT": "", "TRACER_SNS": ""}) == expected


def test_flag_wins_over_its_variable() -> None:
    """And what is not given follows from the environment."""
    environment = {"TRACER_DURATION": "5m", "TRACER_STDOUT": "false", "TRACER_SNS": TOPIC}

    assert Settings.read({}, environment) == Settings(300 * SECOND, stdout=False, topic=TOPIC, version=False)
    assert Settings.read({"duration": "90s", "stdout": "true", "sns": ""}, environment) == Settings(
        90 * SECOND, stdout=True, topic="", version=False
    )


@pytest.mark.parametrize(
    ("name", "value"), [("duration", "soon"), ("duration", ""), ("stdout", "maybe"), ("version", "2")]
)
def test_wrong_value_is_refused(name: str, value: str) -> None:
    """With the value."""
    with pytest.raises(UsageError, match=repr(value)):
        Settings.read({name: value}, {})


@pytest.mark.parametrize("flag", ["-version", "--version", "-version=true"])
def test_version_is_printed_with_one_dash_or_two(capsys: Captured, flag: str) -> None:
    """Without a call to AWS."""
    assert tracer([flag], {}) == 0
    assert capsys.readouterr().out == f"tracer {__version__}\n"


@pytest.mark.parametrize("flag", ["-h", "-help", "--help"])
def test_usage_is_printed(capsys: Captured, flag: str) -> None:
    """To stderr, as Go does."""
    assert tracer([flag], {}) == 0
    assert capsys.readouterr().err == USAGE


def test_wrong_flag_is_told_with_the_usage(capsys: Captured) -> None:
    """Exit code 2, in Go's words."""
    assert tracer(["-nope"], {}) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == f"flag provided but not defined: -nope\n{USAGE}"
