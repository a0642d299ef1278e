"""``taskscope cost``: what sending to CloudWatch would cost."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from taskscope.aws.ecs import Ecs
from taskscope.aws.session import Account
from taskscope.cli.account.cost_seen import seen_load
from taskscope.cli.options import DURATION, aws_options
from taskscope.cli.tables import print_lines
from taskscope.cli.which_server import asking, running, which_server
from taskscope.client.choice import Choice
from taskscope.client.rest import Rest
from taskscope.clock import SECOND
from taskscope.config.file import find_file
from taskscope.config.sizes import parse_size
from taskscope.config.values import split_at_semicolons
from taskscope.errors import UsageError
from taskscope.model.document import to_document
from taskscope.render.cost import lines
from taskscope.sources.cost.amounts import Load, Target, parse_target
from taskscope.sources.cost.cluster import running_load
from taskscope.sources.cost.estimate import estimate
from taskscope.sources.cost.prices import load_prices, shipped_text

_ELSEWHERE: Final = ("xray", "otlp")
"""Sinks that are no matter of CloudWatch's metrics and logs."""
_DEFAULT: Final = ("container-insights",)
_EMPTY: Final = Load(services=0)
"""What a server has seen that nobody has sent anything: no reason to say that it would cost nothing."""
_FIGURES: Final = ("services", "tasks", "containers", "log_bytes_a_day", "log_lines_a_day", "series", "points_a_day")


def _size(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    return None if value is None else parse_size(value)


@click.command()
@click.option(
    "--to", multiple=True, metavar="SINK", help="As in collect and serve; repeatable. [default: the settings']"
)
@click.option("--cluster", "clusters", multiple=True, metavar="NAME", help="Count what runs in it now; repeatable.")
@click.option("--services", type=int, help="ECS services.", metavar="N")
@click.option("--tasks", type=float, help="Tasks that run, on average.", metavar="N")
@click.option("--containers", type=float, help="Containers of all tasks together. [default: one a task]", metavar="N")
@click.option("--log-bytes-per-day", "log_bytes_a_day", callback=_size, help="Such as 1GB.", metavar="SIZE")
@click.option("--log-lines-per-day", "log_lines_a_day", type=float, help="Each costs 26 bytes more.", metavar="N")
@click.option("--series", type=int, help="Of apps' metrics: names by sets of dimensions.", metavar="N")
@click.option("--points-per-day", "points_a_day", type=float, help="Of those. [default: each every 10 s]", metavar="N")
@click.option("--since", type=DURATION, default="1h", show_default=True, help="How far back a server is asked.")
@click.option("--prices", type=click.Path(path_type=Path), metavar="FILE", help="Table of prices, instead of ours.")
@click.option("--show-prices", is_flag=True, help="Print our table of prices, and nothing else.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form.")
@aws_options
@which_server
def cost(
    *,
    to: tuple[str, ...],
    clusters: tuple[str, ...],
    since: int,
    prices: Path | None,
    show_prices: bool,
    output: str,
    account: Account,
    choice: Choice,
    **figures: float | None,
) -> None:
    """
    Predict what sending to CloudWatch costs a month: custom metrics and log events, by AWS's prices.

    Counts with what a running server has seen, unless --cluster or figures say what there is; what they do not say is
    nothing. Changes nothing, and compares with AWS's Container Insights.
    """
    if show_prices:
        print_lines(shipped_text().splitlines())
        return
    targets, left_out = _targets(to, choice)
    load, sources = _load(targets, clusters, since, figures, account, choice)
    load.validate()
    told = [*sources, *(f"{name}: it sends no metrics or logs to CloudWatch" for name in left_out)]
    found = estimate(targets, load, load_prices(prices), sources=told)
    if output == "json":
        print_lines([json.dumps(to_document(found), indent=2)])
    else:
        print_lines(lines(found))


def _targets(asked: tuple[str, ...], choice: Choice) -> tuple[list[Target], list[str]]:
    """Return the targets to predict, and the names of those that are no matter of CloudWatch."""
    texts = asked or _configured(choice)
    elsewhere = [each.partition(",")[0].partition("=")[0] for each in texts]
    wanted = [text for text, name in zip(texts, elsewhere, strict=True) if name not in _ELSEWHERE]
    return [parse_target(each) for each in wanted or _DEFAULT], [each for each in elsewhere if each in _ELSEWHERE]


def _configured(choice: Choice) -> tuple[str, ...]:
    """Return the ``to`` of the settings, as `serve` and `collect` read them."""
    said = os.environ.get("TASKSCOPE_TO") or find_file(choice.config, os.environ).section("").get("to", ())
    return split_at_semicolons(said) if isinstance(said, str) else tuple(map(str, said))


def _load(
    targets: list[Target],
    clusters: tuple[str, ...],
    since: int,
    figures: dict[str, float | None],
    account: Account,
    choice: Choice,
) -> tuple[Load, list[str]]:
    """Return what there is to send, and where each figure is from."""
    given = {name: value for name, value in figures.items() if value is not None}
    load, sources = Load(services=0), list[str]()
    dimensions = next((each.dimensions for each in targets if each.name == "emf"), ("service.name",))
    with _server(choice, is_wanted=not (given or clusters)) as rest:
        seen = None if rest is None else seen_load(rest, window_ns=since, dimensions=dimensions)
    if seen == _EMPTY:
        seen = None
    if seen is not None:
        load = seen
        sources.append(f"what a server has seen in the last {since / SECOND:,.0f} s, and measured in the last 300 s")
    if clusters:
        counted = running_load(Ecs(account), clusters)
        load = replace(
            load,
            clusters=counted.clusters,
            services=counted.services,
            families=counted.families,
            tasks=counted.tasks,
            containers=counted.containers,
        )
        sources.append(f"what runs in {', '.join(clusters)} now, by ECS")
    if seen is None and not given and not clusters:
        raise UsageError(
            "nothing is known of what would be sent",
            hint="give --cluster NAME, or --tasks N and its like, or ask a server that has seen some of it (--since);"
            " see `taskscope cost --help`",
        )
    if given:
        load = _with(load, given)
        sources.append(f"as given: {', '.join(name.replace('_', ' ') for name in _FIGURES if name in given)}")
    return load, sources


@contextmanager
def _server(choice: Choice, *, is_wanted: bool) -> Iterator[Rest | None]:
    """Give the server or store that is named; else, where one is wanted, the server that runs, if any does."""
    if choice.server or choice.store or choice.data_dir:
        with asking(choice) as rest:
            yield rest
    else:
        yield running(choice) if is_wanted else None


def _with(load: Load, given: dict[str, float]) -> Load:
    """Put given figures in the place of counted ones; what follows from them follows."""
    more = dict(given)
    if "tasks" in given:
        more.setdefault("containers", given["tasks"])
        more.setdefault("services", load.services if load.services or load.families else 1)
    if "services" in given and not given["services"]:
        more["families"] = max(1, load.families)
    if "series" in given:
        more.setdefault("points_a_day", given["series"] * 8640)
    whole = {name: int(more.pop(name)) for name in ("services", "families", "series") if name in more}
    return replace(load, **whole, **more)  # type: ignore[arg-type]  # each by its own name
