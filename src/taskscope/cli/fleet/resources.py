"""``taskscope resources``: clusters, services, tasks and containers, with what each used on average."""

import json
from collections.abc import Callable, Sequence
from typing import Final

import click

from taskscope.cli.tables import print_lines, print_rows
from taskscope.cli.which_server import asking, which_server
from taskscope.cli.window_options import kept_window
from taskscope.client.choice import Choice
from taskscope.client.usage import UsageClient
from taskscope.model.document import to_document
from taskscope.model.resource_usage import Level, ResourceEntry
from taskscope.model.window import Window
from taskscope.render.usage import RESOURCE_COLUMNS, resource_cells

_ALARM: Final = "ALARM"
_SORTS: Final[dict[str, Callable[[ResourceEntry], float]]] = {
    "name": lambda _: 0.0,
    "cpu": lambda each: -1.0 if each.usage.cpu_share is None else each.usage.cpu_share,
    "memory": lambda each: -1.0 if each.usage.memory_share is None else each.usage.memory_share,
    "alarms": lambda each: sum(alarm.state == _ALARM for alarm in each.alarms),
}


@click.command()
@click.option(
    "--type", "kind", type=click.Choice([each.value for each in Level]),
    help="Only these. [default: clusters, services and tasks]",
)  # fmt: skip
@click.option("--filter", "text", metavar="TEXT", default="", help="Only those that have TEXT in one of their names.")
@click.option("--cluster", default="", help="Only what is in this cluster (name or ARN).")
@kept_window
@click.option(
    "--sort", type=click.Choice(list(_SORTS)), default="name", show_default=True, help="What comes first: the greatest."
)
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="Resources at most.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form.")
@which_server
def resources(
    *, kind: str | None, text: str, cluster: str, window: Window, sort: str, limit: int, output: str, choice: Choice
) -> None:
    """
    List clusters, services and tasks: average CPU and memory, in percent of the limit, and alarms.

    An alarm is a CloudWatch alarm whose dimensions name the cluster or the service.
    """
    levels = [Level(kind)] if kind else [Level.CLUSTER, Level.SERVICE, Level.TASK]
    with asking(choice) as rest:
        client = UsageClient(rest)
        found = [each for level in levels for each in client.resources(window, level, text=text, cluster=cluster)]
    found.sort(key=_SORTS[sort], reverse=True)
    _write(found[:limit], output)
    if len(found) > limit:
        click.echo(f"taskscope: {len(found) - limit} more: see --limit", err=True)
    elif not found:
        chosen = [name for name, value in (("--cluster", cluster), ("--filter", text), ("--type", kind)) if value]
        more = f", and {' and '.join(chosen)} right" if chosen else ""
        click.echo(f"taskscope: nothing ran or was measured in this time: is --since early enough{more}?", err=True)


def _write(found: Sequence[ResourceEntry], output: str) -> None:
    if output == "json":
        print_lines([json.dumps([to_document(each) for each in found], ensure_ascii=False, indent=2)])
    else:
        print_rows(RESOURCE_COLUMNS, [resource_cells(each) for each in found])
