"""Figures for people: durations, counts, shares, ages."""

from typing import Final

from taskscope.clock import MICROSECOND, MILLISECOND, SECOND

MISSING: Final = "-"
_MINUTE: Final = 60 * SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_UNITS: Final = ((SECOND, "s"), (MILLISECOND, "ms"), (MICROSECOND, "us"), (1, "ns"))
_LARGE: Final = ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k"))
_IN_FULL: Final = 10_000
_MORE_DIGITS: Final = ((100, 0), (10, 1), (0, 2))
"""From so large a figure on, so many digits after the point: three in all."""


def duration(nanoseconds: int) -> str:
    """Write a duration with three figures: ``12.3 ms``, ``1.5 s``, from a minute on ``1m05s``, ``2h03m``, ``1d04h``."""
    if nanoseconds >= _MINUTE:
        return _long(nanoseconds)
    for unit, name in _UNITS:
        if nanoseconds >= unit:
            text = _three(nanoseconds / unit)
            if text == "1000" and unit > 1:  # 999.6 us is 1 ms
                return duration(unit * 1000)
            return f"{text} {name}"
    return "0 ms"


def _three(value: float) -> str:
    digits = next(digits for least, digits in _MORE_DIGITS if value >= least)
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _long(nanoseconds: int) -> str:
    seconds = round(nanoseconds / SECOND)
    for unit, large, small in ((_DAY, "d", "h"), (_HOUR, "h", "m"), (_MINUTE, "m", "s")):
        if seconds * SECOND >= unit:
            part = {"h": _HOUR, "m": _MINUTE, "s": SECOND}[small]
            whole, rest = divmod(seconds * SECOND, unit)
            return f"{whole}{large}{rest // part:02}{small}"
    return f"{seconds} s"


def age(nanoseconds: int) -> str:
    """Write how long ago something was, in one unit: ``3s``, ``2m``, ``5h``, ``4d``."""
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "m")):
        if nanoseconds >= unit:
            return f"{nanoseconds // unit}{name}"
    return f"{max(0, nanoseconds) // SECOND}s"


def count(number: int) -> str:
    """Write a count: in full up to 9,999, then with three figures (``24.1k``)."""
    if number < _IN_FULL:
        return str(number)
    for unit, name in _LARGE:
        if number >= unit:
            return f"{_three(number / unit)}{name}"
    raise AssertionError  # above 10,000 a unit fits


def share(part: float) -> str:
    """Write a share of 0 to 1 in percent with two figures; ``0%`` only if it is exactly none."""
    percent = 100 * part
    if percent == 0:
        return "0%"
    if percent < 0.1:  # noqa: PLR2004 (the least that is written)
        return "<0.1%"
    return f"{percent:.1f}%" if percent < 10 else f"{min(percent, 99) if part < 1 else percent:.0f}%"  # noqa: PLR2004
