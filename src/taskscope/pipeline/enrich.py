"""Who is behind an address: the own task of a sidecar, or tasks whose state changes told their addresses."""

import ipaddress
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol

from taskscope.clock import SECOND, Clock, system_clock
from taskscope.errors import TaskscopeError
from taskscope.model.change import EcsChange, Subject
from taskscope.model.resource import Resource
from taskscope.pipeline.origin import Origin, from_metadata, from_task

_LOG: Final = logging.getLogger(__name__)

_READ_AGAIN: Final = 10 * SECOND
"""A sender that is not known may be a container that started after the collector; others are not worth more."""
_GRACE: Final = 60 * SECOND
"""What a task sent before it stopped is read by then; afterwards its address may be another's."""
_MOST_ADDRESSES: Final = 50_000
_ENDED: Final = frozenset({"DEPROVISIONING", "STOPPED", "DELETED"})


class Addresses(Protocol):
    """Knows tasks by their addresses."""

    def origin(self, sender: str) -> Origin | None:
        """Return the task at an address; None if none is known there."""
        ...


class Enricher:
    """Adds what senders do not say of themselves, from the first of several registers that knows their address."""

    def __init__(self, *registers: Addresses) -> None:
        self._registers = registers

    def knows(self, sender: str) -> bool:
        """Whether anything could be added for an address."""
        return self._origin(sender) is not None

    def enrich(self, resource: Resource, sender: str) -> Resource:
        """Return the resource, with what is known of the sender and not said in it."""
        origin = self._origin(sender)
        return resource if origin is None else origin.add_to(resource, sender)

    def _origin(self, sender: str) -> Origin | None:
        return next((found for each in self._registers if (found := each.origin(sender)) is not None), None)


class OwnTask:
    """
    The task that this process is a container of: senders on loopback, at the task's addresses, or without one.

    Read when it is first asked for, and again when a sender is not known: in bridge mode each container has an address,
    and gets it when it starts. May be used by several threads.
    """

    def __init__(self, read: Callable[[], Mapping[str, Any]], *, clock: Clock = system_clock) -> None:
        """``read`` returns the answer of the task metadata endpoint; its errors are said once, and tried again."""
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._origin: Origin | None = None
        self._read_at: int | None = None
        self._failing = False

    def origin(self, sender: str) -> Origin | None:
        """Return the own task, if the sender is in it."""
        if (found := self._match(sender)) is not None or not self._due():
            return found
        with self._lock:
            if self._due():
                self._refresh()
        return self._match(sender)

    def _match(self, sender: str) -> Origin | None:
        own = self._origin
        return own if own is not None and (_is_local(sender) or sender in own.addresses) else None

    def _due(self) -> bool:
        return self._read_at is None or abs(self._clock() - self._read_at) >= _READ_AGAIN

    def _refresh(self) -> None:
        try:
            self._origin = from_metadata(self._read())
            self._failing = False
        except (TaskscopeError, KeyError) as error:
            if not self._failing:
                _LOG.warning("telemetry is not labelled with its task for now: %s", error)
            self._failing = True
        self._read_at = self._clock()


@lru_cache(maxsize=4096)
def _is_local(sender: str) -> bool:
    try:
        return not sender or ipaddress.ip_address(sender.partition("%")[0]).is_loopback
    except ValueError:
        return False


@dataclass(slots=True)
class _Known:
    version: int
    time_ns: int
    origin: Origin
    until_ns: int | None
    """When the address may have become another's; None while the task runs."""


class TaskAddresses:
    """
    Tasks that have an address of their own (awsvpc), as their state changes tell; may be used by several threads.

    State changes come in any order, and more than once: the highest version of a task counts, and of two tasks at one
    address the one that changed last. Of more than 50,000 addresses those that were told longest ago are forgotten.
    """

    def __init__(self, *, clock: Clock = system_clock, grace_ns: int = _GRACE, most: int = _MOST_ADDRESSES) -> None:
        self._clock = clock
        self._grace = grace_ns
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def learn(self, change: EcsChange) -> None:
        """Take notice of a change; of all but tasks there is nothing to learn."""
        if change.subject != Subject.TASK:
            return
        try:
            origin = from_task(change.document)
        except (AttributeError, KeyError, TypeError, ValueError):  # of no shape that ECS sends: it tells nothing
            return
        until = self._clock() + self._grace if change.document.get("lastStatus") in _ENDED else None
        with self._lock:
            for address in origin.addresses:
                self._note(address, _Known(change.version, change.time_ns, origin, until))
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def origin(self, sender: str) -> Origin | None:
        """Return the task at an address, until it has been stopped for the grace period."""
        if not self._known:  # asked for each frame, and mostly there is nothing to know
            return None
        with self._lock:
            known = self._known.get(sender)
        if known is None or (known.until_ns is not None and self._clock() >= known.until_ns):
            return None
        return known.origin

    def _note(self, address: str, new: _Known) -> None:
        old = self._known.get(address)
        if old is not None:
            same = old.origin.task_arn == new.origin.task_arn
            if (same and new.version <= old.version) or (not same and new.time_ns < old.time_ns):
                return
            if same and old.until_ns is not None and new.until_ns is not None:
                new.until_ns = old.until_ns  # a task stops once: later messages of its end do not put it off
        self._known[address] = new
        self._known.move_to_end(address)
