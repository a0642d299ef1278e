"""``taskscope traces``: the list of traces, and the overview of what they share."""

import json
import time
from collections.abc import Iterator, Sequence
from typing import Final

import click

from taskscope.cli.tables import print_lines, print_rows
from taskscope.cli.which_server import asking, which_server
from taskscope.cli.window_options import kept_window
from taskscope.client.choice import Choice
from taskscope.client.traces import Traces
from taskscope.clock import SECOND, system_clock
from taskscope.errors import UnavailableError, UsageError
from taskscope.model.document import to_document
from taskscope.model.trace import TracePage, TraceSummary
from taskscope.model.window import Window
from taskscope.render.times import iso_seconds
from taskscope.render.traces import GROUP_COLUMNS, TRACE_COLUMNS, group_cells, trace_cells

_PAGE: Final = 500
"""Traces in one answer, at most."""
_POLL_SECONDS: Final = 2.0
_OVERLAP_NS: Final = 60 * SECOND
"""While following: a trace may arrive so long after its start."""


@click.command()
@click.argument("expression", metavar="[FILTER]", default="")
@kept_window
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="Traces at most.")
@click.option(
    "--sort",
    type=click.Choice(["time", "duration"]),
    default="time",
    show_default=True,
    help="Newest or slowest first.",
)
@click.option("-f", "--follow", is_flag=True, help="Keep printing traces as they come.")
@click.option(
    "--group-by",
    metavar="KEY",
    help="Show groups instead: url, service, status, method, user, error or annotation.KEY.",
)
@click.option(
    "-o", "--output", type=click.Choice(["text", "json", "jsonl"]), default="text", show_default=True, help="Form."
)
@which_server
def traces(
    expression: str,
    *,
    window: Window,
    limit: int,
    sort: str,
    follow: bool,
    group_by: str | None,
    output: str,
    choice: Choice,
) -> None:
    """
    List traces.

    FILTER is X-Ray's filter expression, such as 'service("shop-api") AND fault' (docs/filters.md).
    """
    if follow and (group_by or output == "json" or sort != "time"):
        raise UsageError("--follow prints traces as they come", hint="leave --group-by, --sort and --output json out")
    with asking(choice) as rest:
        asked = Traces(rest)
        if group_by:
            _groups(asked, window, group_by, expression, limit, output)
        elif follow:
            _follow(asked, window, expression, limit, output)
        else:
            _list(asked, window, expression, sort, limit, output)


def _groups(asked: Traces, window: Window, by: str, expression: str, limit: int, output: str) -> None:
    overview = asked.groups(window, by, expression, limit=limit)
    groups = overview.groups
    if output == "text":
        print_rows((by.upper(), *GROUP_COLUMNS[1:]), [group_cells(each) for each in groups])
        _say_none(groups, "trace", window)
    else:
        _print_documents([to_document(each) for each in groups], output)
    if overview.reached_ns:
        since = iso_seconds(overview.reached_ns, None)
        click.echo(f"taskscope: only traces from {since} on are counted: there are too many for one answer", err=True)


def _list(asked: Traces, window: Window, expression: str, sort: str, limit: int, output: str) -> None:
    found, last = _pages(asked, window, expression, sort, limit)
    if output == "text":
        now = system_clock()
        print_rows(TRACE_COLUMNS, [trace_cells(each, now) for each in found])
        _say_none(found, "trace", window)
    else:
        _print_documents([to_document(each) for each in found], output)
    if last.reached_ns:
        click.echo("taskscope: the search took too long and looked at a part only: narrow --since or FILTER", err=True)


def _pages(
    asked: Traces, window: Window, expression: str, sort: str, limit: int
) -> tuple[Sequence[TraceSummary], TracePage]:
    found: list[TraceSummary] = []
    page = asked.find(window, expression, sort=sort, limit=min(limit, _PAGE))
    found += page.traces
    while len(found) < limit and page.cursor:
        page = asked.find(window, expression, sort=sort, limit=min(limit - len(found), _PAGE), cursor=page.cursor)
        found += page.traces
    return found, page


def _follow(asked: Traces, window: Window, expression: str, limit: int, output: str) -> None:
    """Print what is there, oldest first, then what comes; a trace that is known already is not printed again."""
    first, _ = _pages(asked, window, expression, "time", limit)
    seen = {each.trace_id: each.start_ns for each in first}
    if output == "text":
        print_lines(["\t".join(TRACE_COLUMNS)])
    _print_some(list(reversed(first)), output)
    since, trouble = window.end_ns, ""
    while True:
        time.sleep(_POLL_SECONDS)
        now = system_clock()
        try:
            fresh = list(_fresh(asked, Window(since - _OVERLAP_NS, now), expression, seen))
        except UnavailableError as error:  # a server that is started again, or busy: said once
            if not trouble:
                click.echo(f"taskscope: {error.message}; trying again", err=True)
            trouble = error.message
            continue
        trouble = ""
        _print_some(fresh, output)
        since = now
        seen = {trace_id: start for trace_id, start in seen.items() if start >= now - 2 * _OVERLAP_NS}


def _fresh(asked: Traces, window: Window, expression: str, seen: dict[str, int]) -> Iterator[TraceSummary]:
    found, _ = _pages(asked, window, expression, "time", _PAGE)
    for each in sorted(found, key=lambda summary: summary.start_ns):
        if each.trace_id not in seen:
            seen[each.trace_id] = each.start_ns
            yield each


def _print_some(found: Sequence[TraceSummary], output: str) -> None:
    now = system_clock()
    if output == "text":
        print_lines("\t".join(trace_cells(each, now)) for each in found)
    else:
        print_lines(json.dumps(to_document(each), ensure_ascii=False) for each in found)


def _print_documents(documents: Sequence[object], output: str) -> None:
    if output == "jsonl":
        print_lines(json.dumps(each, ensure_ascii=False) for each in documents)
    else:
        print_lines([json.dumps(documents, ensure_ascii=False, indent=2)])


def _say_none(found: Sequence[object], what: str, window: Window) -> None:
    if not found:
        minutes = (window.end_ns - window.start_ns) // (60 * SECOND)
        click.echo(
            f"taskscope: no {what} in these {minutes} minutes: is FILTER right, and --since early enough?", err=True
        )
