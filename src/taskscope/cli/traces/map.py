"""``taskscope map``: the service map."""

import json
from collections.abc import Callable, Iterable
from typing import Final

import click

from taskscope.cli.options import wants_color
from taskscope.cli.tables import print_lines
from taskscope.cli.which_server import asking, which_server
from taskscope.cli.window_options import kept_window
from taskscope.client.choice import Choice
from taskscope.client.traces import Traces
from taskscope.model.document import to_document
from taskscope.model.service_map import ServiceMap
from taskscope.model.window import Window
from taskscope.render.service_map.diagrams import dot, mermaid
from taskscope.render.service_map.svg import svg
from taskscope.render.service_map.text import tree
from taskscope.render.text import ansi
from taskscope.render.waterfall.lines import plain

_PICTURES: Final[dict[str, Callable[[ServiceMap], Iterable[str]]]] = {"mermaid": mermaid, "dot": dot, "svg": svg}


@click.command("map")
@click.argument("expression", metavar="[FILTER]", default="")
@kept_window
@click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json", *_PICTURES]),
    default="text",
    show_default=True,
    help="Form: a tree, JSON, or a picture as Mermaid, DOT or SVG.",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour the tree.",
)
@which_server
def service_map(expression: str, *, window: Window, output: str, color: str, choice: Choice) -> None:
    """
    Draw who calls whom, how often, how well and how fast.

    With FILTER (X-Ray's filter expressions, docs/filters.md) the map is of the traces that match.
    """
    with asking(choice) as rest:
        drawn = Traces(rest).service_map(window, expression)
    if output == "json":
        print_lines([json.dumps(to_document(drawn), ensure_ascii=False, indent=2)])
    elif output in _PICTURES:
        print_lines(_PICTURES[output](drawn))
    else:
        print_lines(tree(drawn, ansi if wants_color(color) else plain))
    if not drawn.nodes:
        click.echo("taskscope: no service sent a span in this time: is --since early enough?", err=True)
