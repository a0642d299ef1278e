"""``taskscope metrics``: which metrics were sent, their labels, and a plot of one."""

import difflib
import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Final

import click

from taskscope.cli.options import DURATION, wants_color, zone
from taskscope.cli.tables import print_lines, print_rows
from taskscope.cli.which_server import asking, which_server
from taskscope.cli.window_options import kept_window
from taskscope.client.choice import Choice
from taskscope.client.metrics import Metrics
from taskscope.clock import system_clock
from taskscope.errors import AmbiguousError, NotFoundError, UsageError
from taskscope.model.document import to_document
from taskscope.model.metric_series import Aggregate, LabelValues, MetricAnswer, MetricEntry
from taskscope.model.window import Window
from taskscope.render.metrics import LABEL_COLUMNS, METRIC_COLUMNS, label_cells, labels_without_values, metric_cells

_PAGE: Final = 1000
"""Metrics in one answer, at most."""
_WIDEST: Final = 160
_NAMED: Final = 8
"""Names that an error tells."""


@click.command()
@click.argument("name", default="")
@kept_window
@click.option("--by", multiple=True, metavar="LABEL", help="A series for each value of it; several with commas.")
@click.option(
    "--where", multiple=True, metavar="CONDITION", help="label=value, label!=value, label=~regex; repeatable."
)
@click.option(
    "--agg",
    type=click.Choice([each.value for each in Aggregate]),
    help="What to make of the values. [default: by kind]",
)
@click.option("--percentile", type=click.FloatRange(0, 100), help="The same as --agg percentile, with its number.")
@click.option("--kind", default="", metavar="KIND", help="Which, where a name was sent as several kinds.")
@click.option("--step", type=DURATION, default=0, metavar="DURATION", help="Length of a step. [default: about 120]")
@click.option("--labels", "wants_labels", is_flag=True, help="List the labels of the metric instead.")
@click.option("--limit", type=click.IntRange(1, 1000), help="Series, or values of a label, at most. [default: 20]")
@click.option("--utc", is_flag=True, help="Show times in UTC instead of local time.")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, help="Colour it."
)
@click.option(
    "-o", "--output", type=click.Choice(["text", "json", "jsonl"]), default="text", show_default=True, help="Form."
)
@which_server
def metrics(
    name: str,
    *,
    window: Window,
    by: Sequence[str],
    where: Sequence[str],
    agg: str | None,
    percentile: float | None,
    kind: str,
    step: int,
    wants_labels: bool,
    limit: int | None,
    utc: bool,
    color: str,
    output: str,
    choice: Choice,
) -> None:
    """
    Plot a metric, or list those that were sent.

    NAME may have * and ? in it where it means one metric only. Without NAME all are listed. docs/metrics.md tells what
    the aggregates of each kind are.
    """
    if not name and (by or where or agg or percentile is not None or step or wants_labels or kind):
        raise UsageError("this asks about one metric, and none is named", hint="taskscope metrics lists their names")
    with asking(choice) as rest:
        asked = Metrics(rest)
        if not name:
            _list(asked, window, limit, output)
            return
        found = _named(asked, window, name)
        try:
            if wants_labels:
                _labels(asked.labels(window, found, kind=kind, where=where, limit=limit or 20), output)
                return
            answer = asked.query(
                window, found, kind=kind, aggregate=agg or "", percentile=percentile, by=_split(by), where=where,
                step_ns=step, limit=limit or 20,
            )  # fmt: skip
        except NotFoundError as error:
            raise _did_you_mean(asked, window, found, error) from None
    if output == "text":
        _plot(answer, window, utc=utc, color=color)
        for label in labels_without_values(answer):
            told = f"taskscope metrics {answer.name} --labels lists them"
            click.echo(f"taskscope: nothing has the label {label!r}: {told}", err=True)
    else:
        _print_answer(answer, output)


def _split(by: Sequence[str]) -> list[str]:
    return [label.strip() for each in by for label in each.split(",")]


def _list(asked: Metrics, window: Window, limit: int | None, output: str) -> None:
    found = list(_pages(asked, window, "", limit or 10 * _PAGE))
    if output == "text":
        now = system_clock()
        print_rows(METRIC_COLUMNS, [metric_cells(each, now) for each in found])
        if not found:
            click.echo("taskscope: no metric was sent in this time: is --since early enough?", err=True)
    else:
        _print_documents([to_document(each) for each in found], output)


def _labels(labels: Sequence[LabelValues], output: str) -> None:
    if output == "text":
        print_rows(LABEL_COLUMNS, [label_cells(each) for each in labels])
    else:
        _print_documents([to_document(each) for each in labels], output)


def _pages(asked: Metrics, window: Window, text: str, limit: int) -> Iterable[MetricEntry]:
    cursor, left = "", limit
    while left > 0:
        page = asked.find(window, text, limit=min(left, _PAGE), cursor=cursor)
        yield from page.metrics
        cursor, left = page.cursor, left - len(page.metrics)
        if not cursor:
            return


def _named(asked: Metrics, window: Window, name: str) -> str:
    """Return the name that a pattern means; any other as it is."""
    if "*" not in name and "?" not in name:
        return name
    names = sorted({each.name for each in _pages(asked, window, name, _PAGE)})
    if not names:
        raise NotFoundError(f"no metric that was sent in this time fits {name!r}", hint="taskscope metrics lists them")
    if len(names) > 1:
        more = [f"and {len(names) - _NAMED} more"] if len(names) > _NAMED else []
        raise AmbiguousError(f"{name!r} fits {', '.join([*names[:_NAMED], *more])}", hint="name one of them")
    return names[0]


def _did_you_mean(asked: Metrics, window: Window, name: str, error: NotFoundError) -> NotFoundError:
    names = sorted({each.name for each in _pages(asked, window, "", 10 * _PAGE)})
    close = difflib.get_close_matches(name, names, n=3)
    close += [each for each in names if name.lower() in each.lower() and each not in close]
    if close:
        return NotFoundError(error.message, hint=f"did you mean {', '.join(close[:_NAMED])}?")
    return NotFoundError(error.message, hint="taskscope metrics lists them" if names else "is --since early enough?")


def _plot(answer: MetricAnswer, window: Window, *, utc: bool, color: str) -> None:
    if not answer.series:
        click.echo(
            "taskscope: nothing of the metric fits: is --where right, and is there more than one point?", err=True
        )
        return
    from taskscope.render.metric_plot import print_answer  # noqa: PLC0415 (rich takes 36 ms to load)

    columns, lines = shutil.get_terminal_size((100, 30))
    print_answer(
        answer,
        window,
        size=(min(columns, _WIDEST), lines),
        zone=zone(utc=utc),
        colored=wants_color(color),
        terminal=sys.stdout.isatty(),
        ascii_only="utf" not in (sys.stdout.encoding or "").lower(),
    )
    if answer.left_out:
        click.echo(
            f"taskscope: {answer.left_out} more series have smaller values: narrow --where, or see --limit", err=True
        )


def _print_answer(answer: MetricAnswer, output: str) -> None:
    document = to_document(answer)
    if output == "json":
        print_lines([json.dumps(document, ensure_ascii=False, indent=2)])
        return
    told = {name: value for name, value in document.items() if name not in {"series", "left_out"}}
    print_lines(json.dumps({**told, **each}, ensure_ascii=False) for each in document["series"])


def _print_documents(documents: Sequence[object], output: str) -> None:
    if output == "jsonl":
        print_lines(json.dumps(each, ensure_ascii=False) for each in documents)
    else:
        print_lines([json.dumps(documents, ensure_ascii=False, indent=2)])
