"""The front door: commands by name, and one line with an exit code for whatever goes wrong."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from taskscope import __version__
from taskscope.cli.commands import COMMANDS, Command
from taskscope.cli.main import cli, load, run
from taskscope.errors import DeniedError, MissingExtraError, NotFoundError, UnreachableError, UsageError

Captured = pytest.CaptureFixture[str]


def _code(command: Callable[[], object]) -> int | str | None:
    with pytest.raises(SystemExit) as caught:
        run(command, program="taskscope")
    return caught.value.code


def _failing(error: BaseException) -> Callable[[], object]:
    def command() -> object:
        raise error

    return command


@contextmanager
def _module(folder: Path, name: str, text: str) -> Iterator[None]:
    (folder / f"{name}.py").write_text(text)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(name, None)


def test_help_lists_every_command_with_its_summary_and_the_exit_codes() -> None:
    """From the table alone; it is what ``docs/cli.md`` begins with."""
    result = CliRunner().invoke(cli, ["--help"])

    assert result.exit_code == 0
    for name, command in COMMANDS.items():
        assert f"  {name} " in result.output
        assert command.summary in result.output
    assert "130 interrupted" in " ".join(result.output.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_can_be_loaded(name: str) -> None:
    """Its module and its name exist, and it says what it does."""
    assert load(name, COMMANDS[name]).help


def test_version_is_that_of_the_package() -> None:
    """One line, for bug reports."""
    assert CliRunner().invoke(cli, ["--version"]).output == f"taskscope {__version__}\n"


def test_missing_extra_says_how_to_get_it(tmp_path: Path) -> None:
    """The command's name, the package, and the line to install it with."""
    with _module(tmp_path, "needs_more", "import no_such_package"), pytest.raises(MissingExtraError) as caught:
        load("lab", Command("needs_more:command", "", extras=("lab", "server")))

    assert caught.value.message == "lab needs the package no_such_package"
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("uv tool install 'taskscope[lab,server]', or in a checkout")


def test_missing_module_of_ours_is_no_missing_extra() -> None:
    """It is a mistake in the package, which no extra mends."""
    with pytest.raises(ModuleNotFoundError):
        load("lab", Command("taskscope.no_such_module:command", "", extras=("lab",)))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("a is wrong", hint="write b"), 2),
        (NotFoundError("a is wrong", hint="write b"), 3),
        (DeniedError("a is wrong", hint="write b"), 4),
        (UnreachableError("a is wrong", hint="write b"), 5),
    ],
)
def test_known_error_is_one_line_with_a_hint_and_its_exit_code(capsys: Captured, error: Exception, code: int) -> None:
    """On stderr, the hint under the message, no traceback."""
    assert _code(_failing(error)) == code

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "taskscope: a is wrong\n           write b\n"


def test_error_without_hint_is_one_line(capsys: Captured) -> None:
    """Nothing more."""
    assert _code(_failing(NotFoundError("gone"))) == 3
    assert capsys.readouterr().err == "taskscope: gone\n"


def test_what_a_server_answered_does_not_speak_to_the_terminal(capsys: Captured) -> None:
    """Lines stay lines, other control characters are written out."""
    assert _code(_failing(UsageError("no \x1b[2J\n  zzz", hint="\x07!"))) == 2
    assert capsys.readouterr().err == "taskscope: no \\x1b[2J\n  zzz\n           \\x07!\n"


def test_argument_that_is_no_text_is_a_usage_error(capsys: Captured) -> None:
    """The terminal sent bytes of another encoding, which no server can be asked with."""
    assert _code("caf\udce9".encode) == 2
    assert capsys.readouterr().err == "taskscope: 'caf\\udce9' is no text in UTF-8\n"


def test_unknown_command_is_a_usage_error(capsys: Captured) -> None:
    """Of click, with exit code 2."""
    assert _code(lambda: cli.main(["trce"], prog_name="taskscope", standalone_mode=False)) == 2
    assert "No such command 'trce'" in capsys.readouterr().err


def test_result_of_a_command_is_its_exit_code() -> None:
    """A number is the code; nothing is 0."""
    assert _code(lambda: 5) == 5
    assert _code(lambda: None) == 0
    assert _code(_failing(click.exceptions.Exit(3))) == 3


def test_error_that_nobody_knows_is_not_hidden() -> None:
    """A bug shows its traceback."""
    with pytest.raises(ZeroDivisionError):
        run(_failing(ZeroDivisionError()), program="taskscope")


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", f"from taskscope.cli.main import run\n{code}"]


def test_interrupt_ends_with_130_and_no_traceback() -> None:
    """At once: a thread that still waits for AWS does not keep the process. What was printed is not lost."""
    code = (
        "import threading\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
        "def command():\n    print('so far')\n    raise KeyboardInterrupt\n"
        "run(command, program='taskscope')"
    )

    ended = subprocess.run(_python(code), capture_output=True, text=True, timeout=30, check=False)

    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "so far\n", "")


def test_reader_that_has_gone_is_no_error() -> None:
    """``taskscope trace … | head -1``: exit code 0, and nothing on stderr."""
    code = "run(lambda: print('line\\n' * 100_000), program='taskscope')"
    read, write = os.pipe()
    os.close(read)

    with os.fdopen(write, "wb") as closed:
        ended = subprocess.run(_python(code), stdout=closed, stderr=subprocess.PIPE, timeout=30, check=False)

    assert (ended.returncode, ended.stderr) == (0, b"")


def test_module_runs_as_the_console_script_does() -> None:
    """``python -m taskscope``."""
    ended = subprocess.run(
        [sys.executable, "-m", "taskscope", "--version"], capture_output=True, text=True, timeout=30, check=False
    )

    assert (ended.returncode, ended.stdout) == (0, f"taskscope {__version__}\n")
