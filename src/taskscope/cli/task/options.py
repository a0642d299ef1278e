"""The options of ``taskscope trace``, each group packed into one object: windows of time, filters, output."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from taskscope.cli.options import DURATION, INSTANT, wants_color, zone
from taskscope.cli.task.output import FORMS, Output
from taskscope.cli.task.selection import SOURCES, Selection, compile_pattern
from taskscope.clock import system_clock
from taskscope.errors import UsageError
from taskscope.model.ecs import Task
from taskscope.model.timeline import Reading, between, head_and_tail, whole_life

_F = TypeVar("_F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class LogWindows:
    """Which log lines are asked for, and the clock of the report."""

    now: int
    duration: int
    whole: bool = False
    since: int | None = None
    until: int | None = None
    recorded: bool = False
    """Whether the clock stands still at a time that the user gave."""

    def __call__(self, task: Task) -> Reading:
        """Choose the windows, once the times of the task are known."""
        if self.since is not None or self.until is not None:
            return between(self.since, self.until, task=task, margin=self.duration)
        choose = whole_life if self.whole else head_and_tail
        return choose(task, margin=self.duration, now=self.now)


def _windows(now: int | None, duration: int, since: int | None, until: int | None, *, whole: bool) -> LogWindows:
    if whole and (since is not None or until is not None):
        raise UsageError("--all reads everything: it does not go with --since or --until", hint="leave one of them out")
    if since is not None and until is not None and since >= until:
        raise UsageError("--since is not before --until", hint="exchange them")
    return LogWindows(system_clock() if now is None else now, duration, whole, since, until, now is not None)


def window_options(command: _F) -> _F:
    """Pass ``--duration``, ``--all``, ``--since``, ``--until`` and ``--now`` on as ``windows``."""

    @click.option(
        "--duration",
        type=DURATION,
        default="1m",
        show_default=True,
        envvar="TASKSCOPE_DURATION",
        help="Read log lines this long before and after the start and the end of the task.",
    )
    @click.option("--all", "whole", is_flag=True, help="Read every log line, not only around start and end.")
    @click.option(
        "--since", type=INSTANT, help="Show log lines and service events from this time on (5m, '2h ago', ISO 8601)."
    )
    @click.option("--until", type=INSTANT, help="Show log lines and service events before this time.")
    @click.option("--now", type=INSTANT, envvar="TASKSCOPE_NOW", help="The clock of the report, for recorded tasks.")
    @functools.wraps(command)
    def packed(
        *args: Any, now: int | None, duration: int, since: int | None, until: int | None, whole: bool, **kwargs: Any
    ) -> Any:
        return command(*args, windows=_windows(now, duration, since, until, whole=whole), **kwargs)

    return packed  # type: ignore[return-value]


def filter_options(command: _F) -> _F:
    """Pass ``--source``, ``--container``, ``--grep`` and ``--no-logs`` on as ``selection``."""

    @click.option("--source", multiple=True, type=click.Choice(SOURCES), help="Show this source only (repeatable).")
    @click.option("--container", multiple=True, help="Show the output of this container only (repeatable).")
    @click.option("--grep", metavar="REGEX", help="Show the events whose message matches.")
    @click.option("--no-logs", is_flag=True, help="Leave the containers' log lines out.")
    @functools.wraps(command)
    def packed(
        *args: Any, source: tuple[str, ...], container: tuple[str, ...], grep: str | None, no_logs: bool, **kwargs: Any
    ) -> Any:
        selection = Selection(source, container, compile_pattern(grep), no_logs=no_logs)
        return command(*args, selection=selection, **kwargs)

    return packed  # type: ignore[return-value]


def output_options(command: _F) -> _F:
    """Pass ``--output``, ``--raw``, ``--utc`` and ``--color`` on as ``output``."""

    @click.option(
        "-o",
        "--output",
        "form",
        type=click.Choice(FORMS),
        default="text",
        show_default=True,
        envvar="TASKSCOPE_OUTPUT",
        help="Form of the output; docs/output.md has the schema of the JSON.",
    )
    @click.option("--raw", is_flag=True, help="Print messages as they are, with newlines and control characters.")
    @click.option("--utc", is_flag=True, help="Show times in UTC instead of local time.")
    @click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        envvar="TASKSCOPE_COLOR",
        help="Colour the output; auto: on a terminal, unless NO_COLOR is set.",
    )
    @functools.wraps(command)
    def packed(*args: Any, form: str, raw: bool, utc: bool, color: str, **kwargs: Any) -> Any:
        return command(*args, output=Output(form, zone(utc=utc), raw, wants_color(color)), **kwargs)

    return packed  # type: ignore[return-value]
