from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.conftest import Run

LoadGolden = Callable[[Path], dict[str, Any]]


@pytest.mark.parametrize("name", ["nginx-scale-in", "image-pull-typo"])
@pytest.mark.parametrize("by", ["option", "variable"])
def test_timeline_of_a_recorded_task_is_the_recorded_output_byte_for_byte(
    name: str, by: str, golden: Path, load_golden: LoadGolden, recorded: ThreadedAws, run: Run
) -> None:
    """`taskscope trace` prints expected.txt from state.json in the zone Asia/Tokyo, whichever way the clock is set."""
    state = load_golden(golden / name)
    env = {**recorded.environment, "TZ": "Asia/Tokyo", "AWS_REGION": state["region"]}
    clock = ["--now", state["clock"]] if by == "option" else []

    done = run(
        "taskscope",
        "trace",
        state["cluster"],
        state["taskId"],
        *clock,
        env=env if clock else {**env, "TASKSCOPE_NOW": state["clock"]},
    )

    assert done.stdout.encode() == (golden / name / "expected.txt").read_bytes()
    assert done.returncode == 0


@pytest.mark.parametrize("name", ["nginx-scale-in", "image-pull-typo"])
def test_tracer_prints_what_the_readme_of_tracer_shows(
    name: str, golden: Path, load_golden: LoadGolden, recorded: ThreadedAws, run: Run
) -> None:
    """A stopped task needs no clock: the console script `tracer` prints the same bytes."""
    state = load_golden(golden / name)
    env = {**recorded.environment, "TZ": "Asia/Tokyo", "AWS_REGION": state["region"]}

    done = run("tracer", state["cluster"], state["taskId"], env=env)

    assert done.stdout.encode() == (golden / name / "expected.txt").read_bytes()


def test_what_lies_between_head_and_tail_is_said_and_read_by_all(
    golden: Path, load_golden: LoadGolden, recorded: ThreadedAws, run: Run
) -> None:
    """The default leaves 160 health-check lines out and says so on stderr; --all prints them and says nothing."""
    state = load_golden(golden / "nginx-scale-in")
    env = {**recorded.environment, "AWS_REGION": state["region"]}
    task = (state["cluster"], state["taskId"], "--now", state["clock"], "--utc")

    usual = run("taskscope", "trace", *task, env=env)
    whole = run("taskscope", "trace", *task, "--all", env=env)

    assert "log lines from 2021-12-03T02:07:46.366Z to 2021-12-03T02:21:28.910Z were not read; --all" in usual.stderr
    assert whole.stderr == ""
    events = state["logGroups"][0]["logStreams"]
    [stream] = [each for each in events if state["taskId"] in each["logStreamName"]]
    first, last = (state["task"][name] for name in ("createdAt", "stoppedAt"))
    assert whole.stdout.count("CONTAINER:nginx") == len(stream["events"]) + 1, (first, last)


def test_a_missing_log_stream_is_a_notice_and_no_error(
    golden: Path, load_golden: LoadGolden, recorded: ThreadedAws, run: Run
) -> None:
    """A task that never started has no log stream: the timeline is whole, and stderr says what is not there."""
    state = load_golden(golden / "image-pull-typo")

    done = run(
        "taskscope",
        "trace",
        "default",
        state["taskId"],
        env={**recorded.environment, "AWS_REGION": state["region"]},
    )

    assert done.returncode == 0
    assert "logs of container nginx: there is no log stream" in done.stderr
    assert "never started" in done.stderr
