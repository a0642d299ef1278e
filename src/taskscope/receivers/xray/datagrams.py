"""X-Ray datagrams, from a UDP socket."""

import socket
import threading

from taskscope.clock import Clock, system_clock
from taskscope.config.access import Allow
from taskscope.counters import Counters
from taskscope.spool.api import DatagramLane
from taskscope.spool.frame import Kind
from taskscope.spool.inlet import Inlet


def receive_xray(
    bound: socket.socket,
    lane: DatagramLane,
    counters: Counters,
    stop: threading.Event,
    *,
    allow: Allow,
    clock: Clock = system_clock,
) -> None:
    """Receive on the calling thread until ``stop`` is set; a datagram without a header is kept as well."""
    Inlet(bound, lane, counters, name="xray", kind=Kind.XRAY_DATAGRAM, allow=allow, clock=clock).receive(stop)
