"""Health checks: Docker's rule, and the command's forms."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.lab.runner.command import Launch
from taskscope.lab.runner.health import MAX_OUTPUT_BYTES, HealthCheck, Judge, health_check, run_check

HERE = Launch({"PATH": os.environ["PATH"]}, Path("/"))


def check(*command: str, **members: Any) -> HealthCheck:
    """Return a health check."""
    found = health_check({"healthCheck": {"command": list(command), **members}}, time_scale=1)
    assert found
    return found


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["CMD", "curl", "-f", "x"], ["curl", "-f", "x"]),
        (["CMD-SHELL", "curl x || exit 1"], ["/bin/sh", "-c", "curl x || exit 1"]),
        (["curl", "x"], ["curl", "x"]),
    ],
)
def test_a_command_has_three_forms(command: list[str], expected: list[str]) -> None:
    """Program, shell line, or a bare line."""
    assert check(*command).command == expected


def test_defaults_are_those_of_ecs() -> None:
    """30 s, 5 s, 3 times, at once; every time is scaled."""
    assert check("CMD", "x") == HealthCheck(["x"], 30, 5, 3, 0)
    assert health_check({"healthCheck": {"command": ["CMD", "x"]}}, time_scale=0.1) == HealthCheck(["x"], 3, 0.5, 3, 0)


@pytest.mark.parametrize("definition", [{}, {"healthCheck": {"command": ["NONE"]}}])
def test_no_check_is_no_check(definition: dict[str, Any]) -> None:
    """Also where it is switched off."""
    assert health_check(definition, time_scale=1) is None


def test_failures_in_the_start_period_do_not_count() -> None:
    """Until the first success, which ends it."""
    judge = Judge(check("CMD", "x", retries=2, startPeriod=60))

    assert [judge.judge(1, age=age) for age in (10, 20, 30)] == ["UNKNOWN"] * 3
    assert judge.judge(0, age=35) == "HEALTHY"
    assert [judge.judge(1, age=age) for age in (40, 50)] == ["HEALTHY", "UNHEALTHY"]


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 5))
def test_only_enough_failures_in_a_row_are_unhealthy(results: list[bool], retries: int) -> None:
    """After each run the status is what the last results say."""
    judge = Judge(check("CMD", "x", retries=retries))
    for count, result in enumerate(results, start=1):
        status = judge.judge(0 if result else 1, age=count)
        recent = results[max(0, count - retries) : count]
        if result:
            assert status == "HEALTHY"
        elif len(recent) == retries and not any(recent):
            assert status == "UNHEALTHY"


def test_the_output_is_kept_up_to_docker_s_limit() -> None:
    """What the command says on both outputs, with its exit code."""
    script = "echo out; echo err >&2; head -c 9999 /dev/zero | tr '\\0' x; exit 3"

    outcome = asyncio.run(run_check(check("CMD-SHELL", script), HERE))

    assert outcome.exit_code == 3
    assert outcome.output.startswith("out\nerr\nxxx")
    assert len(outcome.output) == MAX_OUTPUT_BYTES


def test_a_check_that_does_not_exist_has_failed() -> None:
    """It says why."""
    outcome = asyncio.run(run_check(check("CMD", "/no/such/check"), HERE))

    assert outcome.exit_code
    assert "/no/such/check" in outcome.output
