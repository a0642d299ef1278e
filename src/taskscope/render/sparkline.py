"""Sparklines: figures over time as a line of blocks, one character each."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

BLOCKS: Final = "\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
ASCII: Final = "_.-=+*#@"
"""For streams that cannot show blocks."""
_GAP: Final = " "


def sparkline(values: Sequence[float | None], width: int, *, top: float | None = None, levels: str = BLOCKS) -> str:
    """
    Draw figures, the last one at the right, in exactly ``width`` characters.

    Where there are more figures than characters, each character shows the greatest of its figures, so that no peak is
    lost. None and not-a-number are gaps. The lowest block is zero and what is below it, the highest is ``top``: by
    default the greatest figure. A figure above zero never looks like zero.
    """
    cells = [_greatest(each) for each in _portions(values, width)]
    ceiling = max((each for each in cells if each is not None and math.isfinite(each)), default=0.0)
    drawn = "".join(_level(each, ceiling if top is None else top, levels) for each in cells)
    return drawn.rjust(width)


def _portions(values: Sequence[float | None], width: int) -> Iterable[Sequence[float | None]]:
    count = min(width, len(values))
    return (values[place * len(values) // count : (place + 1) * len(values) // count] for place in range(count))


def _greatest(values: Iterable[float | None]) -> float | None:
    return max((each for each in values if each is not None and not math.isnan(each)), default=None)


def _level(value: float | None, top: float, levels: str) -> str:
    if value is None:
        return _GAP
    if value <= 0:
        return levels[0]
    if value >= top:
        return levels[-1]
    return levels[min(max(1, math.ceil(value / top * (len(levels) - 1))), len(levels) - 1)]
