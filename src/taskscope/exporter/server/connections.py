"""The connections that are open, each with the moment by which something has to happen on it."""

import contextlib
import socket
import threading
import time
from dataclasses import dataclass


@dataclass(slots=True)
class _State:
    since: float
    deadline: float
    is_idle: bool
    is_kept: bool
    is_answered: bool = False


class Connections:
    """
    Cuts connections whose peer is too slow; threads may share it.

    A socket's own timeout would hold for each byte: a peer that sends one of them every few seconds would keep its
    thread forever.
    """

    def __init__(self) -> None:
        self._states: dict[socket.socket, _State] = {}
        self._changed = threading.Condition()

    def __len__(self) -> int:
        with self._changed:
            return len(self._states)

    def expect(
        self, connection: socket.socket, seconds: float, *, is_idle: bool = False, is_kept: bool = False
    ) -> None:
        """
        Cut the connection in so many seconds, unless it is expected anew or forgotten before.

        ``is_idle``: nothing of a request has come yet; ``is_kept``: of another one.
        """
        now = time.monotonic()
        with self._changed:
            self._states[connection] = _State(now, now + seconds, is_idle, is_kept)

    def hold(self, connection: socket.socket) -> None:
        """Take no room from the connection: its request has come, and is being answered."""
        with self._changed:
            if connection in self._states:
                self._states[connection].is_answered = True

    def forget(self, connection: socket.socket) -> None:
        """Leave a connection alone: it is about to be closed."""
        with self._changed:
            self._states.pop(connection, None)
            self._changed.notify_all()

    def cut_late(self) -> None:
        """Cut those whose time is over."""
        now = time.monotonic()
        with self._changed:
            for connection, state in self._states.items():
                if state.deadline < now:
                    _cut(connection)

    def make_room(self) -> bool:
        """
        Cut the connection that waits longest for a request to come to its end, else for the next one to begin.

        Returns:
            Whether there was one.
        """
        with self._changed:
            waiting = [
                (state.is_kept, state.since, each) for each, state in self._states.items() if not state.is_answered
            ]
            if not waiting:
                return False
            _, _, longest = min(waiting, key=lambda each: each[:2])
            del self._states[longest]
            _cut(longest)
            return True

    def end(self, grace_seconds: float) -> None:
        """Cut those that wait for a request at once, and the others when they are answered or the grace is over."""
        with self._changed:
            for connection, state in self._states.items():
                if state.is_idle:
                    _cut(connection)
            self._changed.wait_for(lambda: not self._states, grace_seconds)
            for connection in self._states:
                _cut(connection)


def _cut(connection: socket.socket) -> None:
    """Shut a connection down, which wakes the thread that reads or writes; the thread closes it."""
    with contextlib.suppress(OSError):
        # Not SSLSocket.shutdown(), which takes TLS away from under that thread.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
