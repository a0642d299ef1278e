"""What enabling something costs."""

import pytest

from taskscope.aws.insights import Measured
from taskscope.cli.enable_costs import insights_cost, tracing_cost


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        # 13 + 2 * 25 metrics; (1 + 2 + 2 * 4) events of 1000 bytes a minute for 730 hours
        ("enabled", "about 19.14 USD a month for 2 services and 4 running tasks: 63 metrics, 0.5 GB of log (list"),
        # and 4 * 15
        ("enhanced", "about 8.85 USD a month for 2 services and 4 running tasks: 123 metrics, 0.5 GB of log (list"),
        ("disabled", "nothing; "),
    ],
)
def test_insights_cost_metrics_and_logs(mode: str, expected: str) -> None:
    """By services and running tasks as they are now."""
    assert insights_cost(Measured("shop", "disabled", 2, 4), mode).startswith(expected)


def test_tracing_costs_by_recorded_trace() -> None:
    """Who decides how many are recorded differs: Lambda itself, or X-Ray's rules."""
    assert "Lambda records one request a second" in tracing_cost(lambda_samples=True, active=True)
    assert "X-Ray's sampling rules decide" in tracing_cost(lambda_samples=False, active=True)
    assert tracing_cost(lambda_samples=False, active=False).startswith("nothing")
