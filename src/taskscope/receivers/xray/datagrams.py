"""The loop that receives X-Ray datagrams: one socket, one thread, one lane of the spool."""

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


def receive_xray(
    bound: socket.socket,
    lane: DatagramLane,
    counters: Counters,
    stop: threading.Event,
    *,
    allow: Allow,
    clock: Clock = system_clock,
) -> None:
    """
    Receive from a UDP socket on the calling thread until ``stop`` is set.

    Every datagram with anything in it is kept, with a header or without: what does not read is quarantined, where it
    can be looked at. A lane is of one thread: a second socket needs another thread and another lane.
    """
    inlet = _Inlet(bound, lane, counters, allow, clock)
    receive_datagrams(bound, inlet.keep, inlet.commit, stop)
    inlet.count_kernel_drops()


class _Inlet:
    """Makes frames of datagrams, and counts once for each burst."""

    def __init__(
        self, bound: socket.socket, lane: DatagramLane, counters: Counters, allow: Allow, clock: Clock
    ) -> None:
        self._bound = bound
        self._lane = lane
        self._counters = counters
        self._allow = allow
        self._clock = clock
        self._datagrams = self._bytes = 0
        self._looked = clock()
        self._kernel_dropped = kernel_drops(bound)

    def keep(self, datagram: bytes, sender: str) -> None:
        """Hold a datagram until the burst is over."""
        if not self._allow.admits(sender):
            self._counters.add("dropped.xray.not_allowed")
        elif not datagram:
            self._counters.add("dropped.xray.empty")
        else:
            self._lane.add(Frame(Kind.XRAY_DATAGRAM, self._clock(), datagram, sender=sender))
            self._datagrams += 1
            self._bytes += len(datagram)

    def commit(self) -> None:
        """Hand the burst to the spool; once a second look at what the kernel dropped."""
        if self._datagrams:
            if dropped := self._lane.commit():
                self._counters.add("dropped.xray.spool_full", dropped)
            self._counters.add("received.xray", self._datagrams)
            self._counters.add("received_bytes.xray", self._bytes)
            self._datagrams = self._bytes = 0
        if abs(self._clock() - self._looked) >= _LOOK:  # abs: a clock that is set back must not end the looking
            self.count_kernel_drops()

    def count_kernel_drops(self) -> None:
        """Count what the kernel dropped since the last look, as the socket's buffer was full."""
        self._looked = self._clock()
        if (dropped := kernel_drops(self._bound)) > self._kernel_dropped:
            self._counters.add("dropped.xray.kernel", dropped - self._kernel_dropped)
            self._kernel_dropped = dropped
