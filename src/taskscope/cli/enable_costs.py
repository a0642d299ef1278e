"""
What enabling something costs, roughly, for people who are about to say yes.

Prices are AWS's list prices of us-east-1 (2025), without free tiers and volume steps. Numbers of series are those of
Container Insights' documentation for Fargate, where each service has a task definition family of its own and each task
one container.
"""

from typing import Final

from taskscope.aws.insights import Measured

_METRIC_USD: Final = {"enabled": 0.30, "enhanced": 0.07}
"""Per metric and month: custom metrics; those of enhanced observability have a price of their own."""
_OF_CLUSTER: Final = 13
"""Three counts; CPU and memory used and reserved, network, storage, ephemeral storage: ten."""
_OF_SERVICE: Final = 25
"""Five counts and the ten for the service, and the ten for its task definition family."""
_OF_TASK: Final = 15
"""Only when enhanced: three shares of the task, twelve of its container; each further container is twelve more."""
_EVENT_BYTES: Final = 1000
"""About what a performance event has."""
_EVENTS_A_MONTH: Final = 60 * 24 * 30
"""One a minute of each cluster, service, task and container."""
_GIGABYTE_USD: Final = 0.50
"""Ingestion by CloudWatch Logs."""


def insights_cost(cluster: Measured, mode: str) -> str:
    """Say what Container Insights of a cluster costs in a month, if it stays as it is."""
    if mode == "disabled":
        return "nothing; what was measured stays until it expires"
    metrics = _OF_CLUSTER + _OF_SERVICE * cluster.services
    if mode == "enhanced":
        metrics += _OF_TASK * cluster.tasks
    gigabytes = (1 + cluster.services + 2 * cluster.tasks) * _EVENT_BYTES * _EVENTS_A_MONTH / 1e9
    by_metric, by_log = metrics * _METRIC_USD[mode], gigabytes * _GIGABYTE_USD
    return (
        f"about {by_metric + by_log:.2f} USD a month for {cluster.services} services and {cluster.tasks} running tasks:"
        f" {metrics} metrics at {_METRIC_USD[mode]:.2f} USD, {gigabytes:.1f} GB of log at {_GIGABYTE_USD:.2f} USD"
        " (list prices; more with several containers a task)"
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
    return f"5.00 USD for a million recorded traces (list price; 100,000 a month are free); {how}"
