"""Signals by the names that people call them."""

from typing import Final

from taskscope.errors import UsageError
from taskscope.model.batch import Signal

SIGNALS: Final = {
    "traces": Signal.SPANS,
    "logs": Signal.LOGS,
    "metrics": Signal.METRICS,
    "changes": Signal.CHANGES,
}
"""``changes`` are those of ECS tasks, services and deployments."""


def signal_named(name: str) -> Signal:
    """
    Return a signal.

    Raises:
        UsageError: There is none of that name.
    """
    if name not in SIGNALS:
        raise UsageError(f"{name!r} is no signal", hint=f"choose of {', '.join(SIGNALS)}")
    return SIGNALS[name]
