"""``taskscope import``: traces and logs of an account or of files, into the store."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import click

from taskscope.aws.session import Account
from taskscope.cli.imports.state import Journal
from taskscope.cli.options import INSTANT, aws_options
from taskscope.cli.which_server import asking, which_server
from taskscope.client.choice import Choice
from taskscope.clock import system_clock
from taskscope.errors import UsageError
from taskscope.model.window import Window

_F = TypeVar("_F", bound=Callable[..., Any])
_FILE: Final = "file"
_XRAY_THREADS: Final = 4
"""BatchGetTraces is throttled at some calls a second; four at once are not waited for by the store."""


class _Sources(click.Group):
    """A group in which whatever is no command is a file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [_FILE, *args]
        return super().parse_args(ctx, args)


@click.group("import", cls=_Sources, context_settings={"help_option_names": ["-h", "--help"]})
def import_() -> None:
    """
    Bring traces and logs of an account or of files into the store.

    `taskscope import FILE…` takes files; what is in them is told by their content. What the store has already is left
    out, so that any import may be repeated. A command that was interrupted goes on where it was.
    """


def _shared(command: _F) -> _F:
    for decorate in (
        which_server,
        click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
                     help="Form of the result."),
        click.option("--restart", is_flag=True, help="Read all again, not only what an interrupted run has left."),
    ):  # fmt: skip
        command = decorate(command)
    return command


def _window(command: _F) -> _F:
    for decorate in (
        click.option("-e", "--until", type=INSTANT, help="Up to when. [default: now]"),
        click.option("-s", "--since", type=INSTANT, default="6h", show_default=True,
                     help="From when on: 5m, '2h ago', ISO 8601."),
    ):  # fmt: skip
        command = decorate(command)
    return command


@import_.command()
@click.option("--filter", "expression", default="", metavar="EXPR", help="Only traces that X-Ray finds by this filter.")
@click.option("--group", metavar="NAME", help="Only traces of this group.")
@_window
@_shared
@aws_options
def xray(
    *,
    expression: str,
    group: str | None,
    since: int,
    until: int | None,
    form: str,
    restart: bool,
    choice: Choice,
    account: Account,
) -> None:
    """Bring X-Ray's traces."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (with logging 3 ms)

    from taskscope.aws.xray import XRay  # noqa: PLC0415 (help needs none of it)
    from taskscope.cli.imports.traces import TraceImport  # noqa: PLC0415 (likewise)
    from taskscope.sources.imports.traces import TraceReader  # noqa: PLC0415 (likewise)

    window = _checked(since, until)
    wanted = " AND ".join(f"({each})" for each in (expression, group and f'group.name = "{group}"') if each)
    meaning = {"import": "xray", "filter": wanted, **_account(account)}
    with _running("traces", meaning, choice, form=form, restart=restart) as run:
        pool = ThreadPoolExecutor(_XRAY_THREADS, thread_name_prefix="xray")
        try:
            work = TraceImport(run, TraceReader(XRay(account), pool))
            work.read(window, wanted)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    if work.missing:
        click.echo(f"taskscope: {work.missing:,} traces were listed, and are not there any more", err=True)


@import_.command("cloudwatch-logs")
@click.argument("groups", metavar="GROUP...", nargs=-1, required=True)
@click.option("--stream", default="", metavar="NAME", help="Only this stream.")
@click.option("--filter", "pattern", default="", metavar="PATTERN", help="Only lines that this filter pattern fits.")
@_window
@_shared
@aws_options
def cloudwatch_logs(
    *,
    groups: tuple[str, ...],
    stream: str,
    pattern: str,
    since: int,
    until: int | None,
    form: str,
    restart: bool,
    choice: Choice,
    account: Account,
) -> None:
    """
    Bring the lines of log groups of CloudWatch Logs.

    GROUP is a name, an ARN, or a pattern such as '/aws/lambda/shop-*'.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (with logging 3 ms)
    from dataclasses import replace  # noqa: PLC0415 (help needs none of it)

    from taskscope.aws.log_search import LogSearch  # noqa: PLC0415 (likewise)
    from taskscope.cli.imports.logs import LogImport  # noqa: PLC0415 (likewise)
    from taskscope.model.log_reading import LogSelection  # noqa: PLC0415 (likewise)
    from taskscope.sources.logs.aws import AwsLogs  # noqa: PLC0415 (likewise)

    window = _checked(since, until)
    with AwsLogs(account) as aws:
        places = [replace(each, stream=stream) for each in aws.places(LogSelection(groups))]
    meaning = {"import": "logs", "groups": groups, "stream": stream, "filter": pattern, **_account(account)}
    with _running("logs", meaning, choice, form=form, restart=restart) as run:
        pool = ThreadPoolExecutor(1, thread_name_prefix="logs")
        try:
            work = LogImport(run, lambda region: LogSearch(account, region=region), pool, time.sleep)
            work.read(places, window, pattern)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


@import_.command("otlp-json")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@_shared
def otlp_json(*, files: tuple[str, ...], form: str, restart: bool, choice: Choice) -> None:
    """Bring files of OTLP's JSON: traces, metrics and logs, as the Collector's file exporter writes them."""
    _files(files, "", choice, form=form, restart=restart, only_otlp=True)


@import_.command(_FILE)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--log-group", "group", default="", metavar="NAME",
    help="Log group of events that do not name theirs. [default: the file's name]",
)  # fmt: skip
@_shared
def file(*, files: tuple[str, ...], group: str, form: str, restart: bool, choice: Choice) -> None:
    """Bring files: X-Ray's documents, OTLP's JSON, log events; '-' is stdin."""
    _files(files, group, choice, form=form, restart=restart)


def _files(
    files: tuple[str, ...], group: str, choice: Choice, *, form: str, restart: bool, only_otlp: bool = False
) -> None:
    from taskscope.cli.imports.files import FileImport, sizes_of  # noqa: PLC0415 (help needs none of it)

    sizes_of(files)  # before a store is made for them

    meaning = {"import": "files", "group": group, "otlp": only_otlp}
    with _running("files", meaning, choice, form=form, restart=restart) as run:
        FileImport(run, group=group, only_otlp=only_otlp).read(files)


@contextmanager
def _running(what: str, meaning: dict[str, Any], choice: Choice, *, form: str, restart: bool) -> Iterator[Any]:
    """Give a run; say at its end what it has done, and end with 1 if something was refused."""
    from taskscope.cli.imports.run import Run  # noqa: PLC0415 (help needs none of it)
    from taskscope.cli.progress_bar import progress_bar  # noqa: PLC0415 (likewise)
    from taskscope.client.imports import Imports  # noqa: PLC0415 (likewise)

    journal = Journal({**meaning, "server": choice.server, "store": choice.store, "data_dir": choice.data_dir})
    if restart:
        journal.forget()
    with asking(choice, writes=True) as rest, progress_bar(f"importing {what}") as show:
        run = Run(Imports(rest), journal, show)
        try:
            yield run
        except BaseException:
            click.echo(f"taskscope: {run.tally.text()}; the same command goes on from there", err=True)
            raise
    tally = run.tally
    click.echo(json.dumps(tally.document()) if form == "json" else tally.text())
    for each in tally.reasons if form == "text" else ():
        click.echo(f"taskscope: refused: {each}", err=True)
    if tally.refused:
        raise click.exceptions.Exit(1)


def _checked(since: int, until: int | None) -> Window:
    end = system_clock() if until is None else until
    if since >= end:
        raise UsageError("--since is not before --until", hint="exchange them")
    return Window(since, end)


def _account(account: Account) -> dict[str, object]:
    return {"profile": account.profile, "region": account.region, "endpoint": account.endpoint_url}
