"""What each kind of metric can be asked."""

import pytest

from taskscope.errors import UsageError
from taskscope.model.metric_series import Aggregate, MetricEntry
from taskscope.query.metrics.kinds import BOTH, CUMULATIVE, DELTA, choose_aggregate, unit_of


def _entry(kind: str, temporality: str = "", *, is_monotonic: bool = False, unit: str = "By") -> MetricEntry:
    return MetricEntry("m", kind, unit, "", temporality, is_monotonic, (), 1, 1, 0, 0)


COUNTER = _entry("sum", CUMULATIVE, is_monotonic=True)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (_entry("gauge"), Aggregate.AVERAGE),
        (COUNTER, Aggregate.RATE),
        (_entry("sum", CUMULATIVE), Aggregate.SUM),
        (_entry("histogram", DELTA), Aggregate.PERCENTILE),
        (_entry("exponential_histogram", CUMULATIVE), Aggregate.PERCENTILE),
        (_entry("summary"), Aggregate.AVERAGE),
    ],
)
def test_each_kind_has_a_default(entry: MetricEntry, expected: Aggregate) -> None:
    """What says most of it."""
    assert choose_aggregate(entry, "", None) is expected


def test_a_percentile_asks_for_itself() -> None:
    """Its number is enough."""
    assert choose_aggregate(_entry("gauge"), "", 99) is Aggregate.PERCENTILE
    assert choose_aggregate(_entry("gauge"), "percentile", 99) is Aggregate.PERCENTILE


@pytest.mark.parametrize(
    ("entry", "asked", "percentile", "message"),
    [
        (COUNTER, "median", None, "'median' is no aggregate"),
        (COUNTER, "rate", 99, "a percentile is asked for, and rate as well"),
        (_entry("gauge"), "rate", None, "rate says nothing of 'm', a gauge"),
        (COUNTER, "percentile", None, "percentile says nothing of 'm', a sum"),
        (_entry("summary"), "max", None, "max says nothing of 'm', a summary"),
        (_entry("histogram", CUMULATIVE), "max", None, "ask for percentile 100"),
        (_entry("histogram", CUMULATIVE), "min", None, "ask for percentile 0"),
        (_entry("sum", BOTH), "last", None, "have no common last"),
    ],
)
def test_what_says_nothing_is_refused(entry: MetricEntry, asked: str, percentile: float | None, message: str) -> None:
    """An answer that means something else would be worse than none."""
    with pytest.raises(UsageError) as caught:
        choose_aggregate(entry, asked, percentile)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "aggregate", "unit"),
    [
        (COUNTER, Aggregate.RATE, "By/s"),
        (COUNTER, Aggregate.INCREASE, "By"),
        (COUNTER, Aggregate.COUNT, "1"),
        (_entry("sum", DELTA, unit=""), Aggregate.RATE, "1/s"),
        (_entry("histogram", DELTA, unit="ms"), Aggregate.RATE, "1/s"),
        (_entry("histogram", DELTA, unit="ms"), Aggregate.COUNT, "1"),
        (_entry("histogram", DELTA, unit="ms"), Aggregate.PERCENTILE, "ms"),
        (_entry("summary", unit="s"), Aggregate.AVERAGE, "s"),
    ],
)
def test_units(entry: MetricEntry, aggregate: Aggregate, unit: str) -> None:
    """Rates are per second; observations are counts whatever is observed."""
    assert unit_of(entry, aggregate) == unit
