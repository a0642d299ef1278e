"""Amounts with their prices."""

from collections.abc import Sequence
from dataclasses import dataclass

from taskscope.sources.cost.amounts import Amount, Load, Target, container_insights, predict
from taskscope.sources.cost.prices import Prices


@dataclass(frozen=True, slots=True)
class Line:
    """What one target costs in a month."""

    name: str
    metrics: int
    log_gigabytes: float
    """Of 10**9 bytes, taken in."""
    metrics_price: float
    log_price: float
    price: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What was asked, and AWS's own Container Insights for the same clusters."""

    load: Load
    targets: tuple[Line, ...]
    together: Line
    compared: tuple[Line, ...]
    prices: Prices
    assumed: tuple[str, ...]


def estimate(targets: Sequence[Target], load: Load, prices: Prices, *, sources: Sequence[str] = ()) -> Estimate:
    """
    Predict what targets cost.

    Metrics of all targets share the steps of the price, so the sum may be less than its parts. ``sources`` says where
    the figures of the load are from.
    """
    amounts = [predict(target, load) for target in targets]
    sums = Amount("together", sum(each.metrics for each in amounts), sum(each.log_bytes for each in amounts))
    compared = container_insights(load) if load.tasks else ()
    return Estimate(
        load=load,
        targets=tuple(priced(each, prices) for each in amounts),
        together=priced(sums, prices),
        compared=tuple(priced(each, prices) for each in compared),
        prices=prices,
        assumed=(*sources, *_assumed(targets, load)),
    )


def priced(amount: Amount, prices: Prices) -> Line:
    """Return an amount with its price."""
    gigabytes = amount.log_bytes / 1e9
    by_metric = amount.metrics * prices.enhanced_metric if amount.enhanced else prices.metrics(amount.metrics)
    by_log = gigabytes * prices.log_gigabyte
    return Line(amount.name, amount.metrics, gigabytes, by_metric, by_log, by_metric + by_log)


def _assumed(targets: Sequence[Target], load: Load) -> list[str]:
    """Say what the figures rest on."""
    names = {each.name for each in targets}
    said = [
        "a month has 730 hours, and it is as now all the time; a metric that is sent for an hour is paid for an hour"
    ]
    if load.tasks:
        said.append("each service has a task definition family of its own; containers are Fargate's, the worst case")
    if "container-insights" in names:
        said.append(
            "container-insights: ten metrics for each cluster, service and family, an event a minute of each task"
        )
    if "emf" in names and load.points_a_day:
        said.append("emf: a log event for each datapoint; those with equal attributes share one, and cost less")
    said.append("not counted: free tiers, storage of logs beyond the price of taking them in, queries, alarms, taxes")
    return said
