"""Looks at AWS, each when it is due; one after the other, so that the budget is all that sets the pace."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from taskscope.errors import TaskscopeError, ThrottledError
from taskscope.sources.watch.budget import Budget, StoppedError
from taskscope.sources.watch.troubles import Troubles

_LOG: Final = logging.getLogger(__name__)
_LONGEST_PAUSE: Final = 30.0
"""After failures, in intervals: five minutes where they are 10 s."""
_DOUBLINGS: Final = 10
"""Beyond, more of them change nothing, and 1024 are too many for a number: a permission may be missing for weeks."""
_LONGEST_QUIET_SECONDS: Final = 60.0
"""For all looks when AWS throttles one: it throttles each operation by itself, and the others are not to be blind."""
_LATE: Final = 0.5
"""So much of its interval late is worth a word."""
_QUIET_SECONDS: Final = 600.0
"""Without a late look, until that is said anew."""


@dataclass(eq=False)
class Look:
    """Something that is looked at again and again."""

    what: str
    """For people, such as ``the tasks of cluster prod``."""
    do: Callable[[], None]
    every: Callable[[], float]
    """Seconds until the next one, asked after each."""
    due: float = 0.0
    failures: int = 0


class Schedule:
    """Runs looks in the order in which they are due."""

    def __init__(
        self,
        budget: Budget,
        troubles: Troubles,
        *,
        stopped: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._budget = budget
        self._troubles = troubles
        self._stopped = stopped
        self._clock = clock
        self._looks: list[Look] = []
        self._late_at = float("-inf")

    def add(self, look: Look) -> None:
        """Run a look from now on."""
        look.due = self._clock()
        self._looks.append(look)

    def remove(self, look: Look) -> None:
        """Run it no more; safe for one that is not there."""
        if look in self._looks:
            self._looks.remove(look)
            self._troubles.forget(look.what)

    def hurry(self, look: Look) -> None:
        """Run a look as soon as may be, unless it fails."""
        if not look.failures:
            look.due = min(look.due, self._clock())

    def run(self) -> None:
        """Look until watching is to end."""
        try:
            while not self._stopped.is_set():
                look = min(self._looks, key=lambda each: each.due)
                if self._stopped.wait(max(0.0, look.due - self._clock())):
                    return
                self._run(look)
        except StoppedError:
            return

    def _run(self, look: Look) -> None:
        self._note_lateness(look)
        began = self._clock()
        try:
            look.do()
        except TaskscopeError as error:
            self._failed(look, error)
        except StoppedError:
            raise
        except Exception:  # noqa: BLE001 (an answer of AWS that we have a fault with must not end the other looks)
            _LOG.exception("%s cannot be watched", look.what)
            self._failed(look, None)
        else:
            look.failures = 0
            self._troubles.worked(look.what)
            look.due = max(began + look.every(), self._clock())

    def _failed(self, look: Look, error: TaskscopeError | None) -> None:
        """Wait longer with each failure; a throttled account is left alone by all looks."""
        if self._stopped.is_set():
            return
        look.failures += 1
        pause = look.every() * min(_LONGEST_PAUSE, 2.0 ** min(look.failures, _DOUBLINGS))
        look.due = self._clock() + pause
        if error is not None:
            self._troubles.failed(look.what, error)
        if isinstance(error, ThrottledError):
            self._budget.close_for(min(pause / 4, _LONGEST_QUIET_SECONDS))

    def _note_lateness(self, look: Look) -> None:
        now = self._clock()
        late = now - look.due
        key, waited = "budget", now - self._budget.waited_at < max(late, 1.0)
        if waited and not look.failures and late > _LATE * look.every():
            self._late_at = now
            self._troubles.say(
                key,
                "AWS may be asked too rarely for all that is watched, so looks come later; "
                "raise --watch-requests-per-minute or --watch-interval, or watch less",
            )
        elif now - self._late_at > _QUIET_SECONDS:
            self._troubles.over(key, "watching keeps up with its interval again")
