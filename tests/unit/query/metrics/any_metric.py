"""Strategies: series of a metric as several senders send them, with gaps, resets, restarts and late points."""

from itertools import accumulate

from hypothesis import strategies as st

from taskscope.model.metric import (
    Datapoint,
    ExponentialHistogram,
    Histogram,
    Metric,
    MetricKind,
    Summary,
    Temporality,
    Value,
)
from tests.unit.query.metrics.sending import point

BOUNDS = (0.5, 1.0, 10.0)
_SERVICES = st.sampled_from(["shop", "cart"])
_CODES = st.sampled_from(["200", "500", "it's \N{SNOWMAN}"])
_GAPS = st.sampled_from([1.0, 7.5, 10.0, 10.0, 10.0, 60.0, 400.0])
_NUMBERS = st.integers(0, 20)


@st.composite
def times(draw: st.DrawFn) -> list[float]:
    """Draw when a sender sends; it may begin before the hour that is asked about, and come to an end in it."""
    first = draw(st.sampled_from([-400.0, -120.0, -10.0, 0.0, 3.0, 600.0]))
    return list(accumulate(draw(st.lists(_GAPS, max_size=12)), initial=first))


def number_of(draw: st.DrawFn, metric: Metric) -> Value:
    """Draw what one measurement, or some, come to."""
    if metric.kind is MetricKind.HISTOGRAM:
        counts = draw(st.lists(_NUMBERS, min_size=len(BOUNDS) + 1, max_size=len(BOUNDS) + 1))
        return Histogram(sum(counts), float(sum(counts)) * 1.5, counts, BOUNDS)
    if metric.kind is MetricKind.EXPONENTIAL_HISTOGRAM:
        up, down = draw(st.lists(_NUMBERS, max_size=4)), draw(st.lists(_NUMBERS, max_size=2))
        zero = draw(_NUMBERS)
        scale, offset = draw(st.integers(-1, 3)), draw(st.integers(-5, 5))
        total = sum(up) + sum(down) + zero
        return ExponentialHistogram(total, total * 2.0, scale, zero, offset, up, offset, down)
    if metric.kind is MetricKind.SUMMARY:
        count = draw(_NUMBERS)
        return Summary(count, count * 3.0, ())
    least = 0 if metric.kind is MetricKind.GAUGE or metric.is_monotonic else -20
    return float(draw(st.integers(least, 20)))


def total_of(before: Value, more: Value) -> Value:
    """Add what came to what was there: exponential histograms become coarser where they have to."""
    if isinstance(before, Histogram) and isinstance(more, Histogram):
        counts = [a + b for a, b in zip(before.bucket_counts, more.bucket_counts, strict=True)]
        return Histogram(before.count + more.count, before.sum + more.sum, counts, BOUNDS)
    if isinstance(before, ExponentialHistogram) and isinstance(more, ExponentialHistogram):
        return _coarser(before, more)
    if isinstance(before, Summary) and isinstance(more, Summary):
        return Summary(before.count + more.count, before.sum + more.sum, ())
    assert isinstance(before, float)
    assert isinstance(more, float)
    return before + more


def _coarser(before: ExponentialHistogram, more: ExponentialHistogram) -> ExponentialHistogram:
    scale = min(before.scale, more.scale)
    sides: list[tuple[int, list[int]]] = []
    for name in ("positive", "negative"):
        counts: dict[int, int] = {}
        for each in (before, more):
            for place, count in enumerate(getattr(each, f"{name}_counts")):
                index = (getattr(each, f"{name}_offset") + place) >> (each.scale - scale)
                counts[index] = counts.get(index, 0) + count
        first = min(counts, default=0)
        sides.append((first, [counts.get(index, 0) for index in range(first, max(counts, default=-1) + 1)]))
    return ExponentialHistogram(
        before.count + more.count, before.sum + more.sum, scale, before.zero_count + more.zero_count,
        *sides[0], *sides[1],
    )  # fmt: skip


@st.composite
def life(draw: st.DrawFn, metric: Metric, when: list[float], labels: dict[str, str], instance: str) -> list[Datapoint]:
    """Draw the points of one process: it tells its start, or not; without one it may begin again unsaid."""
    says = draw(st.booleans())
    start = when[0] - draw(st.sampled_from([0.0, 5.0, 30.0]))
    if start == 0:
        start = -1.0
    points: list[Datapoint] = []
    total: Value | None = None
    for number, moment in enumerate(when):
        more = number_of(draw, metric)
        if metric.temporality == Temporality.CUMULATIVE or metric.kind is MetricKind.SUMMARY:
            begins_again = total is None or draw(st.integers(0, 7)) == 0
            total = more if begins_again or total is None else total_of(total, more)
            more = total
            began = start if says else 0.0
        else:
            began = (when[number - 1] if number else start) if says else 0.0
        of = {"service.instance.id": instance}
        points.append(
            point(metric, moment, more, start=began, service=labels["service"], resource=of, code=labels["code"])
        )
    return points


@st.composite
def sent(draw: st.DrawFn, metric: Metric) -> list[Datapoint]:
    """Draw all points of a metric in the order in which they come, which is any."""
    points: list[Datapoint] = []
    for number in range(draw(st.integers(1, 4))):
        labels = {"service": draw(_SERVICES), "code": draw(_CODES)}
        every = draw(times())
        cut = draw(st.integers(0, len(every)))  # a process that is replaced by another of the same name
        for part in (every[:cut], every[cut:]):
            if part:
                points += draw(life(metric, part, labels, f"i-{number}"))
    return draw(st.permutations(points))
