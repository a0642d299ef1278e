"""The command line's front door: finds the command, and turns what goes wrong into one line and an exit code."""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from taskscope import __version__
from taskscope.cli import streams
from taskscope.cli.commands import COMMANDS, Command
from taskscope.errors import INTERRUPTED, MissingExtraError, TaskscopeError, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_EPILOG: Final = """\
Exit codes: 0 done · 1 something failed, or a finding · 2 wrong usage · 3 not found · 4 no credentials or permission ·
5 throttled or not reachable · 130 interrupted."""
_NO_TEXT: Final = "surrogates not allowed"
"""Why Python cannot encode an argument whose bytes were no UTF-8: it holds them as halves of surrogate pairs."""


class CommandTable(click.Group):
    """A group whose commands are imported when they are called, and listed without."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Return the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's signature)
        """Import a command; None if there is none of that name."""
        return load(cmd_name, COMMANDS[cmd_name]) if cmd_name in COMMANDS else None

    def invoke(self, ctx: click.Context) -> Any:
        """
        Call a command, and write out what it printed.

        Raises:
            ReaderGoneError: The reader of stdout (head, less) has gone.
        """
        try:
            result = super().invoke(ctx)
            streams.flush()
        except BrokenPipeError:
            raise ReaderGoneError from None
        return result

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list["CompletionItem[str]"]:
        """Complete names from the table: a command whose extra is missing is offered, and says so when it is called."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 (only a completion needs it)

        found = [
            CompletionItem(name, help=each.summary) for name, each in COMMANDS.items() if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's signature)
        """List the commands with the summaries of the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.summary) for name, command in COMMANDS.items()])


def load(name: str, command: Command) -> click.Command:
    """
    Import a command from the table.

    Raises:
        MissingExtraError: A package of its extra is not installed.
    """
    module, _, attribute = command.target.partition(":")
    try:
        found: click.Command = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if not command.extras or (error.name or "").startswith("taskscope"):
            raise
        extras = ",".join(command.extras)
        raise MissingExtraError(
            f"{name} needs the package {error.name}",
            hint=f"uv tool install 'taskscope[{extras}]', or in a checkout: uv tool install --force '.[{extras}]'",
        ) from None
    return found


@click.group(
    cls=CommandTable, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120}
)
@click.version_option(__version__, "--version", prog_name="taskscope", message="%(prog)s %(version)s")
def cli() -> None:
    """The flight recorder for Amazon ECS tasks and Lambda functions."""


class ReaderGoneError(Exception):
    """Nobody reads stdout any more. Not an OSError: click has an answer of its own to a broken pipe, exit code 1."""


def run(command: Callable[[], object], *, program: str) -> NoReturn:
    """Run a command to its exit code; what is known to go wrong is told in one line, with what to do next."""
    streams.prepare()
    try:
        code = _code(command, program)
        streams.flush()
    except (KeyboardInterrupt, click.Abort):
        # Threads that still wait for AWS would keep a normal exit waiting with them.
        streams.abandon()
        os._exit(INTERRUPTED)
    except (BrokenPipeError, ReaderGoneError):
        code = 0
    except OSError as error:
        click.echo(f"{program}: {error}", err=True)
        code = TaskscopeError.exit_code
    streams.abandon()
    sys.exit(code)


def _code(command: Callable[[], object], program: str) -> int:
    """Call a command and tell what is known to go wrong; return its exit code."""
    try:
        result = command()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except TaskscopeError as error:
        click.echo(f"{program}: {_harmless(error.message)}", err=True)
        if error.hint:
            click.echo(f"{' ' * len(program)}  {_harmless(error.hint)}", err=True)
        return error.exit_code
    except UnicodeEncodeError as error:
        if error.reason != _NO_TEXT:
            raise
        click.echo(f"{program}: {error.object!r} is no text in UTF-8", err=True)
        return UsageError.exit_code
    return result if isinstance(result, int) else 0


def _harmless(text: str) -> str:
    """Keep off the terminal's controls: messages quote what servers answered."""
    return "".join(each if each.isprintable() or each == "\n" else f"\\x{ord(each):02x}" for each in text)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line."""
    run(lambda: cli.main(args=arguments, prog_name="taskscope", standalone_mode=False), program="taskscope")
