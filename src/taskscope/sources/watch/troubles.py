"""What goes wrong while watching: said once, and once more when it is over."""

import logging
import time
from collections.abc import Callable
from typing import Final

from taskscope.errors import CredentialsError, TaskscopeError, ThrottledError

_LOG: Final = logging.getLogger(__name__)
_SHARED: Final[tuple[tuple[type[TaskscopeError], str, str], ...]] = (
    (CredentialsError, "watching waits: {}", "watching goes on: the AWS credentials work again"),
    (ThrottledError, "watching slows down: {}", "watching goes on: AWS does not throttle it any more"),
)
"""What is one trouble, however many looks meet it; with what is said when it begins and when it is over."""
_QUIET_SECONDS: Final = 600.0
"""Before a shared trouble that comes and goes is said anew."""


class Troubles:
    """Remembers what was said."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` gives seconds that only grow."""
        self._clock = clock
        self._said: dict[str, str] = {}
        self._sharing: dict[type[TaskscopeError], set[str]] = {kind: set() for kind, _, _ in _SHARED}
        self._quiet_until: dict[type[TaskscopeError], float] = {}

    def failed(self, what: str, error: TaskscopeError) -> None:
        """Say that a look has failed, if that is news."""
        for kind, text, _ in _SHARED:
            if isinstance(error, kind):
                self._share(kind, what, text.format(error))
                return
        self.say(what, f"{what} cannot be watched for now: {error}")

    def _share(self, kind: type[TaskscopeError], what: str, text: str) -> None:
        now = self._clock()
        if not self._sharing[kind] and now >= self._quiet_until.get(kind, now):
            self._quiet_until[kind] = now + _QUIET_SECONDS
            self._said[kind.__name__] = text
            _LOG.warning("%s", text)
        self._sharing[kind].add(what)

    def worked(self, what: str) -> None:
        """Say that a look works again, if it did not."""
        for kind, _, over in _SHARED:
            self._sharing[kind].discard(what)
            if not self._sharing[kind]:
                self.over(kind.__name__, over)
        self.over(what, f"{what}: watched again")

    def forget(self, what: str) -> None:
        """Take it that a look is not made any more."""
        self._said.pop(what, None)
        for sharing in self._sharing.values():
            sharing.discard(what)

    def say(self, key: str, text: str) -> None:
        """Say something, unless it was said of this key last."""
        if self._said.get(key) != text:
            self._said[key] = text
            _LOG.warning("%s", text)

    def over(self, key: str, text: str) -> None:
        """Say that it is over, if anything was said of this key."""
        if self._said.pop(key, None) is not None:
            _LOG.warning("%s", text)
