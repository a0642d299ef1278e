"""The signals of a lab's process: which ones end it, and that containers get each at its default."""

import signal
from typing import Final

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PYTHONS: Final = frozenset({signal.SIGPIPE, signal.SIGXFSZ})
"""Ignored by every Python, which gives them back to its children at their default."""


def take_signals() -> list[signal.Signals]:
    """
    Return the signals that end the lab, and take over those that were ignored when it began; for the main thread.

    What is ignored stays so in every child (execve(2)), and much is: SIGHUP under nohup, SIGINT and SIGQUIT in what a
    script starts with ``&``. A container must not inherit that, so the lab handles such a signal by doing nothing.
    SIGINT and SIGTERM end the lab all the same, because whoever sends them means it; nohup's SIGHUP does not.
    """
    ignored = {number for number in signal.Signals if signal.getsignal(number) is signal.SIG_IGN} - _PYTHONS
    for number in ignored:
        signal.signal(number, _do_nothing)
    return [number for number in _ENDING if number is not signal.SIGHUP or number not in ignored]


def _do_nothing(_number: int, _frame: object) -> None:
    """Serve as the handler of a signal without effect."""
