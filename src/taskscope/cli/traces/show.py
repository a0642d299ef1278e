"""``taskscope show``: one trace as a waterfall."""

import json
import shutil
from typing import Final

import click

from taskscope.cli.options import wants_color, zone
from taskscope.cli.tables import print_lines
from taskscope.cli.which_server import asking, which_server
from taskscope.client.choice import Choice
from taskscope.client.traces import Traces
from taskscope.errors import UsageError
from taskscope.model.document import to_document
from taskscope.model.ids import trace_id_from_xray
from taskscope.render.text import ansi
from taskscope.render.waterfall.lines import Waterfall, plain

_WIDEST: Final = 200


@click.command()
@click.argument("trace_id")
@click.option("--logs", "with_logs", is_flag=True, help="Put log lines below the spans that they belong to.")
@click.option(
    "-o",
    "--output",
    type=click.Choice(["text", "json", "xray", "otlp"]),
    default="text",
    show_default=True,
    help="Form: a waterfall, our JSON, X-Ray's segment documents, or OTLP's JSON.",
)
@click.option("--utc", is_flag=True, help="Show times in UTC instead of local time.")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, help="Colour it."
)
@which_server
def show(trace_id: str, *, with_logs: bool, output: str, utc: bool, color: str, choice: Choice) -> None:
    """
    Show where the time of a request went.

    TRACE_ID is X-Ray's (1-5759e988-bd862e3fe1be46a994272793) or OpenTelemetry's (32 hexadecimal digits). Heavy lines
    are the critical path: what the answer waited for. OWN is the time in which nothing below ran.
    """
    if with_logs and output in {"xray", "otlp"}:
        raise UsageError(f"--output {output} has no place for logs", hint="use --output json or text")
    hex_id = _hex(trace_id)
    with asking(choice) as rest:
        asked = Traces(rest)
        if output in {"xray", "otlp"}:
            print_lines([json.dumps(asked.documents(hex_id, output), ensure_ascii=False, indent=2)])
            return
        view = asked.view(hex_id, attributes=output == "json")
        logs = asked.logs(hex_id) if with_logs else ()
    if output == "json":
        document = to_document(view) | ({"logs": [to_document(each) for each in logs]} if with_logs else {})
        print_lines([json.dumps(document, ensure_ascii=False, indent=2)])
        return
    width = min(shutil.get_terminal_size((120, 24)).columns, _WIDEST)
    paint = ansi if wants_color(color) else plain
    print_lines(Waterfall(view, width=width, zone=zone(utc=utc), paint=paint).lines(logs))


def _hex(text: str) -> str:
    try:
        return trace_id_from_xray(text.strip()).hex()
    except ValueError:
        raise UsageError(
            f"{text!r} is no trace id",
            hint="write it as 1-5759e988-bd862e3fe1be46a994272793, or as 32 hexadecimal digits",
        ) from None
