"""Axes of plots: where their marks stand, and what is written there."""

import math
from collections.abc import Sequence
from datetime import tzinfo
from typing import Final, NamedTuple

from taskscope.clock import SECOND, to_datetime

_FINE: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_SECONDS: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
    1_209_600, 2_592_000, 7_776_000, 31_536_000,
)  # fmt: skip
_BYTES: Final = 1024
_MINUTE: Final = 60
_DAY: Final = 86_400
_LARGEST: Final = 1e300
_SMALLEST: Final = 1e-290
_SAME: Final = 1e-9
_FLAT: Final = 0.3
"""Where values differ by less of the greatest, the axis does not begin at zero."""


class Scale(NamedTuple):
    """From ``low`` to ``high``, with values that are marked."""

    low: float
    high: float
    marks: Sequence[float]


def value_scale(low: float, high: float, most: int, base: int = 1000) -> Scale:
    """Return a scale that shows all values from low to high, with up to so many marks at round figures."""
    low, high = max(low, -_LARGEST), min(high, _LARGEST)
    if low >= 0 and high - low >= _FLAT * high:
        low = 0.0
    elif high <= 0 and low < high - _FLAT * -low:
        high = 0.0
    if high - low <= _SAME * max(abs(low), abs(high), _SMALLEST):
        low, high = (low, 0.0) if high < -_SMALLEST else (0.0, high if high > _SMALLEST else 1.0)
    step = _round_up((high - low) / max(1, most - 1), base)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    marks = [place * step for place in range(first, last + 1)]
    return Scale(marks[0], marks[-1], marks)


def _round_up(step: float, base: int) -> float:
    """Return the next round figure; of bytes, a power of two."""
    if base == _BYTES:
        return 2.0 ** math.ceil(math.log2(step) - 1e-9)
    ten = 10.0 ** math.floor(math.log10(step))
    return next((each * ten for each in _FINE if each * ten >= step * (1 - 1e-9)), 10 * ten)


def time_marks(start_ns: int, end_ns: int, most: int, zone: tzinfo | None) -> list[tuple[int, str]]:
    """Return up to so many moments that are round in a zone, each with what is written there."""
    length = (end_ns - start_ns) / SECOND
    apart = next((each for each in _SECONDS if length / each <= most), _SECONDS[-1])
    offset = to_datetime(start_ns, zone).utcoffset()
    shift = int(offset.total_seconds()) if offset else 0
    first = -(-(start_ns // SECOND + shift) // apart) * apart - shift
    moments = range(first, end_ns // SECOND + 1, apart)
    form = "%m-%d" if apart >= _DAY else "%m-%d %H:%M" if length > _DAY else "%H:%M" if apart >= _MINUTE else "%H:%M:%S"
    return [
        (each * SECOND, to_datetime(each * SECOND, zone).strftime(form))
        for each in moments
        if each * SECOND >= start_ns
    ]
