"""Steps of time: how long they are, and the stretch of time that whole ones cover."""

from typing import Final

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model.window import Window

MAX_STEPS: Final = 10_000
MAX_VALUES: Final = 200_000
"""Steps times series: 6 MB of JSON."""
_WANTED: Final = 120
_NICE: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)
_LONGEST_INTERVAL_NS: Final = 300 * SECOND
"""What comes less often than this is not sent at an interval, but now and then."""


def choose_step(window: Window, interval_ns: int) -> int:
    """Return a step that makes about 120 of a window, and not shorter than the interval at which values come."""
    wanted = max((window.end_ns - window.start_ns) / _WANTED, min(interval_ns, _LONGEST_INTERVAL_NS)) / SECOND
    return next((each for each in _NICE if each >= wanted), -(-int(wanted) // _NICE[-1]) * _NICE[-1]) * SECOND


def whole_steps(window: Window, step_ns: int, limit: int) -> Window:
    """
    Return the stretch of time of the steps that a window touches; they begin at multiples of their length.

    Raises:
        UsageError: There are too many of them, or too many for that many series; or the step is none.
    """
    if step_ns <= 0:
        raise UsageError(f"a step of {step_ns} ns: it is longer than nothing")
    start, end = window.start_ns // step_ns, -(-window.end_ns // step_ns)
    if end - start > MAX_STEPS:
        raise UsageError(f"the window has more than {MAX_STEPS} steps", hint="make the step longer")
    if (end - start) * limit > MAX_VALUES:
        raise UsageError(
            f"{limit} series of {end - start} steps are more than {MAX_VALUES} values",
            hint="make the step longer, or the limit smaller",
        )
    return Window(start * step_ns, end * step_ns)
