"""Rounds of kills under load: every process of a collector at once or apart, then all of it."""

import socket
import sys
import time
from itertools import count
from typing import Final

from tests.e2e.collect.collector import Collector
from tests.e2e.collect.load import SpanLoad

PROCESSES: Final = ("udp", "otlp-0", "streams", "store")
_HEADER: Final = b'{"format": "json", "version": 1}\n'


class Segments:
    """A sender of X-Ray segments over UDP; a datagram that the kernel took is one that must arrive."""

    def __init__(self, collector: Collector, service: str) -> None:
        self._address = ("127.0.0.1", collector.ports["xray"])
        self._service = service
        self._numbers = count(1)
        self.sent = 0

    def send(self, number: int) -> None:
        """Send that many."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(number):
                document = (
                    f'{{"name": "{self._service}", "id": "{next(self._numbers):016x}", "start_time": {time.time()},'
                    f' "end_time": {time.time()}, "trace_id": "1-{int(time.time()):08x}-{0:024x}"}}'
                )
                sender.sendto(_HEADER + document.encode(), self._address)
        self.sent += number


def kill_in_rounds(collector: Collector, rounds: int) -> None:
    """Kill everything so many times while spans and segments are sent, then check what is stored."""
    load = SpanLoad(collector, "killed", pause=0.005)
    segments = Segments(collector, "segments")
    with load.running() as promises:
        for _ in range(rounds):
            _one_round(collector, segments)
    assert len(promises.acknowledged) > 100 * rounds
    promises.check(collector, "killed")
    statement = "SELECT count(), uniqExact(SpanId) FROM spans WHERE ServiceName = 'segments'"
    collector.until_sql(statement, [[segments.sent, segments.sent]])
    sys.stderr.write(f"{promises}\n")


def _one_round(collector: Collector, segments: Segments) -> None:
    """Kill each process within half a second, wait until all are back; then kill the supervisor, and start again."""
    before = collector.counters()
    for name in PROCESSES:
        collector.kill_process(name)
        segments.send(50)  # while udp is away, or coming back
        time.sleep(0.1)
    for name in PROCESSES:
        collector.until_restarted(name, before, seconds=40)
    collector.kill()
    collector.start()
