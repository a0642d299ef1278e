"""``tracer``: the command line of fujiwara/tracer, unchanged, on Taskscope's timeline."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

import click

from taskscope import __version__
from taskscope.aws.ecs import Ecs
from taskscope.aws.session import Account
from taskscope.aws.sns import publish
from taskscope.cli.main import run
from taskscope.cli.task.go_flags import parse_bool, parse_flags
from taskscope.clock import system_clock
from taskscope.config.times import parse_duration
from taskscope.errors import UsageError
from taskscope.model.timeline import head_and_tail
from taskscope.render.report import fit, subject, text_lines
from taskscope.render.rows import task_rows
from taskscope.sources.target import list_tasks
from taskscope.sources.timeline import Notice, TimelineSource, Wanted

_FLAGS: Final = {"duration": True, "stdout": False, "sns": True, "version": False, "help": False, "h": False}

USAGE: Final = """\
Usage of tracer:
tracer [options] [cluster] [task-id]

  -duration duration
    \tfetch logs duration from created / before stopping (default 1m0s)
  -sns string
    \tSNS topic ARN
  -stdout
    \toutput to stdout (default true)
  -version
    \tshow the version
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the flags and the ``TRACER_*`` variables say; a flag wins."""

    duration: int
    stdout: bool
    topic: str
    version: bool

    @classmethod
    def read(cls, flags: Mapping[str, str], environment: Mapping[str, str]) -> "Settings":
        """
        Read them.

        Raises:
            UsageError: A value is wrong; the message names it.
        """

        def value(name: str, default: str) -> str:
            return flags.get(name, environment.get(f"TRACER_{name.upper()}") or default)

        return cls(
            duration=parse_duration(value("duration", "1m0s")),
            stdout=parse_bool(value("stdout", "true"), name="stdout"),
            topic=value("sns", ""),
            version=parse_bool(value("version", "false"), name="version"),
        )


def tracer(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run tracer; return its exit code."""
    try:
        flags = parse_flags(arguments, takes_value=_FLAGS)
        settings = Settings.read(flags.values, environment)
    except UsageError as error:
        click.echo(f"{error}\n{USAGE}", err=True, nl=False)
        return error.exit_code
    if "h" in flags.values or "help" in flags.values:
        click.echo(USAGE, err=True, nl=False)
        return 0
    if settings.version:
        click.echo(f"tracer {__version__}")
        return 0
    cluster, task = [*flags.arguments, None, None][:2]
    account = Account(region=environment.get("AWS_REGION") or None)
    lines, notices = _report(account, settings, cluster or None, task or None)
    if settings.stdout:
        sys.stdout.buffer.write("".join(f"{each}\n" for each in lines).encode())  # UTF-8, whatever the locale
        sys.stdout.buffer.flush()
    for notice in notices:
        click.echo(f"tracer: {notice.text}", err=True)
    if settings.topic:
        message = fit(lines) or "(nothing to show)\n"
        # A command that is given twice is meant twice: only the clock tells a FIFO topic so.
        repeat = f"{task}-{system_clock()}"
        publish(account, settings.topic, subject=subject(cluster, task), message=message, dedup_id=repeat)
    return max((each.exit_code for each in notices), default=0)


def _report(
    account: Account, settings: Settings, cluster: str | None, task: str | None
) -> tuple[list[str], list[Notice]]:
    ecs = Ecs(account)
    if cluster is None:
        return ecs.clusters(), []
    if task is None:
        return ["\t".join(row) for row in task_rows(list_tasks(ecs, cluster), zone=None)], []
    now = system_clock()
    with TimelineSource(account, now=now) as source:
        found = source.find(cluster, task)
        timeline = source.collect(found, Wanted(lambda each: head_and_tail(each, margin=settings.duration, now=now)))
    return text_lines(timeline.events), timeline.notices


def main() -> NoReturn:
    """Run the console script."""
    run(lambda: tracer(sys.argv[1:], os.environ), program="tracer")
