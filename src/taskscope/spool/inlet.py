"""Datagrams into a lane: framed, counted, and with them those that were lost."""

import socket
import threading
from typing import Final

from taskscope.clock import SECOND, Clock, system_clock
from taskscope.config.access import Allow
from taskscope.counters import Counters
from taskscope.sockets import kernel_drops, receive_datagrams
from taskscope.spool.api import DatagramLane
from taskscope.spool.frame import Frame, Kind

_LOOK: Final = SECOND
"""How often the kernel is asked what it dropped."""


class Inlet:
    """
    Makes frames of the datagrams of one socket, on one thread; counts once for each burst.

    Every datagram with anything in it is kept: what does not read is quarantined later, where it can be looked at.
    """

    def __init__(
        self,
        bound: socket.socket,
        lane: DatagramLane,
        counters: Counters,
        *,
        name: str,
        kind: Kind,
        allow: Allow,
        clock: Clock = system_clock,
    ) -> None:
        """``name`` is the receiver's, of its counters; a lane is of one thread, so each socket has its own."""
        self._bound = bound
        self._lane = lane
        self._counters = counters
        self._name = name
        self._kind = kind
        self._allow = allow
        self._clock = clock
        self._datagrams = self._bytes = 0
        self._looked = clock()
        self._kernel_dropped = kernel_drops(bound)

    def receive(self, stop: threading.Event) -> None:
        """Receive on the calling thread until ``stop`` is set."""
        receive_datagrams(self._bound, self._keep, self._commit, stop)
        self._count_kernel_drops()

    def _keep(self, datagram: bytes, sender: str) -> None:
        """Hold a datagram until the burst is over."""
        if not self._allow.admits(sender):
            self._counters.add(f"dropped.{self._name}.not_allowed")
        elif not datagram:
            self._counters.add(f"dropped.{self._name}.empty")
        else:
            self._lane.add(Frame(self._kind, self._clock(), datagram, sender=sender))
            self._datagrams += 1
            self._bytes += len(datagram)

    def _commit(self) -> None:
        """Hand the burst to the spool; once a second look at what the kernel dropped."""
        if self._datagrams:
            if dropped := self._lane.commit():
                self._counters.add(f"dropped.{self._name}.spool_full", dropped)
            self._counters.add(f"received.{self._name}", self._datagrams)
            self._counters.add(f"received_bytes.{self._name}", self._bytes)
            self._datagrams = self._bytes = 0
        if abs(self._clock() - self._looked) >= _LOOK:  # abs: a clock that is set back must not end the looking
            self._count_kernel_drops()

    def _count_kernel_drops(self) -> None:
        """Count what the kernel dropped since the last look, as the socket's buffer was full."""
        self._looked = self._clock()
        if (dropped := kernel_drops(self._bound)) > self._kernel_dropped:
            self._counters.add(f"dropped.{self._name}.kernel", dropped - self._kernel_dropped)
            self._kernel_dropped = dropped
