"""Amounts with prices."""

from dataclasses import replace

import pytest

from taskscope.model.document import to_document
from taskscope.sources.cost.amounts import Load, Target
from taskscope.sources.cost.estimate import estimate
from taskscope.sources.cost.prices import load_prices

_LOAD = Load(clusters=1, services=3, tasks=10, containers=20, log_bytes_a_day=1e9, series=100, points_a_day=1000)
_ALL = [Target("container-insights"), Target("emf"), Target("cloudwatch-logs")]


def test_lines_are_metrics_and_logs_by_their_prices() -> None:
    """Seventy metrics at 0.30, a gigabyte of events at 0.50."""
    [line] = estimate(_ALL[:1], _LOAD, load_prices()).targets

    assert line.metrics == 70
    assert line.metrics_price == pytest.approx(21)
    assert line.log_price == pytest.approx(line.log_gigabytes * 0.5)
    assert line.price == pytest.approx(21 + 0.5, rel=0.01)


def test_all_targets_share_the_steps_of_the_price() -> None:
    """Ten thousand metrics of each of two sinks are not both at the dearest price."""
    load = replace(_LOAD, series=9_990)
    found = estimate(_ALL, load, load_prices())

    assert found.together.metrics == 10_060
    assert found.together.metrics_price == pytest.approx(3006)
    assert sum(each.metrics_price for each in found.targets) == pytest.approx(3018)


def test_aws_s_own_is_compared_where_there_are_tasks() -> None:
    """The enhanced metrics have a price of their own."""
    standard, enhanced = estimate(_ALL, _LOAD, load_prices()).compared

    assert standard.metrics_price == pytest.approx(88 * 0.3)
    assert enhanced.metrics_price == pytest.approx(358 * 0.07)
    assert estimate(_ALL, Load(series=1), load_prices()).compared == ()


def test_what_it_rests_on_is_said() -> None:
    """Where figures are from comes first; what does not matter is left out."""
    said = estimate(_ALL[2:], Load(log_bytes_a_day=1), load_prices(), sources=["as given"]).assumed

    assert said[0] == "as given"
    assert not any("emf" in each or "container-insights" in each for each in said)
    assert "free tiers" in said[-1]


def test_it_is_a_document() -> None:
    """For programs, the same with names."""
    document = to_document(estimate(_ALL, _LOAD, load_prices()))

    assert document["together"]["metrics"] == 170
    assert document["prices"]["region"] == "us-east-1"
