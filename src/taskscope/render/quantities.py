"""Quantities for people: a number with its unit, as UCUM codes and common words name it."""

import math
from typing import Final

from taskscope.clock import MICROSECOND, MILLISECOND, SECOND
from taskscope.render.figures import MISSING, duration
from taskscope.render.text import escape

_BYTES: Final = frozenset({"By", "B", "byte", "bytes", "Bytes"})
_BINARY: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_NANOSECONDS: Final = {
    "s": SECOND, "seconds": SECOND, "ms": MILLISECOND, "us": MICROSECOND, "ns": 1,
    "Seconds": SECOND, "Milliseconds": MILLISECOND, "Microseconds": MICROSECOND,
}  # fmt: skip
_LARGE: Final = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_IN_FULL: Final = 10_000
_SMALLEST: Final = 1e-3
_LONGEST: Final = 1e9
"""Seconds, which are 30 years: beyond, a number says more than a duration."""


def quantity(value: float, unit: str) -> str:
    """Write a value with three figures: ``1.5 MiB``, ``12.3 ms``, ``24.1k``, and ``5 request/s`` of ``{request}/s``."""
    if not math.isfinite(value):
        return MISSING
    plain, _, per = escape(unit).partition("/")  # a sender may say anything
    rate = f"/{per}" if per else ""
    if plain in _BYTES:
        return _binary(value) + rate
    if plain in _NANOSECONDS and not per and abs(value) * _NANOSECONDS[plain] < _LONGEST * SECOND:
        return ("-" if value < 0 else "") + duration(round(abs(value) * _NANOSECONDS[plain]))
    if plain in {"%", "Percent"}:
        return f"{number(value)}%{rate}"
    named = "" if plain in {"", "1", "Count", "None"} else " " + plain.replace("{", "").replace("}", "")
    return number(value) + named + rate


def base_of(unit: str) -> int:
    """Return by what steps a unit grows: 1024 for bytes, else 1000."""
    return 1024 if unit.partition("/")[0] in _BYTES else 1000


def number(value: float) -> str:
    """Write a number with three figures: in full up to 9,999, then with ``k``, ``M``; small ones as ``1.2e-05``."""
    size = abs(value)
    if size >= _IN_FULL:
        scale, letter = next(each for each in _LARGE if size >= each[0])
        return f"{_three(value / scale)}{letter}" if size < 1e15 else f"{value:.3g}"  # noqa: PLR2004 (a thousand T)
    if value and size < _SMALLEST:
        return f"{value:.2g}"
    return f"{value:.0f}" if value == int(value) or size >= 1000 else _three(value)  # noqa: PLR2004 (four figures)


def _binary(value: float) -> str:
    power = 0
    while abs(value) >= 1024 and power < len(_BINARY) - 1:  # noqa: PLR2004 (of bytes)
        value /= 1024
        power += 1
    return f"{_three(value)} {_BINARY[power]}"


def _three(value: float) -> str:
    """Write three figures and no trailing zeros; more where there are more before the point."""
    size = abs(value)
    if size >= _IN_FULL:
        return f"{value:.3g}"
    digits = 0 if size >= 99.95 else 1 if size >= 9.995 else 2 if size >= 0.9995 else 3  # noqa: PLR2004 (rounding)
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
