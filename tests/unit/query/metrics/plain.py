"""Range queries in plain Python, over points in memory: what the store's answers are compared with."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from taskscope.clock import SECOND
from taskscope.model.attributes import attribute_text
from taskscope.model.metric import Datapoint, ExponentialHistogram, Histogram, MetricKind, Summary, Temporality
from taskscope.model.metric_series import Aggregate
from taskscope.model.window import Window

Answer = dict[tuple[str, ...], dict[int, float]]
"""By values of labels, and by the beginning of a step."""


class Asked(NamedTuple):
    """A question."""

    aggregate: Aggregate
    steps: Window
    step_ns: int
    by: Sequence[str]
    now_ns: int
    look_back_ns: int
    percentile: float = 95


def label_of(point: Datapoint, label: str) -> str:
    """Return a label of a point: its own, its resource's, or none."""
    for place in (point.attributes, point.resource.attributes):
        if label in place:
            return attribute_text(place[label])
    return point.resource.service_name if label == "service" else ""


def evaluate(points: Iterable[Datapoint], asked: Asked) -> Answer:
    """Answer for one metric whose points are all of one temporality, or are asked what both can tell."""
    every = sorted(points, key=lambda each: (each.time_ns, _number(each)))
    is_level = every and every[0].metric.kind in (MetricKind.GAUGE, MetricKind.SUM)
    if asked.aggregate in (Aggregate.RATE, Aggregate.INCREASE) or not is_level or _adds_up(every, asked):
        return _counted(every, asked)
    return _levels(every, asked)


def _adds_up(points: Sequence[Datapoint], asked: Asked) -> bool:
    return asked.aggregate is Aggregate.SUM and points[0].metric.temporality == Temporality.DELTA


def _levels(points: Sequence[Datapoint], asked: Asked) -> Answer:
    cells: dict[tuple[tuple[str, ...], int], dict[Any, list[tuple[int, float]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for each in points:
        shift = 1 if each.metric.temporality == Temporality.DELTA else 0
        moment = each.time_ns - shift
        if asked.steps.start_ns <= moment < asked.steps.end_ns:
            step = moment // asked.step_ns * asked.step_ns
            cells[_group(each, asked), step][_series(each)].append((each.time_ns, _number(each)))
    answer: Answer = defaultdict(dict)
    for (group, step), series in cells.items():
        answer[group][step] = _level(list(series.values()), asked)
    return answer


def _level(series: Sequence[Sequence[tuple[int, float]]], asked: Asked) -> float:
    values = [[value for _, value in each] for each in series]
    flat = sorted(value for each in values for value in each)
    answers: Mapping[Aggregate, Callable[[], float]] = {
        Aggregate.AVERAGE: lambda: sum(sum(each) / len(each) for each in values) / len(values),
        Aggregate.SUM: lambda: sum(max(each)[1] for each in series),
        Aggregate.MIN: lambda: flat[0],
        Aggregate.MAX: lambda: flat[-1],
        Aggregate.LAST: lambda: max(max(each) for each in series)[1],
        Aggregate.COUNT: lambda: len(flat),
        Aggregate.PERCENTILE: lambda: _between(flat, asked.percentile / 100),
    }
    return answers[asked.aggregate]()


def _between(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


class Difference(NamedTuple):
    """What came to be counted between two points."""

    point: Datapoint
    earlier: Datapoint | None
    """None where all of the point counts."""
    gap_ns: int


def _differences(points: Iterable[Datapoint], asked: Asked) -> Iterator[Difference]:
    before: dict[Any, Datapoint] = {}
    read_from = asked.steps.start_ns - asked.look_back_ns
    for each in points:
        starts = 0 < each.start_ns < each.time_ns
        age = each.time_ns - each.start_ns
        if each.metric.temporality == Temporality.DELTA:
            yield Difference(each, None, age if starts else 0)
            continue
        if each.time_ns < read_from:
            continue
        key = (_series(each), each.start_ns)
        earlier = before.get(key)
        before[key] = each
        if earlier is not None:
            began_again = _is_monotonic(each) and _number(each) < _number(earlier)
            yield Difference(each, None if began_again else earlier, each.time_ns - earlier.time_ns)
        elif starts and each.start_ns >= read_from:
            yield Difference(each, None, age)


def _counted(points: Sequence[Datapoint], asked: Asked) -> Answer:
    cells: dict[tuple[tuple[str, ...], int], dict[Any, list[Difference]]] = defaultdict(lambda: defaultdict(list))
    for each in _differences(points, asked):
        moment = each.point.time_ns - 1
        if asked.steps.start_ns <= moment < asked.steps.end_ns:
            is_delta = each.point.metric.temporality == Temporality.DELTA
            life = (_series(each.point), is_delta, 0 if is_delta else each.point.start_ns)
            cells[_group(each.point, asked), moment // asked.step_ns * asked.step_ns][life].append(each)
    answer: Answer = defaultdict(dict)
    for (group, step), lives in cells.items():
        value = _value(step, list(lives.values()), asked)
        if value is not None:
            answer[group][step] = value
    return {group: steps for group, steps in answer.items() if steps}


def _value(step: int, lives: Sequence[Sequence[Difference]], asked: Asked) -> float | None:
    every = [each for life in lives for each in life]
    amount = sum(_amount(each.point) - (_amount(each.earlier) if each.earlier else 0) for each in every)
    count = sum(_increase(each) for each in every)
    if asked.aggregate is Aggregate.RATE:
        return sum(_rate(step, each, asked) for each in lives)
    if asked.aggregate in (Aggregate.INCREASE, Aggregate.COUNT):
        return count
    if asked.aggregate is Aggregate.SUM:
        return count if every[0].point.metric.kind is MetricKind.SUM else amount
    if asked.aggregate is Aggregate.AVERAGE:
        return amount / count if count else None
    return _percentile(every, asked.percentile)


def _rate(step: int, life: Sequence[Difference], asked: Asked) -> float:
    length = max(1, min(step + asked.step_ns, asked.now_ns) - step)
    covered, longest = sum(each.gap_ns for each in life), max(each.gap_ns for each in life)
    if life[0].point.metric.temporality == Temporality.DELTA:
        time = max(length, longest)
    else:
        time = covered if covered > 0 and covered + longest >= length else length
    return sum(_increase(each) for each in life) * SECOND / time


def _percentile(differences: Sequence[Difference], percentile: float) -> float | None:
    if isinstance(differences[0].point.value, Histogram):
        return histogram_quantile(differences, percentile / 100)
    return _exponential_quantile(differences, percentile / 100)


def histogram_quantile(differences: Sequence[Difference], share: float) -> float | None:
    """Do as Prometheus does: all have the same bounds."""
    bounds = differences[0].point.value.bounds  # type: ignore[union-attr]  # a histogram
    counts = [0.0] * (len(bounds) + 1)
    for each in differences:
        for place in range(len(counts)):
            counts[place] += each.point.value.bucket_counts[place]  # type: ignore[union-attr]  # likewise
            if each.earlier:
                counts[place] -= each.earlier.value.bucket_counts[place]  # type: ignore[union-attr]  # likewise
    rank = share * sum(counts)
    if not any(counts):
        return None
    seen = 0.0
    for place, count in enumerate(counts):
        if seen + count >= rank and count:
            if place == len(bounds):
                return bounds[-1]
            low = bounds[place - 1] if place else 0.0
            return low + (bounds[place] - low) * (rank - seen) / count
        seen += count
    return bounds[-1]


def _exponential_quantile(differences: Sequence[Difference], share: float) -> float | None:
    values = [each.point.value for each in differences]
    values += [each.earlier.value for each in differences if each.earlier]
    scale = min(each.scale for each in values if isinstance(each, ExponentialHistogram))
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for each in differences:
        _add(counts, each.point.value, scale, 1)
        if each.earlier:
            _add(counts, each.earlier.value, scale, -1)
    base = 2.0 ** (2.0**-scale)
    rank = share * sum(counts.values())
    order = sorted((key for key, count in counts.items() if count), key=lambda key: (key[0], key[0] * key[1]))
    seen = 0
    for sign, index in order:
        count = counts[sign, index]
        if seen + count >= rank:
            part = max(0.0, rank - seen) / count
            return sign * base ** (index + (part if sign > 0 else 1 - part)) if sign else 0.0
        seen += count
    return None


def _add(counts: dict[tuple[int, int], int], value: Any, scale: int, sign: int) -> None:
    counts[0, 0] += sign * value.zero_count
    for side, offset, buckets in (
        (1, value.positive_offset, value.positive_counts),
        (-1, value.negative_offset, value.negative_counts),
    ):
        for place, count in enumerate(buckets):
            counts[side, (offset + place) >> (value.scale - scale)] += sign * count


def _increase(difference: Difference) -> float:
    return _number(difference.point) - (_number(difference.earlier) if difference.earlier else 0)


def _number(point: Datapoint) -> float:
    return point.value if isinstance(point.value, int | float) else point.value.count


def _amount(point: Datapoint) -> float:
    return point.value.sum if isinstance(point.value, Histogram | ExponentialHistogram | Summary) else 0.0


def _is_monotonic(point: Datapoint) -> bool:
    return point.metric.kind is not MetricKind.SUM or point.metric.is_monotonic


def _group(point: Datapoint, asked: Asked) -> tuple[str, ...]:
    return tuple(label_of(point, each) for each in asked.by)


def _series(point: Datapoint) -> tuple[Any, ...]:
    return (
        frozenset(point.resource.attributes.items()), point.scope.name, frozenset(point.attributes.items()),
    )  # fmt: skip
