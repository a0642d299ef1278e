"""What a window holds of one series."""

import pytest

from taskscope.model.metric import Metric, MetricKind, Temporality
from taskscope.pipeline.aggregate.accumulators import Accumulator, Budget, Counter, make_accumulator, metric_of
from taskscope.wire.statsd.sample import MAX_LINE_BYTES, MAX_NUMBER, Kind


def _make(kind: Kind, *, relative: bool = True) -> Accumulator:
    return make_accumulator(kind, last=10.0, relative=relative, members=Budget(100))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.SET])
@pytest.mark.parametrize("text", [b"", b"x", b"nan", b"inf", b"-inf", b"1e200", b"-1e200", b"1:2"])
def test_what_is_no_number_changes_nothing(kind: Kind, text: bytes) -> None:
    """Neither the value nor what is known of it."""
    one, other = _make(kind), _make(kind)
    with pytest.raises(ValueError, match=r"float|bounds"):
        one.add(text, 1.0)

    assert one.result() == other.result()
    assert not isinstance(one, Counter) or one.is_monotonic


@pytest.mark.parametrize("kind", [Kind.COUNTER, Kind.GAUGE])
def test_bounds_are_numbers_themselves(kind: Kind) -> None:
    """The greatest that CloudWatch takes."""
    accumulator = _make(kind, relative=False)
    accumulator.add(repr(MAX_NUMBER).encode(), 1.0)
    assert accumulator.result() == MAX_NUMBER
    accumulator.add(repr(-MAX_NUMBER).encode(), 1.0)
    assert accumulator.result() == (0 if kind is Kind.COUNTER else -MAX_NUMBER)


def test_members_of_a_set_are_no_longer_than_a_line() -> None:
    """The plain way refuses the line likewise."""
    with pytest.raises(ValueError, match="too long"):
        _make(Kind.SET).add(b"x" * (MAX_LINE_BYTES + 1), 1.0)


def test_budget_counts_what_it_refuses() -> None:
    """So that loss is shown."""
    budget = Budget(2)

    assert [budget.take() for _ in range(4)] == [True, True, False, False]
    assert budget.refused == 2


def test_types_become_opentelemetrys_kinds() -> None:
    """Sums and histograms of one window are deltas."""
    assert metric_of("n", Kind.COUNTER, is_monotonic=False) == Metric(
        "n", MetricKind.SUM, temporality=Temporality.DELTA
    )
    assert metric_of("n", Kind.GAUGE) == Metric("n", MetricKind.GAUGE)
    assert metric_of("n", Kind.SET) == Metric("n", MetricKind.GAUGE, "{element}")
    for kind, unit in ((Kind.TIMING, "ms"), (Kind.HISTOGRAM, ""), (Kind.DISTRIBUTION, "")):
        assert metric_of("n", kind) == Metric(
            "n", MetricKind.EXPONENTIAL_HISTOGRAM, unit, temporality=Temporality.DELTA
        )
