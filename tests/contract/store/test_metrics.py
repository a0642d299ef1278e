"""Metrics are asked alike of both engines; what they answer is held to tables in ``tests/unit/query/metrics``."""

import pytest

from taskscope.clock import SECOND
from taskscope.model.metric import ExponentialHistogram, Histogram, Metric, MetricKind, Summary
from taskscope.query.metrics.entries import list_metrics
from taskscope.query.metrics.labels import list_labels
from taskscope.query.metrics.range import range_query
from taskscope.store.engine import Store
from tests.unit.query.metrics.sending import HOUR, gauge, keep, point


@pytest.fixture(scope="module")
def filled(store: Store) -> Store:
    """Give a store with a metric of each kind."""
    counter = Metric("counter", MetricKind.SUM, temporality=2, is_monotonic=True)
    explicit = Metric("explicit", MetricKind.HISTOGRAM, temporality=2)
    exponential = Metric("exponential", MetricKind.EXPONENTIAL_HISTOGRAM, temporality=2)
    summary = Metric("summary", MetricKind.SUMMARY)
    for n in range(1, 4):
        keep(
            store,
            [
                point(gauge("gauge"), 60 * n, float(n), code="200"),
                point(counter, 60 * n, 60.0 * n, start=1, code="200"),
                point(explicit, 60 * n, Histogram(4 * n, 8.0 * n, (0, 4 * n, 0), (1.0, 3.0)), start=1),
                point(exponential, 60 * n, ExponentialHistogram(4 * n, 1.0, 0, 0, 2, (4 * n,), 0, ()), start=1),
                point(summary, 60 * n, Summary(n, 2.0 * n, ((0.5, float(n)),)), start=1),
            ],
        )
    return store


@pytest.mark.parametrize(
    ("name", "asked", "value"),
    [
        ("gauge", {"percentile": 50}, 3.0),
        ("gauge", {"aggregate": "last"}, 3.0),
        ("counter", {}, 1.0),
        ("explicit", {"percentile": 50}, 2.0),
        ("explicit", {"aggregate": "avg"}, 2.0),
        ("exponential", {"percentile": 100}, 8.0),
        ("summary", {"percentile": 50}, 3.0),
        ("summary", {"aggregate": "avg"}, 2.0),
    ],
)
def test_each_kind_is_answered(filled: Store, name: str, asked: dict[str, object], value: float) -> None:
    """In the last minute of three."""
    answer = range_query(
        filled, HOUR, name=name, step_ns=60 * SECOND, by=("service", "code"), where=("code!~5..",),
        now_ns=HOUR.end_ns, **asked,  # type: ignore[arg-type]  # names and texts
    )  # fmt: skip

    [series] = answer.series
    assert series.points[-1].value == pytest.approx(value)


def test_lists(filled: Store) -> None:
    """All kinds, each with one series; labels."""
    page = list_metrics(filled, HOUR)

    assert [(each.name, each.series, each.points) for each in page.metrics] == [
        (name, 1, 3) for name in ("counter", "explicit", "exponential", "gauge", "summary")
    ]
    assert [each.name for each in list_labels(filled, HOUR, name="gauge")] == ["code", "service", "service.name"]
