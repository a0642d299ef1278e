"""Percentiles over time of each kind of metric that has them."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from taskscope.errors import UsageError
from taskscope.model.metric_series import MetricPoint
from taskscope.query.metrics.buckets import (
    Exponential,
    explicit_pieces,
    merge,
    percentile_of,
    percentile_of_exponential,
)

_NEAR: Final = 1e-4
"""Quantiles that so little tells apart are the same: senders keep them in 32 bits, or in percent."""


class Bucketed(NamedTuple):
    """How a kind of histogram is asked about its buckets."""

    statement: str
    """What puts them together."""
    columns: str
    """Beside those that every point has."""
    point: str
    """What becomes of each point; see ``pairs.sql``."""
    is_reset: str
    differences: str
    usable: str
    read: Callable[[Sequence[Sequence[Any]], float], list[tuple[int, float]]]
    """Turns the buckets of one series into values of steps, by their numbers."""


def _explicit(rows: Sequence[Sequence[Any]], percentile: float) -> list[tuple[int, float]]:
    steps: dict[int, list[Any]] = defaultdict(list)
    for step, bounds, counts in rows:
        steps[int(step)] += explicit_pieces(bounds, counts)
    return _known({step: percentile_of(pieces, percentile) for step, pieces in steps.items()})


def _exponential(rows: Sequence[Sequence[Any]], percentile: float) -> list[tuple[int, float]]:
    steps: dict[int, list[Exponential]] = defaultdict(list)
    for step, scale, zeros, *sides in rows:
        positive, negative = ({int(i): n for i, n in zip(*side, strict=True)} for side in (sides[:2], sides[2:]))
        steps[int(step)].append(Exponential(int(scale), zeros, positive, negative))
    return _known({step: percentile_of_exponential(merge(parts), percentile) for step, parts in steps.items()})


def _known(values: Mapping[int, float | None]) -> list[tuple[int, float]]:
    return sorted((step, value) for step, value in values.items() if value is not None)


EXPLICIT: Final = Bucketed(
    "explicit",
    "toInt64(Count) AS Number, CAST(BucketCounts, 'Array(Int64)') AS Counts, ExplicitBounds AS Bounds",
    "(Time, Number, Start, Counts, Bounds)",
    "(P.2 < E.2 OR arrayExists((a, b) -> a < b, P.4, arrayResize(E.4, length(P.4))))",
    "P.5 AS Bounds, if(IsAlone, P.4, arrayMap((a, b) -> a - b, P.4, arrayResize(E.4, length(P.4)))) AS Buckets",
    # Counts between other bounds cannot be compared: such a point counts from the next one on.
    "length(P.4) = length(Bounds) + 1 AND notEmpty(Bounds) AND (IsDelta OR Before = 0 OR Bounds = E.5)",
    _explicit,
)
EXPONENTIAL: Final = Bucketed(
    "exponential",
    "toInt64(Count) AS Number, (toInt64(Scale), toInt64(ZeroCount), toInt64(PositiveOffset),"
    " CAST(PositiveBucketCounts, 'Array(Int64)'), toInt64(NegativeOffset),"
    " CAST(NegativeBucketCounts, 'Array(Int64)')) AS Body",
    "(Time, Number, Start, Body)",
    "P.2 < E.2",
    "(P.4, toInt64(1)) AS Current, (E.4, toInt64(-1)) AS Earlier",
    "true",
    _exponential,
)


def nearest_quantile(known: Sequence[float | None], percentile: float, name: str) -> float:
    """
    Return the quantile of a summary that a percentile is.

    Raises:
        UsageError: The senders did not compute it.
    """
    told = [each for each in known if each is not None and math.isfinite(each)]  # a sender may say anything
    near = min(told, key=lambda each: abs(each - percentile / 100), default=None)
    if near is None or abs(near - percentile / 100) > _NEAR:
        there = ", ".join(f"{100 * each:.6g}" for each in told)
        raise UsageError(
            f"the senders of {name!r} computed no percentile {percentile:g}",
            hint=f"they computed {there}" if there else "they computed none: ask for avg or rate",
        )
    return near


def points_of(values: Sequence[tuple[int, float]], step_ns: int) -> tuple[MetricPoint, ...]:
    """Return points of steps by their numbers, in order of time."""
    return tuple(MetricPoint(int(step) * step_ns, value) for step, value in sorted(values))
