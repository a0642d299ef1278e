"""
Percentiles of histograms, out of the counts of their buckets.

Within a bucket with explicit bounds values are taken to lie evenly, as Prometheus' ``histogram_quantile`` does: the
first bucket begins at 0 if its bound is above, what lies above the last bound counts as that bound. Histograms with
different bounds are put together by that same assumption. In exponential buckets values lie evenly by their logarithm.
"""

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

_MIN_SCALE: Final = -10
"""A single bucket of that scale holds all numbers above 1."""


class Piece(NamedTuple):
    """So many values lie evenly from ``low`` to ``high``; all at one place if both are the same."""

    low: float
    high: float
    number: float


def explicit_pieces(bounds: Sequence[float], counts: Sequence[float]) -> list[Piece]:
    """Return where the values of a histogram lie; it has one count more than bounds, which ascend."""
    if not bounds:
        return []
    first = Piece(0.0 if bounds[0] > 0 else bounds[0], bounds[0], counts[0])
    between = [Piece(low, high, count) for (low, high), count in zip(pairwise(bounds), counts[1:-1], strict=True)]
    return [each for each in (first, *between, Piece(bounds[-1], bounds[-1], counts[-1])) if each.number > 0]


def percentile_of(pieces: Iterable[Piece], percentile: float) -> float | None:
    """Return the value below which so many percent lie, None of nothing; pieces may overlap."""
    known = [each for each in pieces if each.number > 0]
    total = sum(each.number for each in known)
    if not known:
        return None
    wanted = total * percentile / 100
    edges = sorted({edge for each in known for edge in (each.low, each.high)})
    if wanted <= 0:
        return edges[0]
    below = sum(each.number for each in known if each.low == each.high == edges[0])
    if below >= wanted:
        return edges[0]
    for low, high in pairwise(edges):
        spread = sum(each.number * (high - low) / (each.high - each.low) for each in known if _covers(each, low, high))
        if spread > 0 and below + spread >= wanted:
            return low + (high - low) * (wanted - below) / spread
        below += spread + sum(each.number for each in known if each.low == each.high == high)
        if below >= wanted:
            return high
    return edges[-1]


def _covers(piece: Piece, low: float, high: float) -> bool:
    return piece.low <= low and high <= piece.high and piece.low < piece.high


class Exponential(NamedTuple):
    """Counts of buckets by their index: that of index i lies above ``base ** i``, where base is 2 ** (2 ** -scale)."""

    scale: int
    zeros: float
    positive: Mapping[int, float]
    negative: Mapping[int, float]


def merge(parts: Iterable[Exponential]) -> Exponential:
    """Put histograms together at the coarsest of their scales: a bucket of a finer one lies in one of it."""
    every = list(parts)
    scale = min(each.scale for each in every)
    positive: dict[int, float] = {}
    negative: dict[int, float] = {}
    for each in every:
        for mine, theirs in ((positive, each.positive), (negative, each.negative)):
            for index, count in theirs.items():
                place = index >> (each.scale - scale)
                mine[place] = mine.get(place, 0) + count
    return Exponential(scale, sum(each.zeros for each in every), positive, negative)


def percentile_of_exponential(counts: Exponential, percentile: float) -> float | None:
    """Return the value below which so many percent lie, None of nothing; zeros lie at zero."""
    downwards = sorted(((index, count) for index, count in counts.negative.items() if count > 0), reverse=True)
    upwards = sorted((index, count) for index, count in counts.positive.items() if count > 0)
    zeros = max(0.0, counts.zeros)
    wanted = (sum(count for _, count in (*downwards, *upwards)) + zeros) * percentile / 100
    below, last = 0.0, None
    for index, count in downwards:
        if below + count >= wanted:
            return -_inside(counts.scale, index, 1 - max(0.0, wanted - below) / count)
        below, last = below + count, -_inside(counts.scale, index, 0)
    if zeros:
        if below + zeros >= wanted:
            return 0.0
        below, last = below + zeros, 0.0
    for index, count in upwards:
        if below + count >= wanted:
            return _inside(counts.scale, index, max(0.0, wanted - below) / count)
        below, last = below + count, _inside(counts.scale, index, 1)
    return last


def _inside(scale: int, index: int, share: float) -> float:
    """Return the value at a share of a bucket."""
    power = (index + share) * math.ldexp(1, -max(scale, _MIN_SCALE))
    return math.exp2(power) if power < sys.float_info.max_exp else sys.float_info.max
