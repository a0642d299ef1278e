"""``taskscope trace``: clusters, the tasks of a cluster, the timeline of a task."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click

from taskscope.aws.ecs import Ecs
from taskscope.aws.session import Account
from taskscope.cli.options import aws_options
from taskscope.cli.output import Output
from taskscope.cli.progress import counting
from taskscope.cli.selection import Selection
from taskscope.cli.trace_options import LogWindows, filter_options, output_options, window_options
from taskscope.errors import UsageError
from taskscope.render.times import iso
from taskscope.sources.follow import Follower
from taskscope.sources.target import list_tasks, parse
from taskscope.sources.timeline import Timeline, TimelineSource, Wanted


@click.command()
@click.argument("cluster", required=False)
@click.argument("task", required=False)
@window_options
@click.option(
    "-f",
    "--follow",
    "following",
    is_flag=True,
    help="Keep printing until the task has stopped and its last log lines have come.",
)
@filter_options
@output_options
@aws_options
def trace(
    cluster: str | None,
    task: str | None,
    *,
    windows: LogWindows,
    following: bool,
    selection: Selection,
    output: Output,
    account: Account,
) -> int:
    """
    Show what happened to an ECS task, in order.

    Without arguments it lists clusters, with a CLUSTER (name or ARN) its tasks, with a TASK as well (id, beginning of
    an id, ARN, or address of its console page) the timeline. An ARN or a console address may stand alone.
    """
    target = parse(cluster, task)
    ecs = Ecs(account, region=target.region)
    if target.cluster is None and target.task is None:
        output.clusters(ecs.clusters())
        return 0
    place = target.cluster or "default"
    if target.task is None:
        output.tasks(list_tasks(ecs, place))
        return 0
    if following:
        _check_follow(windows, output)
    wanted = Wanted(windows, logs=selection.logs, container=selection.container)
    with counting("logs") as progress, uncollected():
        source = TimelineSource(account, now=windows.now, region=target.region, progress=progress)
        timeline = source.collect(source.find(place, target.task), wanted)
    with source:
        if following and not timeline.task.stopped:
            return _follow(source, timeline, wanted, selection, output)
    return _show(timeline, selection, output)


@contextmanager
def uncollected() -> Iterator[None]:
    """Build a timeline without the cycle collector, which walks all its events again and again: 50 of 800 ms."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _show(timeline: Timeline, selection: Selection, output: Output) -> int:
    shown = replace(timeline, events=[each for each in timeline.events if selection.shows(each)])
    output.timeline(shown)
    output.notices(timeline.notices)
    _say_unread(timeline, output)
    return max((each.exit_code for each in timeline.notices), default=0)


def _say_unread(timeline: Timeline, output: Output) -> None:
    if timeline.unread:
        start, end = (iso(each or 0, output.zone) for each in (timeline.unread.start, timeline.unread.end))
        click.echo(f"taskscope: log lines from {start} to {end} were not read; --all reads them", err=True)


def _follow(source: TimelineSource, timeline: Timeline, wanted: Wanted, selection: Selection, output: Output) -> int:
    follower = Follower(source, wanted)
    output.notices(timeline.notices)
    _say_unread(timeline, output)
    said = {each.text for each in timeline.notices}
    for batch in follower.follow(timeline):
        output.events(each for each in batch if selection.shows(each))
        output.notices(each for each in follower.notices if each.text not in said)
        said.update(each.text for each in follower.notices)
    return max((each.exit_code for each in follower.notices), default=0)


def _check_follow(windows: LogWindows, output: Output) -> None:
    if output.form not in {"text", "jsonl"}:
        raise UsageError(f"--follow cannot print {output.form}", hint="use --output text or jsonl")
    if windows.until is not None or windows.recorded:
        raise UsageError("--follow goes on with the present", hint="leave --until and --now out")
