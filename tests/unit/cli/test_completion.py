"""Completion scripts, and what they ask for."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from taskscope.cli.commands import COMMANDS
from taskscope.cli.main import cli

_COMPLETE = "import sys; from taskscope.cli.main import main; main()"


def _complete(words: str) -> tuple[list[str], str]:
    """Ask as bash does for ``words``, the last one incomplete; return the candidates, and modules that were loaded."""
    environment = {
        **os.environ,
        "_TASKSCOPE_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", _COMPLETE],
        env=environment, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    return [line.partition(",")[2] for line in ended.stdout.splitlines()], ended.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_of_each_shell_asks_the_program(shell: str) -> None:
    """By the variable that the program answers to."""
    result = CliRunner().invoke(cli, ["completion", shell])

    assert result.exit_code == 0
    assert f"_TASKSCOPE_COMPLETE={shell}_complete" in result.output


def test_unknown_shell_is_refused() -> None:
    """With those that there are."""
    result = CliRunner().invoke(cli, ["completion", "csh"])

    assert result.exit_code == 2
    assert "'bash', 'zsh', 'fish'" in result.output


def test_commands_are_completed_without_loading_one() -> None:
    """A missing extra breaks no completion, and a heavy command does not slow it down."""
    found, loaded = _complete("taskscope ")

    assert found == list(COMMANDS)
    assert "taskscope.cli.task.trace" not in loaded
    assert "taskscope.lab" not in loaded
    assert _complete("taskscope la")[0] == ["lab", "lambda"]


def test_options_and_choices_of_a_command_are_completed() -> None:
    """The command itself is then loaded."""
    assert "--duration" in _complete("taskscope trace --d")[0]
    assert _complete("taskscope trace --output js")[0] == ["json", "jsonl"]
