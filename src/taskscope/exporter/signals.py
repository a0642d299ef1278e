"""The end of a command that serves until it is told to stop."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from typing import Final

_ENDING: Final = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def signals_held() -> Iterator[Callable[[], None]]:
    """
    Give ``wait()``, which returns on SIGTERM and raises KeyboardInterrupt on Ctrl-C; for the main thread.

    The signals wait until somebody waits for them, so that none comes between two steps of start or stop. Threads that
    are started in the block leave them to the main thread. Held signals reach a process that is the first of its
    container too, where the kernel drops those without a handler.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield _wait
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _wait() -> None:
    if signal.sigwait(_ENDING) == signal.SIGINT:
        raise KeyboardInterrupt
