"""The process of UDP: threads that receive and append, and nothing that could keep them from it."""

import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Final, TypeAlias

from taskscope.app.processes.context import Context
from taskscope.receivers.statsd.config import StatsdConfig
from taskscope.receivers.statsd.server import receive_statsd
from taskscope.receivers.statsd.unix_socket import unix_socket
from taskscope.receivers.xray.datagrams import receive_xray
from taskscope.spool.datagrams import DatagramWriter

Loop: TypeAlias = Callable[[threading.Event], None]

PURPOSES: Final = {"xray-udp": ("xray", receive_xray), "statsd-udp": ("statsd", receive_statsd)}


def run_datagrams(context: Context, ready: Callable[[], None], wait: Callable[[], None]) -> None:
    """Receive on every inherited UDP socket until ``wait`` returns."""
    stop = threading.Event()
    with ExitStack() as stack:
        threads = [threading.Thread(target=loop, args=(stop,), daemon=True) for loop in _loops(context, stack)]
        for thread in threads:
            thread.start()
        ready()
        wait()
        stop.set()
        for thread in threads:
            thread.join()


def _loops(context: Context, stack: ExitStack) -> list[Loop]:
    loops: list[Loop] = []
    for purpose, (receiver, receive) in PURPOSES.items():
        sockets = context.sockets(purpose)
        if purpose == "statsd-udp" and "statsd-udp" in context.plan.sockets:
            config = context.plan.component(StatsdConfig, "statsd")
            if config.socket_path:
                sockets.append(stack.enter_context(unix_socket(config)))
        for number, bound in enumerate(sockets):
            writer = context.spool.writer(f"{receiver}-{number}")
            lane = stack.enter_context(closing(DatagramWriter(writer)))
            loops.append(_loop(receive, bound, lane, context))
    return loops


def _loop(receive: Callable[..., None], bound: socket.socket, lane: DatagramWriter, context: Context) -> Loop:
    return lambda stop: receive(bound, lane, context.counters, stop, allow=context.allow)
