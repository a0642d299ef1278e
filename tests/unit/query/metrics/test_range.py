"""Range queries on series that are told in full; random ones are in ``test_range_properties``."""

import math
from typing import Any

import pytest

from taskscope.clock import SECOND
from taskscope.errors import AmbiguousError, NotFoundError, UsageError
from taskscope.model.metric import Histogram, Metric, MetricKind, Summary
from taskscope.model.metric_series import MetricAnswer
from taskscope.model.window import Window
from taskscope.query.metrics.range import range_query
from taskscope.store.engine import Store
from tests.unit.query.metrics.sending import BEGIN, HOUR, gauge, keep, point

COUNTER: dict[str, Any] = {"kind": MetricKind.SUM, "temporality": 2, "is_monotonic": True}


def _ask(store: Store, name: str, **asked: Any) -> MetricAnswer:
    return range_query(store, HOUR, name=name, **{"step_ns": 60 * SECOND, "now_ns": HOUR.end_ns, **asked})


def _values(answer: MetricAnswer) -> list[list[tuple[int, float]]]:
    """Return the points of each series, with their steps in minutes."""
    return [[((p.start_ns // SECOND - BEGIN) // 60, p.value) for p in each.points] for each in answer.series]


def test_a_counter_that_says_its_start_counts_from_there(store: Store) -> None:
    """Its first point counts in full; at a new start it counts from nothing; where nothing came, nothing is told."""
    metric = Metric("orders", unit="{order}", **COUNTER)
    first = [(60, 30), (120, 90), (180, 90)]
    second = [(420, 60), (480, 75)]
    keep(store, [point(metric, time, float(n), start=0.5) for time, n in first])
    keep(store, [point(metric, time, float(n), start=360) for time, n in second])

    answer = _ask(store, "orders", aggregate="increase")

    assert (answer.kind, answer.unit, answer.aggregate) == ("sum", "{order}", "increase")
    assert _values(answer) == [[(0, 30), (1, 60), (2, 0), (6, 60), (7, 15)]]
    assert _values(_ask(store, "orders")) == [
        [(0, pytest.approx(30 / 59.5)), (1, 1), (2, 0), (6, 1), (7, 0.25)]
    ]  # fmt: skip


def test_a_counter_of_unknown_age_counts_from_its_second_point(store: Store) -> None:
    """What it had before is not of this time; a fall is a reset, and what it has then came since."""
    metric = Metric("jobs", **COUNTER)
    keep(store, [point(metric, time, float(n)) for time, n in [(10, 1000), (70, 1060), (130, 30), (190, 30)]])

    assert _values(_ask(store, "jobs", aggregate="increase")) == [[(1, 60), (2, 30), (3, 0)]]


def test_points_that_come_late_change_the_answer_to_what_it_is(store: Store) -> None:
    """The order of arrival does not matter."""
    metric = Metric("late", **COUNTER)
    for time, number in [(190, 40), (70, 20), (130, 30), (10, 10)]:
        keep(store, [point(metric, time, float(number))])

    assert _values(_ask(store, "late", aggregate="increase")) == [[(1, 10), (2, 10), (3, 10)]]


def test_the_point_before_the_window_is_known(store: Store) -> None:
    """The first step is as good as any, wherever the window begins."""
    metric = Metric("before", **COUNTER)
    keep(store, [point(metric, 60 * n, 6.0 * n) for n in range(10)])
    window = Window((BEGIN + 240) * SECOND, (BEGIN + 360) * SECOND)

    answer = range_query(
        store, window, name="before", aggregate="rate", step_ns=60 * SECOND, now_ns=HOUR.end_ns
    )  # fmt: skip

    assert _values(answer) == [[(4, 0.1), (5, 0.1)]]


def test_a_rate_is_right_where_steps_and_intervals_differ(store: Store) -> None:
    """Two a second, told each minute: in steps of 10 s, of 90 s, and of ten minutes, which have not passed."""
    metric = Metric("steady", **COUNTER)
    keep(store, [point(metric, 60 * n, 120.0 * n) for n in range(8)])

    for step in (10, 90, 600):
        answer = _ask(store, "steady", step_ns=step * SECOND, now_ns=(BEGIN + 430) * SECOND)
        assert {value for _, value in _values(answer)[0]} == {2.0}


def test_differences_are_added_and_silence_is_none(store: Store) -> None:
    """StatsD's counters: windows of 10 s of which only those are sent in which something was counted."""
    metric = Metric("clicks", MetricKind.SUM, temporality=1, is_monotonic=True)
    keep(store, [point(metric, time, 6.0, start=time - 10) for time in (10, 60, 130)])

    assert _values(_ask(store, "clicks", aggregate="sum")) == [[(0, 12), (2, 6)]]
    assert _values(_ask(store, "clicks")) == [[(0, 0.2), (2, 0.1)]]


def test_series_that_come_seldom_do_not_weigh_less(store: Store) -> None:
    """The average of a gauge is that of its series; its sum adds the last value of each."""
    metric = gauge("depth")
    keep(store, [point(metric, time, float(time), queue="a") for time in (0, 10, 20)])
    keep(store, [point(metric, 30, 40.0, queue="b")])

    assert _values(_ask(store, "depth")) == [[(0, 25)]]
    assert _values(_ask(store, "depth", aggregate="sum")) == [[(0, 60)]]
    assert _values(_ask(store, "depth", aggregate="last")) == [[(0, 40)]]
    assert _values(_ask(store, "depth", percentile=50)) == [[(0, 15)]]


def test_labels_are_the_points_own_then_their_resources(store: Store) -> None:
    """``service`` is there always."""
    metric = gauge("pool")
    keep(store, [point(metric, 5, 1.0, service="shop", resource={"zone": "a"}, size="big")])
    keep(store, [point(metric, 5, 2.0, service="cart", resource={"zone": "b"}, zone="own")])

    answer = _ask(store, "pool", by=("service", "zone", "size"))

    assert [dict(each.labels) for each in answer.series] == [
        {"service": "cart", "zone": "own", "size": ""},
        {"service": "shop", "zone": "a", "size": "big"},
    ]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (("color=red",), 1),
        (("color!=red",), 2 + 4),
        (("color=~r.*|blue",), 1 + 2),
        (("color=~re",), None),  # the whole value
        (("color!~r.*",), 2 + 4),
        (("color=",), 4),  # without it
        (("color!=", "service=shop"), 1),
        (("color=it's {x} ? \\",), None),
    ],
)
def test_conditions_choose_series(store: Store, where: tuple[str, ...], expected: float | None) -> None:
    """By each operator; all have to hold; nothing in a value is more than text."""
    metric = gauge("paint")
    if not store.query("SELECT count() FROM otel_metrics_gauge WHERE MetricName = 'paint'").rows[0][0]:
        keep(store, [point(metric, 5, 1.0, color="red"), point(metric, 5, 2.0, service="cart", color="blue")])
        keep(store, [point(metric, 5, 4.0, service="cart")])

    found = _values(_ask(store, "paint", aggregate="sum", where=where))

    assert found == ([[(0, expected)]] if expected else [])


def test_an_expression_that_does_not_read_is_told(store: Store) -> None:
    """It is the question's fault."""
    keep(store, [point(gauge("any"), 5, 1.0)])

    with pytest.raises(UsageError, match=r"expression '\[' does not read: missing \]"):
        _ask(store, "any", where=("color=~[",))


def test_beyond_the_limit_the_smallest_are_left_out(store: Store) -> None:
    """And counted."""
    metric = gauge("sizes")
    keep(store, [point(metric, 5, float(n), disk=str(n)) for n in range(30)])

    answer = _ask(store, "sizes", by=("disk",), limit=2)

    assert [each.labels["disk"] for each in answer.series] == ["29", "28"]
    assert answer.left_out == 28


def test_points_without_a_value_are_none(store: Store) -> None:
    """A sender may say that it measured nothing (flag 1), or send what is no number."""
    metric = gauge("gaps")
    silent = point(metric, 70, 9.0)._replace(flags=1)
    keep(store, [point(metric, 5, 1.0), silent, point(metric, 130, float("nan")), point(metric, 190, 2.0)])

    assert _values(_ask(store, "gaps")) == [[(0, 1), (3, 2)]]


def test_histograms_of_several_bounds(store: Store) -> None:
    """Each sender has its own: they are put together by where values lie."""
    metric = Metric("took", MetricKind.HISTOGRAM, unit="s", temporality=1)
    narrow = Histogram(10, 5.0, (10, 0), (1.0,), 0.1, 0.9)
    wide = Histogram(10, 10.0, (0, 10, 0), (0.5, 1.5), 0.6, 1.4)
    keep(store, [point(metric, 10, narrow, start=5, service="a"), point(metric, 10, wide, start=5, service="b")])

    assert _values(_ask(store, "took", percentile=50)) == [[(0, 0.75)]]
    assert _values(_ask(store, "took", aggregate="avg")) == [[(0, 0.75)]]
    assert _values(_ask(store, "took", aggregate="max")) == [[(0, 1.4)]]
    assert _values(_ask(store, "took", aggregate="min")) == [[(0, 0.1)]]
    assert _ask(store, "took").aggregate == "percentile 95"


def test_bounds_that_change_are_not_compared(store: Store) -> None:
    """A cumulative histogram gets others: its next point counts from there."""
    metric = Metric("changed", MetricKind.HISTOGRAM, temporality=2)
    old, new = (1.0, 2.0), (5.0, 10.0)
    values = [(old, (4, 0, 0)), (new, (4, 4, 0)), (new, (4, 6, 0))]
    keep(
        store,
        [
            point(metric, 60 * n, Histogram(sum(counts), 0.0, counts, bounds))
            for n, (bounds, counts) in enumerate(values)
        ],
    )

    assert _values(_ask(store, "changed", percentile=50)) == [[(1, 7.5)]]


def test_quantiles_are_as_the_sender_computed_them(store: Store) -> None:
    """The last of each series, the largest of several; what nobody computed is refused."""
    metric = Metric("request", MetricKind.SUMMARY, unit="s")
    values = [(10, 4, 0.2, "a"), (20, 6, 0.3, "a"), (15, 9, 0.25, "b")]
    keep(
        store,
        [
            point(metric, time, Summary(n, n * 0.1, ((0.5, 0.1), (0.99, p99))), start=1, service=service)
            for time, n, p99, service in values
        ],
    )

    assert _values(_ask(store, "request", percentile=99)) == [[(0, 0.3)]]
    [[(_, average)]] = _values(_ask(store, "request"))
    assert average == pytest.approx(0.1)
    with pytest.raises(UsageError, match=r"no percentile 95 \(they computed 50, 99\)"):
        _ask(store, "request", percentile=95)


def test_a_name_nobody_sent_and_a_name_of_two_kinds(store: Store) -> None:
    """The first is not found; of the second a kind has to be named."""
    keep(store, [point(gauge("twice"), 5, 1.0), point(Metric("twice", **COUNTER), 5, 1.0)])

    with pytest.raises(NotFoundError, match="nobody sent a metric 'nothing'"):
        _ask(store, "nothing")
    with pytest.raises(AmbiguousError, match="'twice' was sent as gauge and as sum"):
        _ask(store, "twice")
    assert _ask(store, "twice", kind="gauge").kind == "gauge"
    with pytest.raises(UsageError, match="'gage' is no kind of metric"):
        _ask(store, "twice", kind="gage")


def test_a_step_is_chosen_by_window_and_interval(store: Store) -> None:
    """Points that come each minute are not asked in shorter steps; differences are, since silence means none."""
    keep(store, [point(gauge("minutely"), 60 * n, 1.0, of=of) for n in range(30) for of in "ab"])
    delta = Metric("now.and.then", MetricKind.SUM, temporality=1, is_monotonic=True)
    keep(store, [point(delta, 60 * n, 1.0, start=60 * n - 10) for n in range(1, 30)])

    assert _ask(store, "minutely", step_ns=0).step_ns == 60 * SECOND
    assert _ask(store, "now.and.then", step_ns=0).step_ns == 30 * SECOND


def test_bounds_and_quantiles_that_are_no_numbers_cost_the_others_nothing(store: Store) -> None:
    """A last bound may be the infinite one; what a sender with other oddities counts is not told."""
    histogram = Metric("odd bounds", MetricKind.HISTOGRAM, temporality=1)
    for bounds in ([1.0, 2.0], [1.0, 2.0, math.inf], [math.nan, 1.0, 2.0], [2.0, 1.0]):
        counts = [0, 4, *[0] * (len(bounds) - 1)]
        keep(store, [point(histogram, 30, Histogram(4, 6.0, counts, bounds), start=1)])
    summary = Metric("odd quantiles", MetricKind.SUMMARY)
    keep(store, [point(summary, 30, Summary(1, 1.0, [(math.nan, 1.0), (math.inf, 2.0), (0.5, 3.0)]), start=1)])

    assert _values(_ask(store, "odd bounds", percentile=50)) == [[(0, 1.5)]]
    assert _values(_ask(store, "odd quantiles", percentile=50)) == [[(0, 3.0)]]
    with pytest.raises(UsageError, match=r"no percentile 99.*computed 50"):
        _ask(store, "odd quantiles", percentile=99)
