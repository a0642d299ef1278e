"""stdout and stderr as a command finds them: closed, full, or with a reader that goes away."""

import os
import select
import sys


def prepare() -> None:
    """Make both streams writable: a closed one swallows everything, and no character is too much for an encoding."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 (it stays to the end)
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def abandon() -> None:
    """Send what is still to be written nowhere, so that the interpreter's last flush has nothing to complain of."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())


def reader_gone() -> bool:
    """Whether nobody reads stdout any more: a command that has nothing to write for hours would not learn of it."""
    try:
        asked = select.poll()
        asked.register(sys.stdout.fileno(), 0)  # errors are reported unasked
        return any(events & select.POLLERR for _, events in asked.poll(0))
    except (OSError, ValueError, AttributeError):  # no descriptor; no poll on this system
        return False


def flush() -> None:
    """
    Write out what is buffered.

    Raises:
        BrokenPipeError: The reader of stdout has gone.
        OSError: stdout cannot be written, as on a full disk.
    """
    sys.stdout.flush()
