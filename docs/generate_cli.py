"""
Writes docs/cli.md, the reference of the command line, from the commands themselves. Run it with ``make reference``.

``tests/docs/test_cli_reference.py`` fails where the file is not what this module makes.
"""  # noqa: INP001 (a script beside the pages that it writes, no package)

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from taskscope import errors
from taskscope.cli.main import cli
from taskscope.cli.task.tracer import USAGE

PAGE: Final = Path(__file__).with_name("cli.md")

WIDTH: Final = 100
"""Columns of the help texts: what a page shows without scrolling."""

_HEAD: Final = """\
# The command line

<!-- Written by docs/generate_cli.py: change the commands, then run `make reference`. -->

Two programs: `taskscope`, and `tracer`, which takes the arguments of fujiwara/tracer. The forms of output are described
in [output.md](output.md).
"""

_VARIABLES: Final = {
    "TASKSCOPE_CONFIG": "`serve`, `collect`, `config`: default of `--config`",
    "TASKSCOPE_TLS_CA": "`store`: default of `--tls-ca`",
    "TASKSCOPE_SERVER": "`store`: default of `--server`, the address of a running `taskscope serve`",
    "TASKSCOPE_DURATION": "`trace`, Lambda function: default of `--duration`",
    "TASKSCOPE_NOW": "`trace`: default of `--now`, the clock of the report",
    "TASKSCOPE_OUTPUT": "`trace`: default of `--output`",
    "TASKSCOPE_COLOR": "`trace`: default of `--color`",
    "NO_COLOR": "`trace`: set to anything, `--color auto` colours nothing",
    "TZ": "`trace`, `tracer`: the zone that times are shown in",
    "AWS_PROFILE": "every call to AWS: default of `--profile`",
    "AWS_REGION": "every call to AWS: default of `--region`; `AWS_DEFAULT_REGION` comes next, then the profile's",
    "AWS_ENDPOINT_URL": "every call to AWS: default of `--endpoint-url`, such as an embedded AWS; `lab run` and "
    "`lab scenario` find their lab by it",
    "PORT": "`exporter`: default of `--port`",
    "ADDITIONAL_LOG_FIELDS": "`exporter`: a JSON object of texts, which every line of its log then has",
    "ECS_CONTAINER_METADATA_URI_V4": "`exporter`: default of `--endpoint`; ECS sets it in every container, and "
    "`ECS_CONTAINER_METADATA_URI` where it is older",
    "TASKSCOPE_SNS": "Lambda function: ARN of the SNS topic that gets the reports",
    "TASKSCOPE_STDOUT": "Lambda function: whether reports go to its log (default: true)",
    "TRACER_DURATION": "`tracer`, Lambda function: default of `-duration`",
    "TRACER_SNS": "`tracer`, Lambda function: default of `-sns`",
    "TRACER_STDOUT": "`tracer`, Lambda function: default of `-stdout`",
    "TRACER_VERSION": "`tracer`: default of `-version`",
}
"""
What each environment variable sets that is no setting of the collector: those are in docs/settings.md. A test holds
both against the options and the sources.
"""


def _commands(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Yield path and help of a command and of all below it."""
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if (found := command.get_command(context, name)) and not found.hidden:
                yield from _commands(found, click.Context(found, info_name=name, parent=context))


def commands() -> Iterator[tuple[str, str]]:
    """Yield path and help text of every command of ``taskscope``, the program itself first."""
    names = cli.context_settings["help_option_names"]
    yield from _commands(cli, click.Context(cli, info_name="taskscope", help_option_names=names, terminal_width=WIDTH))


def _exit_codes() -> Iterator[str]:
    yield from ("## Exit codes", "", "| Code | Means |", "|---:|---|", "| 0 | Done. |")
    yield f"| {errors.TaskscopeError.exit_code} | Something failed for another reason that is known, or a finding. |"
    for kind in errors.TaskscopeError.__subclasses__():
        meanings = [inspect.getdoc(each) or "" for each in (kind, *kind.__subclasses__())]
        yield f"| {kind.exit_code} | {' '.join(meanings)} |"
    yield f"| {errors.INTERRUPTED} | Interrupted by Ctrl-C. |"


def _variables() -> Iterator[str]:
    yield from (
        "## Environment variables",
        "",
        "An option wins over its variable. Those of `serve` and `collect` are in [settings.md](settings.md).",
        "",
        "| Variable | Sets |",
        "|---|---|",
    )
    yield from (f"| `{name}` | {meaning} |" for name, meaning in _VARIABLES.items())


def page() -> str:
    """Return the whole page."""
    lines = [_HEAD]
    for path, text in commands():
        lines += [f"## {path}", "", "```text", *(each.rstrip() for each in text.splitlines()), "```", ""]
    lines += ["## tracer", "", "```text", *USAGE.splitlines(), "```", ""]
    lines += [*_exit_codes(), "", *_variables()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page; with ``--check`` say by the exit code whether it is up to date."""
    if sys.argv[1:] == ["--check"]:
        sys.exit(0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page() else 1)
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
