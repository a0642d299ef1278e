"""``taskscope lab scenario``, as far as it needs no scenario to be played (tests/e2e/lab plays them all)."""

from click.testing import CliRunner

from taskscope.errors import UnreachableError, UsageError
from taskscope.lab.commands import lab
from taskscope.lab.threaded import ThreadedAws


def test_the_scenarios_are_listed_with_their_titles() -> None:
    """Neither the list nor the missing name needs a lab."""
    listed = CliRunner().invoke(lab, ["scenario", "--list"])
    unnamed = CliRunner().invoke(lab, ["scenario"])

    assert listed.stdout == unnamed.stdout
    assert "out-of-memory         A service whose task is killed by the kernel for its memory\n" in listed.stdout
    assert len(listed.stdout.splitlines()) == 9


def test_a_slip_in_the_name_is_said_before_a_lab_is_looked_for() -> None:
    """Nothing answers at this port, but the name is the nearer mistake."""
    result = CliRunner().invoke(lab, ["scenario", "crashloop", "--endpoint-url", "http://127.0.0.1:1"])

    assert isinstance(result.exception, UsageError)
    assert result.exception.hint == "did you mean crash-loop?"


def test_without_a_lab_the_way_to_start_one_is_said() -> None:
    """Nothing answers at this port."""
    result = CliRunner().invoke(lab, ["scenario", "crash-loop", "--endpoint-url", "http://127.0.0.1:1"])

    assert isinstance(result.exception, UnreachableError)


def test_a_scenario_can_be_started_without_waiting(aws: ThreadedAws) -> None:
    """The command returns with the task on its way."""
    result = CliRunner().invoke(lab, ["scenario", "image-typo", "--no-wait", "--endpoint-url", aws.url])

    assert result.exit_code == 0, result.exception
    assert result.stdout.startswith("taskscope trace shop ")
