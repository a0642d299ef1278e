"""``taskscope trace``: clusters, the tasks of a cluster, the timeline of a task."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click

from taskscope.aws.ecs import Ecs
from taskscope.aws.session import Account
from taskscope.cli.options import aws_options
from taskscope.cli.progress import counting
from taskscope.cli.task.options import LogWindows, filter_options, output_options, window_options
from taskscope.cli.task.output import Output
from taskscope.cli.task.selection import Selection
from taskscope.client.find import may_find_server
from taskscope.errors import UsageError
from taskscope.model.timeline import Kind
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
@click.option(
    "--server",
    metavar="URL",
    help="Server that keeps spans and readings. [TASKSCOPE_SERVER; default: the one that runs]",
)
@click.option("--no-spans", is_flag=True, help="Ask no server for the task's spans.")
@click.option("--no-metrics", is_flag=True, help="Ask no server for what the task's containers used.")
@output_options
@aws_options
def trace(
    cluster: str | None,
    task: str | None,
    *,
    windows: LogWindows,
    following: bool,
    selection: Selection,
    server: str | None,
    no_spans: bool,
    no_metrics: bool,
    output: Output,
    account: Account,
) -> int:
    """
    Show what happened to an ECS task, in order.

    Without arguments it lists clusters, with a CLUSTER (name or ARN) its tasks, with a TASK as well (id, beginning of
    an id, ARN, or address of its console page) the timeline. An ARN or a console address may stand alone. Where a
    server runs, what the task was asked and what of it failed stands in the timeline too.
    """
    target = parse(cluster, task)
    if target.task is None:
        if following or not selection.empty:
            raise UsageError("--follow and filters are for the timeline of one task", hint="name a CLUSTER and a TASK")
        _list(Ecs(account, region=target.region), target.cluster, output)
        return 0
    if following:
        _check_follow(windows, output)
    wanted = Wanted(windows, logs=selection.logs, container=selection.container)
    with counting("logs") as progress, uncollected():
        source = TimelineSource(account, now=windows.now, region=target.region, progress=progress)
        found = source.find(target.cluster or "default", target.task)
        selection.check([each.name for each in found.containers])
        timeline = source.collect(found, wanted)
        refused = {Kind.SPAN: no_spans, Kind.METRIC: no_metrics}
        kinds = [kind for kind, is_refused in refused.items() if not is_refused and selection.asks_server(kind)]
        if kinds and (server or may_find_server()):
            from taskscope.cli.task.kept import with_kept  # noqa: PLC0415 (TLS and HTTP, where a server is asked)

            timeline = with_kept(timeline, kinds, windows(timeline.task).services, server=server, now=windows.now)
    with source:
        if following and not timeline.task.stopped:
            return _follow(source, timeline, wanted, selection, output)
    return _show(timeline, selection, output)


def _list(ecs: Ecs, cluster: str | None, output: Output) -> None:
    """List clusters, or the tasks of one; an empty list says on stderr that it is."""
    if cluster is None:
        names = ecs.clusters()
        output.clusters(names)
        what = "" if names else "there is no cluster in this account and region"
    else:
        tasks = list_tasks(ecs, cluster)
        output.tasks(tasks)
        what = "" if tasks else f"ECS knows no task of cluster {cluster}: it forgets a task an hour after its end"
    if what:
        click.echo(f"taskscope: {what}", err=True)


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
    # Following reads again what it could not read, but neither the head nor logs that it learnt of too late.
    kept = timeline.notices if timeline.unread or (wanted.logs and timeline.definition is None) else []
    return max((each.exit_code for each in [*kept, *follower.notices]), default=0)


def _check_follow(windows: LogWindows, output: Output) -> None:
    if output.form not in {"text", "jsonl"}:
        raise UsageError(f"--follow cannot print {output.form}", hint="use --output text or jsonl")
    if windows.until is not None or windows.recorded:
        raise UsageError("--follow goes on with the present", hint="leave --until and --now out")
