"""The unix datagram socket of the StatsD receiver: made with its mode, removed when it ends."""

import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from taskscope.errors import UsageError
from taskscope.receivers.statsd.config import StatsdConfig


@contextmanager
def unix_socket(config: StatsdConfig) -> Iterator[socket.socket]:
    """
    Give the socket of ``config.socket_path``; its file is removed at the end.

    Raises:
        UsageError: Another program listens there, the path is no socket, or this user may not make it.
    """
    path = Path(config.socket_path)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        _remove_left_over(path)
        made.bind(str(path))
        path.chmod(int(config.socket_mode, 8))
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, config.receive_buffer_bytes)
    except OSError as error:
        made.close()
        raise UsageError(f"the socket {path} cannot be made: {error.strerror}", hint="choose another path") from None
    except UsageError:
        made.close()
        raise
    own = path.stat().st_ino
    with made:
        try:
            yield made
        finally:
            with suppress(FileNotFoundError):
                if path.stat().st_ino == own:  # else a successor has made its own there
                    path.unlink()


def _remove_left_over(path: Path) -> None:
    """
    Remove the file of a program that ended without doing so.

    Raises:
        UsageError: The file is no socket, or somebody still receives from it.
    """
    try:
        kind = path.stat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise UsageError(f"{path} exists and is no socket", hint="choose another path, or remove the file")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise UsageError(f"another program receives from the socket {path}", hint="stop it, or choose another path")
