"""Targets in a file, for Prometheus' ``file_sd_configs``."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from taskscope.cli.discover.rounds import Rounds
from taskscope.errors import UsageError

_READABLE = 0o644
"""Prometheus is another user than who runs the discovery."""


def write_atomically(path: Path, content: bytes) -> bool:
    """
    Replace a file at once; one that has this content stays as it is, and is not read again by who watches it.

    Returns:
        Whether it was written.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        if path.is_file() and path.read_bytes() == content:
            return False
        # In the same folder, which makes the replacement one step; no .json at its end, which Prometheus would read.
        descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                os.fchmod(file.fileno(), _READABLE)
            Path(draft).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(draft).unlink()
            raise
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}", hint="give another --file") from None
    return True


def keep_file(path: Path, rounds: Rounds, *, pause: Callable[[], bool], say: Callable[[str], None]) -> None:
    """
    Keep a file up to date until ``pause`` says that it is over; when a look fails, the file stays as it is.

    Raises:
        TaskscopeError: The first look fails by something that a retry cannot help, or the file cannot be written then.
    """
    if rounds.first():
        write_atomically(path, rounds.content or b"")
    while not pause():
        if rounds.again():
            try:
                write_atomically(path, rounds.content or b"")
            except UsageError as error:
                say(str(error))
