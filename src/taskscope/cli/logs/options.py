"""The options of ``taskscope logs``, each group packed into one object: which logs, when, which lines, how shown."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import click

from taskscope.cli.logs.output import FORMS, LogOutput
from taskscope.cli.logs.query import LineFilter
from taskscope.cli.options import INSTANT, wants_color, zone
from taskscope.cli.task.selection import compile_pattern
from taskscope.clock import SECOND, system_clock
from taskscope.config.times import parse_instant
from taskscope.errors import UsageError
from taskscope.model.log_reading import LogSelection
from taskscope.model.timeline import Window

_F = TypeVar("_F", bound=Callable[..., Any])

DEFAULT_SINCE: Final = 600 * SECOND
"""As ``sam logs`` and ``aws logs tail`` have it."""


@dataclass(frozen=True, slots=True)
class Times:
    """When lines were written that are asked for."""

    now: int
    since: int | None = None
    until: int | None = None
    recorded: bool = False
    """Whether the clock stands still at a time that the user gave."""

    def window(self, ended: int | None) -> Window:
        """Return the window; by default the last ten minutes, of what has ended (``ended``) those before its end."""
        if self.since is not None:
            return Window(self.since, self.until)
        end = min(each for each in (self.until, ended, self.now) if each is not None)
        return Window(end - DEFAULT_SINCE, self.until)


def _times(now: int | None, since: str | None, until: str | None) -> Times:
    clock = system_clock() if now is None else now
    start = None if since is None else parse_instant(since, now=clock)
    end = None if until is None else parse_instant(until, now=clock)
    if start is not None and end is not None and start >= end:
        raise UsageError("--since is not before --until", hint="exchange them")
    return Times(clock, start, end, now is not None)


def which_logs(command: _F) -> _F:
    """Pass what names logs on as ``selection``."""

    @click.argument("groups", metavar="[GROUP]...", nargs=-1)
    @click.option(
        "-n", "--name", "functions", multiple=True, metavar="FUNCTION",
        help="A Lambda function: name, ARN, or with --stack-name its logical id (repeatable).",
    )  # fmt: skip
    @click.option("--stack-name", "stack", metavar="STACK", help="A CloudFormation stack: all its functions.")
    @click.option("--cw-log-group", "named", multiple=True, metavar="GROUP", help="A log group, as GROUP (repeatable).")
    @click.option("--cluster", help="An ECS cluster: all its services and tasks. [default for the others: default]")
    @click.option("--service", help="An ECS service: all its tasks.")
    @click.option("--task", help="An ECS task: id, beginning of an id, ARN, or address of its console page.")
    @click.option("--container", "containers", multiple=True, help="Only these containers of them (repeatable).")
    @functools.wraps(command)
    def packed(
        *args: Any,
        groups: tuple[str, ...],
        functions: tuple[str, ...],
        stack: str | None,
        named: tuple[str, ...],
        cluster: str | None,
        service: str | None,
        task: str | None,
        containers: tuple[str, ...],
        **kwargs: Any,
    ) -> Any:
        if service and task:
            raise UsageError("--service and --task exclude each other", hint="a task is enough")
        if "" in (*groups, *named, *functions, stack, cluster, service, task, *containers):
            raise UsageError("a name is empty", hint="is a variable of your script not set?")
        selection = LogSelection((*groups, *named), functions, stack, cluster, service, task, containers)
        return command(*args, selection=selection, **kwargs)

    return packed  # type: ignore[return-value]


def time_options(command: _F) -> _F:
    """Pass ``--since``, ``--until`` and ``--now`` on as ``times``."""

    @click.option(
        "-s", "--since", "--start-time", "since", metavar="TIME",
        help="Show lines from this time on (5m, 1h30m, '2h ago', ISO 8601). [default: 10m]",
    )  # fmt: skip
    @click.option("-e", "--until", "--end-time", "until", metavar="TIME", help="Show lines before this time.")
    @click.option("--now", type=INSTANT, envvar="TASKSCOPE_NOW", help="The clock of the report, for recorded logs.")
    @functools.wraps(command)
    def packed(*args: Any, now: int | None, since: str | None, until: str | None, **kwargs: Any) -> Any:
        return command(*args, times=_times(now, since, until), **kwargs)

    return packed  # type: ignore[return-value]


def line_options(command: _F) -> _F:
    """Pass ``--grep`` and ``--query`` on as ``lines``."""

    @click.option("--grep", metavar="REGEX", help="Show the lines whose message matches.")
    @click.option(
        "--query", metavar="JMESPATH", help="Show what this finds in messages that are JSON; leave the others out."
    )
    @functools.wraps(command)
    def packed(*args: Any, grep: str | None, query: str | None, **kwargs: Any) -> Any:
        return command(*args, lines=LineFilter.compile(compile_pattern(grep), query), **kwargs)

    return packed  # type: ignore[return-value]


def log_output_options(command: _F) -> _F:
    """Pass ``--output``, ``--raw``, ``--utc`` and ``--color`` on as ``output``."""

    @click.option(
        "-o", "--output", "form", type=click.Choice(FORMS), default="text", show_default=True,
        help="Form of the output; docs/logs.md has the schema of the JSON.",
    )  # fmt: skip
    @click.option("--raw", is_flag=True, help="Print messages as they are, with newlines and control characters.")
    @click.option("--utc", is_flag=True, help="Show times in UTC instead of local time.")
    @click.option(
        "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True,
        envvar="TASKSCOPE_COLOR", help="Colour the output; auto: on a terminal, unless NO_COLOR is set.",
    )  # fmt: skip
    @functools.wraps(command)
    def packed(*args: Any, form: str, raw: bool, utc: bool, color: str, lines: LineFilter, **kwargs: Any) -> Any:
        output = LogOutput(form, zone(utc=utc), raw, wants_color(color), lines.pattern)
        return command(*args, output=output, lines=lines, **kwargs)

    return packed  # type: ignore[return-value]
