"""A prediction of costs as text."""

from collections.abc import Iterator
from typing import Final

from taskscope.sources.cost.amounts import Load
from taskscope.sources.cost.estimate import Estimate, Line

_NAME_COLUMNS: Final = 30


def lines(estimate: Estimate) -> Iterator[str]:
    """Yield the text: what is counted with, a line for each target, comparison, prices, assumptions."""
    prices = estimate.prices
    yield _load(estimate.load)
    yield ""
    yield f"{'':{_NAME_COLUMNS}}  {'METRICS':>9}  {'LOG GB':>10}  {prices.currency + ' A MONTH':>12}"
    yield from map(_line, estimate.targets)
    if len(estimate.targets) > 1:
        yield _line(estimate.together)
    if estimate.compared:
        yield ""
        yield "to compare: AWS measuring the same clusters itself"
        yield from map(_line, estimate.compared)
    yield ""
    yield f"prices: {prices.region} as of {prices.as_of}, list prices; they change and differ: check {prices.source}"
    yield "        your own: taskscope cost --show-prices > prices.toml, then --prices prices.toml"
    for number, assumed in enumerate(estimate.assumed):
        yield f"{'' if number else 'assumed:':8} {assumed}"


def counted(load: Load) -> str:
    """Return how much runs: ``1 cluster, 2 services, 4 tasks, 8 containers``."""
    parts = [
        _count(load.clusters, "cluster"),
        _count(load.services, "service"),
        *([_count(load.families, "family", many="families") + " without a service"] if load.families else []),
        _count(load.tasks, "task"),
        _count(load.containers, "container"),
    ]
    return ", ".join(parts)


def _load(load: Load) -> str:
    parts = [counted(load)]
    parts += [f"{load.log_bytes_a_day / 1e9:.3g} GB of logs a day"] if load.log_bytes_a_day else []
    parts += [f"{_count(load.series, 'series', many='series')} of apps' metrics"] if load.series else []
    return f"for {', '.join(parts)}"


def _count(number: float, what: str, *, many: str = "") -> str:
    return f"{number:,.6g} {what if number == 1 else many or what + 's'}"


def _line(line: Line) -> str:
    return f"{line.name:{_NAME_COLUMNS}}  {line.metrics:>9,}  {line.log_gigabytes:>10,.2f}  {line.price:>12,.2f}"
