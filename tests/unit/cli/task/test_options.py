"""Windows, filters and output of ``trace``, packed from the command line."""

from typing import Any

import click
import pytest
from click.testing import CliRunner

from taskscope.cli.task.options import LogWindows, filter_options, output_options, window_options
from taskscope.cli.task.output import Output
from taskscope.cli.task.selection import Selection
from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model.ecs import Task
from taskscope.model.timeline import Window

MINUTE = 60 * SECOND
TASK = Task(
    "a/t", "a/c", "a/d:1", 1000 * MINUTE, "STOPPED", "STOPPED", stopping_at=1100 * MINUTE, stopped_at=1101 * MINUTE
)


def _pack(*line: str, **environment: str) -> Any:
    """Return windows, selection and output of a command line."""
    packed: list[Any] = []

    @click.command()
    @window_options
    @filter_options
    @output_options
    def command(windows: LogWindows, selection: Selection, output: Output) -> None:
        packed.extend((windows, selection, output))

    unset = dict.fromkeys(("TASKSCOPE_DURATION", "TASKSCOPE_NOW", "TASKSCOPE_OUTPUT", "TASKSCOPE_COLOR"))
    result = CliRunner(env={**unset, **environment}).invoke(command, line)
    if result.exception:
        raise result.exception
    return packed


def test_default_reads_a_minute_around_start_and_end() -> None:
    """Without options: head and tail, as text, in local time."""
    windows, selection, output = _pack()

    assert windows.duration == MINUTE
    assert not windows.recorded
    assert len(windows(TASK).logs) == 2
    assert selection == Selection((), (), None)
    assert (output.form, output.zone, output.raw) == ("text", None, False)


def test_all_reads_the_whole_life() -> None:
    """From a minute before the creation, with nothing left out."""
    windows, _, _ = _pack("--all")

    assert windows(TASK).logs == (Window(999 * MINUTE),)
    assert windows(TASK).unread is None


def test_since_and_until_name_any_window() -> None:
    """One of them is enough."""
    both, _, _ = _pack("--since", "1970-01-01T00:01:00Z", "--until", "1970-01-01T00:02:00Z")
    one, _, _ = _pack("--until", "1970-01-02T00:00:00Z")

    assert both(TASK).logs == (Window(MINUTE, 2 * MINUTE),)
    assert one(TASK).logs == (Window(999 * MINUTE, 1440 * MINUTE),)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (["--all", "--since", "5m"], "--all reads everything"),
        (["--all", "--until", "5m"], "--all reads everything"),
        (["--since", "5m", "--until", "10m"], "--since is not before --until"),
        (["--grep", "("], "no regular expression"),
    ],
)
def test_options_that_contradict_are_refused(line: list[str], message: str) -> None:
    """With the names of the options."""
    with pytest.raises(UsageError, match=message):
        _pack(*line)


def test_clock_of_the_report_can_be_that_of_a_recording() -> None:
    """By option or by environment."""
    for windows, _, _ in (_pack("--now", "1970-01-01T00:00:01Z"), _pack(TASKSCOPE_NOW="1970-01-01T00:00:01Z")):
        assert (windows.now, windows.recorded) == (SECOND, True)


def test_environment_sets_defaults_and_options_win() -> None:
    """TASKSCOPE_DURATION, TASKSCOPE_OUTPUT and TASKSCOPE_COLOR."""
    windows, _, output = _pack(TASKSCOPE_DURATION="5m", TASKSCOPE_OUTPUT="json", TASKSCOPE_COLOR="always")
    other, _, second = _pack("--duration", "2m", "-o", "jsonl", "--color", "never", TASKSCOPE_DURATION="5m")

    assert (windows.duration, output.form, output.color) == (5 * MINUTE, "json", True)
    assert (other.duration, second.form, second.color) == (2 * MINUTE, "jsonl", False)


def test_filters_are_packed_into_a_selection() -> None:
    """Sources and containers may be repeated."""
    line = ("--source", "task", "--source", "container", "--container", "web", "--grep", "x+", "--no-logs")

    _, selection, _ = _pack(*line)

    assert (selection.sources, selection.containers, selection.no_logs) == (("task", "container"), ("web",), True)
    assert selection.pattern is not None
    assert selection.pattern.pattern == "x+"


@pytest.mark.parametrize("line", [["--source", "log"], ["--output", "xml"], ["--color", "blue"], ["--duration", "x"]])
def test_value_that_does_not_exist_is_refused(line: list[str]) -> None:
    """By click, which lists those that do, with exit code 2."""
    with pytest.raises(SystemExit) as caught:
        _pack(*line)

    assert caught.value.code == 2
