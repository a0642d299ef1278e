"""Range queries, held against plain Python on random series."""

from collections.abc import Sequence
from itertools import count
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskscope.clock import SECOND
from taskscope.model.metric import Datapoint, Metric, MetricKind, Temporality
from taskscope.model.metric_series import Aggregate
from taskscope.model.window import Window
from taskscope.query.metrics.range import LOOK_BACK_NS, range_query
from taskscope.store.engine import Store
from tests.unit.query.metrics.any_metric import sent
from tests.unit.query.metrics.plain import Answer, Asked, evaluate
from tests.unit.query.metrics.sending import BEGIN, keep

_FEW: Final = settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
_names = count()

_LEVELS = (Aggregate.AVERAGE, Aggregate.SUM, Aggregate.MIN, Aggregate.MAX, Aggregate.LAST, Aggregate.COUNT)
_COUNTED = (Aggregate.RATE, Aggregate.INCREASE)
_MEASURED = (*_COUNTED, Aggregate.COUNT, Aggregate.SUM, Aggregate.AVERAGE)
_CASES = [
    (MetricKind.GAUGE, Temporality.UNSPECIFIED, False, (*_LEVELS, Aggregate.PERCENTILE)),
    (MetricKind.SUM, Temporality.CUMULATIVE, True, (*_LEVELS, *_COUNTED)),
    (MetricKind.SUM, Temporality.CUMULATIVE, False, (*_LEVELS, *_COUNTED)),
    (MetricKind.SUM, Temporality.DELTA, True, (*_LEVELS, *_COUNTED)),
    (MetricKind.SUM, Temporality.DELTA, False, _COUNTED),
    (MetricKind.HISTOGRAM, Temporality.CUMULATIVE, False, (*_MEASURED, Aggregate.PERCENTILE)),
    (MetricKind.HISTOGRAM, Temporality.DELTA, False, (*_MEASURED, Aggregate.PERCENTILE)),
    (MetricKind.EXPONENTIAL_HISTOGRAM, Temporality.CUMULATIVE, False, (*_MEASURED, Aggregate.PERCENTILE)),
    (MetricKind.EXPONENTIAL_HISTOGRAM, Temporality.DELTA, False, (*_MEASURED, Aggregate.PERCENTILE)),
    (MetricKind.SUMMARY, Temporality.UNSPECIFIED, False, _MEASURED),
]


@pytest.mark.parametrize(("kind", "temporality", "is_monotonic", "aggregates"), _CASES)
@given(data=st.data())
@_FEW
def test_the_store_says_what_plain_python_says(
    store: Store,
    kind: MetricKind,
    temporality: Temporality,
    is_monotonic: bool,  # noqa: FBT001 (a case of the table)
    aggregates: Sequence[Aggregate],
    data: st.DataObject,
) -> None:
    """Whatever comes, however late, from whomever: every aggregate that the kind has, by any labels, of any step."""
    metric = Metric(f"m{next(_names)}", kind, temporality=temporality, is_monotonic=is_monotonic)
    points = data.draw(sent(metric))
    keep(store, points)

    _compare(store, points, metric, data.draw(st.sampled_from(aggregates)), data)


@given(data=st.data())
@_FEW
def test_senders_of_both_temporalities_are_added(store: Store, data: st.DataObject) -> None:
    """A counter that one program sends as differences and another as a total."""
    name = f"both{next(_names)}"
    metrics = [Metric(name, MetricKind.SUM, temporality=each, is_monotonic=True) for each in (1, 2)]
    points = [each for metric in metrics for each in data.draw(sent(metric))]
    keep(store, points)

    _compare(store, points, metrics[0], data.draw(st.sampled_from(_COUNTED)), data)


def _compare(
    store: Store, points: Sequence[Datapoint], metric: Metric, aggregate: Aggregate, data: st.DataObject
) -> None:
    step = data.draw(st.sampled_from([10, 60, 90, 600]))
    by = data.draw(st.sampled_from([(), ("code",), ("service", "code"), ("service.instance.id", "none")]))
    begin = BEGIN // step * step
    window = Window(begin * SECOND, (begin + 20 * step) * SECOND)
    now = data.draw(st.sampled_from([window.end_ns, window.start_ns + 3 * step * SECOND + SECOND]))
    percentile = data.draw(st.sampled_from([0, 25, 50, 95, 99.9, 100])) if aggregate is Aggregate.PERCENTILE else None
    every = [each for each in points if window.start_ns <= each.time_ns < window.end_ns]
    if not every:
        return
    delta_only = all(each.metric.temporality == Temporality.DELTA for each in every)
    asked = Asked(
        aggregate, window, step * SECOND, by, now, 0 if delta_only else LOOK_BACK_NS, percentile or 0
    )  # fmt: skip

    answer = range_query(
        store, window, name=metric.name, aggregate=aggregate, step_ns=step * SECOND, by=by, percentile=percentile,
        limit=100, now_ns=now,
    )  # fmt: skip

    found = {tuple(each.labels.values()): {p.start_ns: p.value for p in each.points} for each in answer.series}
    _same(found, evaluate(points, asked))


def _same(found: Answer, expected: Answer) -> None:
    assert found.keys() == expected.keys()
    for group, steps in expected.items():
        assert found[group] == pytest.approx(steps, rel=1e-9, abs=1e-9), group
