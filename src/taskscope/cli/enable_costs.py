"""What enabling something costs, roughly, for people who are about to say yes; `taskscope cost` says more."""

from typing import Final

from taskscope.aws.insights import Measured

_TRACES_USD: Final = "5.00 USD for a million recorded traces (list price; 100,000 a month are free)"


def insights_cost(cluster: Measured, mode: str) -> str:
    """Say what Container Insights of a cluster costs in a month, if it stays as it is; a task counts as a container."""
    from taskscope.sources.cost.amounts import Load, container_insights  # noqa: PLC0415 (help needs none of it)
    from taskscope.sources.cost.estimate import priced  # noqa: PLC0415 (likewise)
    from taskscope.sources.cost.prices import load_prices  # noqa: PLC0415 (likewise)

    if mode == "disabled":
        return "nothing; what was measured stays until it expires"
    load = Load(services=cluster.services, tasks=cluster.tasks, containers=cluster.tasks)
    prices = load_prices()
    standard, enhanced = container_insights(load)
    line = priced(enhanced if mode == "enhanced" else standard, prices)
    return (
        f"about {line.price:.2f} {prices.currency} a month for {cluster.services} services and {cluster.tasks} running"
        f" tasks: {line.metrics} metrics, {line.log_gigabytes:.1f} GB of log (list prices of {prices.region};"
        f" more with several containers a task: taskscope cost --cluster {cluster.name})"
    )


def tracing_cost(*, lambda_samples: bool, active: bool) -> str:
    """Say what active tracing costs, by what decides how many requests are recorded."""
    if not active:
        return "nothing; requests that a caller records are recorded on"
    how = (
        "Lambda records one request a second and 5 % of the others, unless the caller has decided"
        if lambda_samples
        else "X-Ray's sampling rules decide, without any one request a second and 5 % of the others"
    )
    return f"{_TRACES_USD}; {how}"
