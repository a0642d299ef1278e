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


def explicit_pieces(bounds: Sequence[float | None], counts: Sequence[float]) -> list[Piece]:
    """
    Return where the values of a histogram lie; it has one count more than bounds.

    A last bound that is no finite number is none: some senders name the infinite one. None of values that lie nowhere:
    without bounds, with others that are no numbers (of an engine without JSON for them None), or that do not ascend.
    """
    if bounds and not _is_number(bounds[-1]):
        bounds, counts = bounds[:-1], [*counts[:-2], counts[-2] + counts[-1]]
    known = [each for each in bounds if each is not None and _is_number(each)]
    if not known or len(known) < len(bounds) or any(low > high for low, high in pairwise(known)):
        return []
    first = Piece(0.0 if known[0] > 0 else known[0], known[0], counts[0])
    between = [Piece(low, high, count) for (low, high), count in zip(pairwise(known), counts[1:-1], strict=True)]
    return [each for each in (first, *between, Piece(known[-1], known[-1], counts[-1])) if each.number > 0]


def _is_number(bound: float | None) -> bool:
    return bound is not None and math.isfinite(bound)


def percentile_of(pieces: Iterable[Piece], percentile: float) -> float | None:
    """Return the value below which so many percent lie, None of nothing; pieces may overlap."""
    known = [each for each in pieces if each.number > 0]
    if not known:
        return None
    wanted = sum(each.number for each in known) * percentile / 100
    edges = sorted({edge for each in known for edge in (each.low, each.high)})
    place, around = _place(known, edges, wanted)
    if wanted <= 0 or place == 0:
        return edges[0]
    if place == len(edges):
        return edges[-1]
    low, high = edges[place - 1 : place + 1]
    below = sum(each.number for each in known if each.high <= low) + sum(_until(each, low) for each in around)
    spread = sum(each.number * (high - low) / (each.high - each.low) for each in around)
    return low + (high - low) * (wanted - below) / spread if below + spread > wanted else high


def _place(known: Sequence[Piece], edges: Sequence[float], wanted: float) -> tuple[int, list[Piece]]:
    """
    Return which edge is the first that so many values lie up to, and the pieces that go on from the edge before to it.

    By halves, with fewer pieces each time: fifty senders that each have bounds of their own make 850 in every step.
    """
    first, end, below, around = 0, len(edges), 0.0, list(known)
    while first < end:
        middle = (first + end) // 2
        edge = edges[middle]
        if below + sum(_until(each, edge) for each in around) >= wanted:
            end, around = middle, [each for each in around if each.low < edge]
        else:
            first = middle + 1
            below += sum(each.number for each in around if each.high <= edge)
            around = [each for each in around if each.high > edge]
    return first, [each for each in around if each.low < each.high]


def _until(piece: Piece, edge: float) -> float:
    """Return how many values of a piece lie up to an edge."""
    if edge >= piece.high:
        return piece.number
    return 0.0 if edge <= piece.low else piece.number * (edge - piece.low) / (piece.high - piece.low)


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
