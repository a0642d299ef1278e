"""Steps of time."""

import pytest

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model.window import Window
from taskscope.query.metrics.steps import choose_step, whole_steps


def _window(seconds: int) -> Window:
    return Window(0, seconds * SECOND)


@pytest.mark.parametrize(
    ("seconds", "interval", "step"),
    [
        (3600, 0, 30),
        (3600, 10, 30),
        (3600, 60, 60),  # no shorter than the interval of what is sent
        (3600, 3600, 300),  # what comes once an hour does not come at an interval
        (60, 0, 1),
        (86_400, 60, 900),
        (30 * 86_400, 60, 21_600),
        (400 * 86_400, 60, 4 * 86_400),
    ],
)
def test_a_step_is_round_and_makes_about_a_hundred(seconds: int, interval: int, step: int) -> None:
    """Where nothing is said."""
    assert choose_step(_window(seconds), interval * SECOND) == step * SECOND


def test_steps_are_whole() -> None:
    """The first begins before the window, the last ends behind it."""
    assert whole_steps(Window(65 * SECOND, 130 * SECOND), 60 * SECOND, 20) == Window(60 * SECOND, 180 * SECOND)


@pytest.mark.parametrize(
    ("seconds", "step_ns", "limit", "message"),
    [
        (10_001, SECOND, 1, "more than 10000 steps"),
        (10_000, SECOND, 21, "more than 200000 values"),
        (60, 0, 1, "longer than nothing"),
        (60, -5, 1, "longer than nothing"),
    ],
)
def test_bounds(seconds: int, step_ns: int, limit: int, message: str) -> None:
    """No answer is without end."""
    with pytest.raises(UsageError, match=message):
        whole_steps(_window(seconds), step_ns, limit)
