"""``taskscope logs``: lines of log groups, functions, stacks and tasks, merged in order of time."""

import heapq
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import Final

import click

from taskscope.aws.session import Account
from taskscope.aws.xray import XRay
from taskscope.cli import streams
from taskscope.cli.logs import sources as log_sources
from taskscope.cli.logs.lag import Lag
from taskscope.cli.logs.options import Times, line_options, log_output_options, time_options, which_logs
from taskscope.cli.logs.output import LogOutput
from taskscope.cli.logs.query import LineFilter
from taskscope.cli.options import aws_options
from taskscope.cli.progress import counting
from taskscope.cli.which_server import asking, which_server
from taskscope.client.choice import Choice
from taskscope.client.logs import StoreLogs
from taskscope.clock import SECOND, system_clock
from taskscope.errors import UsageError
from taskscope.model.log_reading import (
    Entry,
    LogEntry,
    LogQuestion,
    LogSelection,
    LogSource,
    TraceSource,
)
from taskscope.model.timeline import Window
from taskscope.render.times import iso
from taskscope.sources.logs.aws import AwsLogs
from taskscope.sources.logs.traces import XRayTraces

_TRACES_EVERY: Final = 10 * SECOND
"""While following; X-Ray knows a trace some seconds after its end."""
_TRACES_BACK: Final = 120 * SECOND
"""How far back each of these looks goes."""


@click.command()
@which_logs
@click.option(
    "-t", "--tail", "-f", "--follow", "following", is_flag=True, help="Keep printing what is written, until Ctrl-C."
)
@click.option(
    "--filter",
    "pattern",
    metavar="PATTERN",
    default="",
    help="Show the lines that this filter pattern of CloudWatch fits.",
)
@line_options
@time_options
@click.option("-i", "--include-traces", "with_traces", is_flag=True, help="Show X-Ray's traces among the lines.")
@click.option(
    "--from", "origin", type=click.Choice(log_sources.ORIGINS), help="Who is asked. [default: what has it, store first]"
)
@click.option("--poll", is_flag=True, help="Follow without live tail, which AWS charges by the minute.")
@log_output_options
@which_server
@aws_options
def logs(
    *,
    selection: LogSelection,
    following: bool,
    pattern: str,
    lines: LineFilter,
    times: Times,
    with_traces: bool,
    origin: str | None,
    poll: bool,
    output: LogOutput,
    choice: Choice,
    account: Account,
) -> None:
    """
    Show log lines of several sources in order of time: stream, time, message.

    GROUP is the name or ARN of a log group, or a pattern such as '/aws/lambda/shop-*'. Without anything that names
    logs, log groups are listed.
    """
    counter = _Counter()
    with AwsLogs(account, live=not poll, progress=counter) as aws, ExitStack() as stack:
        if selection.empty:
            _check_list(following=following, pattern=pattern, lines=lines)
            _list(origin, choice, aws, output)
            return
        if following:
            _check_follow(times, output)
        store = log_sources.find_store(choice, origin, stack)
        chosen = log_sources.choose(origin, selection, aws, store)
        if origin is None:
            click.echo(f"taskscope: from {' and '.join(each.describe(selection) for each in chosen)}", err=True)
        ends = [each.end_of(selection) for each in chosen]
        window = times.window(max((each for each in ends if each is not None), default=None))
        question = LogQuestion(selection, window, pattern)
        traces: TraceSource | None = None
        if with_traces:
            traces = store if store in chosen else _xray_traces(account, aws.functions(selection))
        _say(notice for each in chosen for notice in each.take_notices())
        if following:
            _follow(chosen, question, lines, output, traces)
        else:
            _read(_watched(log_sources.read(chosen, question), counter), question, lines, output, traces)


class _Counter:
    """Passes numbers of lines on to what shows progress just now."""

    def __init__(self) -> None:
        self.add: Callable[[int], None] = lambda _lines: None

    def __call__(self, lines: int) -> None:
        self.add(lines)


def _watched(entries: Iterator[LogEntry], counter: _Counter) -> Iterator[LogEntry]:
    """Show progress on stderr: to the end where lines go to a file, else until the first of them is there."""
    with counting("logs") as counter.add:
        if not sys.stdout.isatty():
            yield from entries
        first = list(islice(entries, 1))
    yield from first
    yield from entries


def _list(origin: str | None, choice: Choice, aws: AwsLogs, output: LogOutput) -> None:
    if origin in (None, "aws"):
        if not output.names(aws.groups()):
            _say(["there is no log group in this account and region"])
        return
    with asking(choice) as rest:
        kept = StoreLogs(rest).groups()
    if not output.names(sorted({*kept, *aws.groups()}) if origin == "both" else kept):
        _say(["no log group wrote in the last week"])


def _xray_traces(account: Account, functions: Sequence[str]) -> XRayTraces:
    if not functions:
        _say(["X-Ray does not know which traces belong to a log group or a task: all of the time are shown"])
    return XRayTraces(XRay(account), functions)


def _read(
    entries: Iterable[LogEntry], question: LogQuestion, lines: LineFilter, output: LogOutput, traces: TraceSource | None
) -> None:
    found: Iterable[Entry] = entries
    if traces is not None:
        # The merge is stable: a trace stands after the lines of the time at which it ended.
        ended = traces.traces(question.selection, question.window)
        found = heapq.merge(entries, ended, key=lambda each: each.time_ns)
    output.print(lines.shown(found))
    output.finish()
    if not output.printed and not lines.left_out():
        start, end = (iso(each, output.zone) for each in (question.window.start, question.window.end or system_clock()))
        _say([f"no line was found between {start} and {end}; --since reaches further back"])
    _say([lines.left_out()])


def _follow(
    chosen: Sequence[LogSource],
    question: LogQuestion,
    lines: LineFilter,
    output: LogOutput,
    traces: TraceSource | None,
) -> None:
    lag = Lag()
    trace_start, due = question.window.start, 0
    try:
        for batch in log_sources.follow(chosen, question):
            found: list[Entry] = list(batch.entries)
            now = system_clock()
            if traces is not None and now >= due and not batch.is_backlog:
                ended = traces.traces(question.selection, Window(trace_start, now))
                found = list(heapq.merge(found, ended, key=lambda each: each.time_ns))
                trace_start, due = max(question.window.start, now - _TRACES_BACK), now + _TRACES_EVERY
            if found or batch.notices:
                lag.clear()
                _say([*batch.notices, *(notice for each in chosen for notice in each.take_notices())])
                output.print(lines.shown(found))
            elif streams.reader_gone():
                raise BrokenPipeError
            lag.show(batch)
    finally:
        lag.clear()
        _say([lines.left_out()])


def _say(notices: Iterable[str]) -> None:
    """Say on stderr what is not among the lines."""
    for each in filter(None, notices):
        click.echo(f"taskscope: {each}", err=True)


def _check_list(*, following: bool, pattern: str, lines: LineFilter) -> None:
    if following or pattern or lines.pattern or lines.query:
        raise UsageError("nothing says which logs are meant", hint="name a log group, or give --name, --task, …")


def _check_follow(times: Times, output: LogOutput) -> None:
    if output.form == "json":
        raise UsageError("--follow cannot print json", hint="use --output text or jsonl")
    if times.until is not None or times.recorded:
        raise UsageError("--follow goes on with the present", hint="leave --until and --now out")
