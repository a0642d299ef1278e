"""How sinks deliver a batch that takes several calls: side by side, and no call twice that got through."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from taskscope.errors import AccessError, TaskscopeError, UnavailableError, UsageError
from taskscope.sinks.api import Rejected

_T = TypeVar("_T")

_REMEMBERED: Final = 256
"""Batches under way or interrupted, of which is known what got through; many more than threads bring at once."""
_REFUSALS: Final = 40
"""Refused calls after which a part is no longer divided: finding one bad event of 10,000 takes 14."""


class Partwise:
    """
    Delivers the parts of batches and remembers, until a batch is complete, which of its parts were taken.

    A retry brings the same rows under the same token, so they are cut into the same parts: those that were taken are
    not sent again. What is remembered is lost with the process; then the batch is sent whole once more.
    """

    def __init__(self, parallel: int, *, name: str) -> None:
        """Send up to ``parallel`` parts at once beside the only parts of small batches; ``name`` is of the threads."""
        self._pool = ThreadPoolExecutor(parallel, thread_name_prefix=name)
        self._taken: OrderedDict[Hashable, dict[int, Sequence[Rejected]]] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False

    def run(self, key: Hashable, parts: Sequence[_T], send: Callable[[_T], Sequence[Rejected]]) -> Sequence[Rejected]:
        """
        Send each part that was not taken before, and return what was rejected of all of them.

        After a failure the parts that wait are not tried. Missing permissions and wrong settings count as failures a
        retry may help: they say nothing about the batch, which waits until they are put right.

        Raises:
            UnavailableError: Not all parts were taken.
        """
        taken = self._begin(key)
        failures: list[TaskscopeError] = []

        def deliver(index: int) -> None:
            if failures or index in taken:
                return
            if self._closed:
                failures.append(UnavailableError("the sink is closed"))
                return
            try:
                taken[index] = send(parts[index])
            except (UnavailableError, AccessError, UsageError) as error:
                failures.append(error)

        if len(parts) == 1 or self._closed:
            for index in range(len(parts)):
                deliver(index)
        else:
            try:
                list(self._pool.map(deliver, range(len(parts))))
            except RuntimeError as error:  # the pool was shut down while it was handed the parts
                if not self._closed:
                    raise
                raise UnavailableError("the sink is closed") from error
        if failures:
            raise _unavailable(failures[0]) from failures[0]
        with self._lock:
            self._taken.pop(key, None)
        return [each for index in sorted(taken) for each in taken[index]]

    def close(self) -> None:
        """Begin no more calls, and wait for those under way; safe to call twice."""
        self._closed = True
        self._pool.shutdown()

    def _begin(self, key: Hashable) -> dict[int, Sequence[Rejected]]:
        with self._lock:
            taken = self._taken.setdefault(key, {})
            self._taken.move_to_end(key)
            if len(self._taken) > _REMEMBERED:
                self._taken.popitem(last=False)
            return taken


def _unavailable(error: TaskscopeError) -> UnavailableError:
    return error if isinstance(error, UnavailableError) else UnavailableError(error.message, hint=error.hint)


def divide_refused(
    items: Sequence[_T],
    send: Callable[[Sequence[_T]], Sequence[Rejected]],
    reject: Callable[[_T, str], Sequence[Rejected]],
) -> Sequence[Rejected]:
    """
    Send items in one call; if that is refused as a whole, in halves, until what is bad in it stands alone.

    Raises:
        UnavailableError: A retry may help.
        AccessError: The call is not permitted, whatever its items are.
        UsageError: Settings keep every call from being made.
    """
    rejected: list[Rejected] = []
    refusals = 0
    waiting = [items]
    while waiting:
        some = waiting.pop()
        try:
            rejected.extend(send(some))
        except (UnavailableError, AccessError, UsageError):
            raise
        except TaskscopeError as error:
            refusals += 1
            if len(some) == 1 or refusals > _REFUSALS:
                rejected.extend(one for each in some for one in reject(each, str(error)))
            else:
                half = len(some) // 2
                waiting += [some[half:], some[:half]]
    return rejected
