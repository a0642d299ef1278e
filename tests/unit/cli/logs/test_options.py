"""The options of ``logs``, packed."""

from typing import Any

import click
import pytest
from click.testing import CliRunner

from taskscope.cli.logs.options import Times, line_options, log_output_options, time_options, which_logs
from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model.log_reading import LogSelection
from taskscope.model.timeline import Window

MINUTE = 60 * SECOND


def _pack(*line: str, **environment: str) -> dict[str, Any]:
    packed: dict[str, Any] = {}

    @click.command()
    @which_logs
    @line_options
    @time_options
    @log_output_options
    def command(**given: Any) -> None:
        packed.update(given)

    unset = dict.fromkeys(("TASKSCOPE_NOW", "TASKSCOPE_COLOR"))
    result = CliRunner(env={**unset, **environment}).invoke(command, line)
    if result.exception:
        raise result.exception
    return packed


def test_names_make_a_selection() -> None:
    """Groups by argument and by sam's option, functions, stack, tasks."""
    assert _pack()["selection"].empty
    assert _pack("/a", "--cw-log-group", "/b")["selection"] == LogSelection(("/a", "/b"))
    assert _pack("-n", "f", "--name", "g", "--stack-name", "s")["selection"] == LogSelection((), ("f", "g"), "s")
    tasks = _pack("--cluster", "c", "--task", "t", "--container", "x")["selection"]
    assert tasks == LogSelection(cluster="c", task="t", containers=("x",))
    assert tasks.of_ecs


def test_times_have_the_names_of_sam_and_aws() -> None:
    """And count from the clock of the report."""
    for since, until in (("-s", "-e"), ("--since", "--until"), ("--start-time", "--end-time")):
        times = _pack(since, "1h30m", until, "2m ago", "--now", "1970-01-02T00:00:00Z")["times"]
        assert (times.now, times.recorded) == (1440 * MINUTE, True)
        assert times.window(None) == Window(1350 * MINUTE, 1438 * MINUTE)


@pytest.mark.parametrize(
    ("until", "ended", "window"),
    [
        (None, None, Window(90 * MINUTE)),
        (None, 50 * MINUTE, Window(40 * MINUTE)),
        (60 * MINUTE, None, Window(50 * MINUTE, 60 * MINUTE)),
        (30 * MINUTE, 50 * MINUTE, Window(20 * MINUTE, 30 * MINUTE)),
    ],
)
def test_default_is_the_last_ten_minutes(until: int | None, ended: int | None, window: Window) -> None:
    """Before the end of what has ended, or before --until."""
    assert Times(100 * MINUTE, None, until).window(ended) == window


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["--service", "a", "--task", "b"], "--service and --task exclude each other"),
        (["-n", ""], "a name is empty"),
        (["--since", "5m", "--until", "10m"], "--since is not before --until"),
        (["--until", "later"], "'later' is no time"),
    ],
)
def test_options_that_contradict_are_refused(line: list[str], message: str) -> None:
    """With exit code 2."""
    with pytest.raises(UsageError, match=message):
        _pack(*line)


def test_output_knows_what_is_underlined() -> None:
    """The pattern of --grep."""
    packed = _pack("--grep", "x+", "-o", "jsonl", "--utc", "--raw", TASKSCOPE_COLOR="always")

    output = packed["output"]
    assert (output.form, output.raw, output.color) == ("jsonl", True, True)
    assert output.mark == packed["lines"].pattern
