"""``taskscope top``: what runs now, and what it uses."""

import json
import os
import shutil
import sys
from collections.abc import Sequence

import click

from taskscope.cli.options import DURATION, wants_color
from taskscope.cli.tables import print_lines, print_rows
from taskscope.cli.which_server import asking, which_server
from taskscope.client.choice import Choice
from taskscope.client.usage import UsageClient
from taskscope.clock import MILLISECOND, SECOND
from taskscope.errors import UsageError
from taskscope.model.document import to_document
from taskscope.model.resource_usage import LiveTask, LiveView
from taskscope.render.top.lines import SORTS, Line, lines
from taskscope.render.usage import LIVE_COLUMNS, live_cells

_SHORTEST_NS = 200 * MILLISECOND
_NAMED = 8
"""Clusters and services that are named where nothing was found."""


@click.command()
@click.argument("cluster", metavar="[CLUSTER]", default="")
@click.option("--service", default="", help="Only the tasks of this ECS service.")
@click.option("--sort", type=click.Choice(list(SORTS)), default="cpu", show_default=True, help="What comes first.")
@click.option("--filter", "text", metavar="TEXT", default="", help="Only tasks that have TEXT in one of their names.")
@click.option("--interval", type=DURATION, default="2s", show_default=True, help="How often to look.")
@click.option("--once", is_flag=True, help="Write it once. This is the default where stdout is no terminal.")
@click.option(
    "-o", "--output", type=click.Choice(["text", "json", "jsonl"]), default="text", show_default=True,
    help="Form; JSON is written once, all of it or a line for each task.",
)  # fmt: skip
@which_server
def top(
    cluster: str, *, service: str, sort: str, text: str, interval: int, once: bool, output: str, choice: Choice
) -> None:
    """
    Show the tasks that run, live: what they use of their limits, with their containers.

    CLUSTER is a name or ARN. Keys: q quit, s sort, / filter, arrows or j and k move, Enter folds a task.
    """
    if interval < _SHORTEST_NS:
        raise UsageError("--interval is shorter than 200ms")
    with asking(choice) as rest:
        client = UsageClient(rest)
        if output == "text" and not once and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
            from taskscope.cli.fleet.screen import Watch, watch  # noqa: PLC0415 (rich takes 36 ms to load)

            watch(Watch(client, cluster, service, interval / SECOND), sort=sort, text=text)
            return
        view = client.live(cluster=cluster, service=service)
        others = client.live().tasks if not view.tasks and (cluster or service) else ()
    shown = list(lines(view.tasks, now_ns=view.now_ns, sort=sort, text=text))
    if output == "text":
        _write(view, shown, " ".join(filter(None, (cluster, service))) or "all clusters")
    else:
        _write_documents(view, shown, output)
    if not view.tasks:
        _say_nothing(others)
    elif view.left_out:
        click.echo(f"taskscope: {view.left_out} tasks more run: name a cluster or --service", err=True)


def _say_nothing(others: Sequence[LiveTask]) -> None:
    """Say that there is nothing, and what there would be."""
    said = "no task was measured in the last five minutes"
    if others:
        there = sorted({" ".join(filter(None, (each.key.cluster, each.key.service))) for each in others})
        more = [f"and {len(there) - _NAMED} more"] if len(there) > _NAMED else []
        click.echo(f"taskscope: of these {said}, but of: {', '.join([*there[:_NAMED], *more])}", err=True)
    else:
        click.echo(f"taskscope: {said}: is the collector beside it?", err=True)


def _write(view: LiveView, shown: Sequence[Line], scope: str) -> None:
    if not sys.stdout.isatty():
        print_rows(LIVE_COLUMNS, [live_cells(each, view.now_ns) for each in shown])
        return
    from taskscope.render.table import console  # noqa: PLC0415 (rich takes 36 ms to load)
    from taskscope.render.top.screen import table, totals, used  # noqa: PLC0415 (likewise)

    to = console(color=wants_color("auto"), width=None)
    to.print(totals(view, scope=scope, now_ns=view.now_ns))
    to.print(used(view, now_ns=view.now_ns))
    to.print(table(shown, width=shutil.get_terminal_size().columns, now_ns=view.now_ns, ascii_only=is_ascii()))


def _write_documents(view: LiveView, shown: Sequence[Line], output: str) -> None:
    tasks = [to_document(each.task) for each in shown if each.container is None]
    if output == "jsonl":
        print_lines(json.dumps(each, ensure_ascii=False) for each in tasks)
    else:
        print_lines([json.dumps({**to_document(view), "tasks": tasks}, ensure_ascii=False, indent=2)])


def is_ascii() -> bool:
    """Whether stdout cannot show blocks."""
    return "utf" not in (sys.stdout.encoding or "").lower()
