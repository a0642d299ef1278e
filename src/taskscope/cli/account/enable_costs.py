"""What enabling something costs, roughly, for people who are about to say yes; `taskscope cost` says more."""

from typing import Final

from taskscope.aws.ecs import Ecs
from taskscope.aws.insights import Measured
from taskscope.errors import DeniedError

_TRACES_USD: Final = "5.00 USD for a million recorded traces (list price; 100,000 a month are free)"


def insights_cost(cluster: Measured, mode: str, ecs: Ecs) -> str:
    """
    Say what Container Insights of a cluster costs in a month, if what runs stays as it is.

    Raises:
        TaskscopeError: ECS does not say what runs, for another reason than permissions.
    """
    from taskscope.render.cost import counted  # noqa: PLC0415 (help needs none of it)
    from taskscope.sources.cost.amounts import Load, container_insights  # noqa: PLC0415 (likewise)
    from taskscope.sources.cost.cluster import running_load  # noqa: PLC0415 (likewise)
    from taskscope.sources.cost.estimate import priced  # noqa: PLC0415 (likewise)
    from taskscope.sources.cost.prices import load_prices  # noqa: PLC0415 (likewise)

    if mode == "disabled":
        return "nothing; what was measured stays until it expires"
    more = ""
    try:
        load = running_load(ecs, [cluster.name])
    except DeniedError:
        load = Load(services=cluster.services, tasks=cluster.tasks, containers=cluster.tasks)
        more = "; more with several containers a task, which you may not list"
    prices = load_prices()
    standard, enhanced = container_insights(load)
    line = priced(enhanced if mode == "enhanced" else standard, prices)
    return (
        f"about {line.price:.2f} {prices.currency} a month for {counted(load)}: {line.metrics} metrics,"
        f" {line.log_gigabytes:.1f} GB of log (list prices of {prices.region}{more})"
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
