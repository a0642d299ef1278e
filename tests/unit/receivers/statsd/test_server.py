"""StatsD datagrams become frames."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from datadog.dogstatsd.base import DogStatsd
from statsd import StatsClient  # type: ignore[import-untyped]  # it ships no types

from taskscope.clock import fixed_clock, system_clock
from taskscope.config.access import PRIVATE, Allow
from taskscope.counters import Counters
from taskscope.receivers.statsd.config import StatsdConfig
from taskscope.receivers.statsd.server import receive_statsd
from taskscope.receivers.statsd.unix_socket import unix_socket
from taskscope.sockets import bind_udp
from taskscope.spool import inlet
from taskscope.spool.frame import Frame, Kind
from tests.unit.receivers.doubles import MemoryLane

_FIXTURES = Path(__file__).parents[3] / "fixtures" / "statsd"


class Running:
    """A receiver on a thread, whose lane tells how much it holds."""

    def __init__(
        self,
        bound: socket.socket,
        *,
        allow: Allow,
        clock: Callable[[], int] = system_clock,
        lane: MemoryLane | None = None,
    ) -> None:
        self.lane = lane or MemoryLane()
        self.counters = Counters()
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=lambda: receive_statsd(bound, self.lane, self.counters, self._stop, allow=allow, clock=clock)
        )
        self._thread.start()

    def stop(self) -> None:
        """End the loop; what was received before is committed."""
        self._stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


@contextmanager
def _receiving(bound: socket.socket, **settings: object) -> Iterator[Running]:
    running = Running(bound, **({"allow": Allow.parse(PRIVATE)} | settings))  # type: ignore[arg-type]  # by name
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    """Give a UDP socket on a free port."""
    with bind_udp("127.0.0.1", 0, flag="--statsd-port", buffer_bytes=1 << 20) as bound:
        yield bound


def _sending(bound: socket.socket) -> socket.socket:
    sender = socket.socket(bound.family, socket.SOCK_DGRAM)
    sender.connect(bound.getsockname())
    return sender


def _until(condition: Callable[[], bool]) -> None:
    waiting = threading.Event()
    for _ in range(500):
        if condition():
            return
        waiting.wait(0.01)
    raise AssertionError("it did not happen within 5 s")


def test_datagrams_are_kept_as_they_came(udp: socket.socket) -> None:
    """Every recorded datagram, of several dialects, byte for byte, with its sender and the time of reception."""
    recorded = [path.read_bytes() for path in sorted(_FIXTURES.glob("*.bin"))]
    with _receiving(udp, clock=fixed_clock(7)) as running, _sending(udp) as sender:
        for each in recorded:
            sender.send(each)
        _until(lambda: len(running.lane.frames) == len(recorded))

    assert running.lane.frames == [Frame(Kind.STATSD_DATAGRAM, 7, each, sender="127.0.0.1") for each in recorded]
    assert running.counters.all() == {
        "received.statsd": len(recorded),
        "received_bytes.statsd": sum(map(len, recorded)),
    }


def test_clients_of_both_dialects_are_understood(udp: socket.socket) -> None:
    """The libraries that apps use send here without a change."""
    host, port = udp.getsockname()
    with _receiving(udp) as running:
        plain = StatsClient(host, port)
        plain.incr("orders")
        plain.close()
        with DogStatsd(host, port, disable_buffering=True, disable_telemetry=True) as dog:
            dog.gauge("queue", 3, tags=["env:prod"])
        dog.close_socket()
        _until(lambda: len(running.lane.frames) == 2)

    assert [frame.body for frame in running.lane.frames] == [b"orders:1|c", b"queue:3|g|#env:prod\n"]


def test_foreign_senders_are_dropped_and_counted(udp: socket.socket) -> None:
    """An address that is not allowed fills no spool."""
    with _receiving(udp, allow=Allow.parse(["10.0.0.0/8"])) as running, _sending(udp) as sender:
        sender.send(b"a:1|c")
        _until(lambda: running.counters.value("dropped.statsd.not_allowed") == 1)

    assert running.lane.frames == []
    assert running.counters.value("received.statsd") == 0


def test_full_spool_is_counted(udp: socket.socket) -> None:
    """Nobody can be told, so it must at least be known."""
    with _receiving(udp) as running, _sending(udp) as sender:
        running.lane.full = True
        sender.send(b"a:1|c")
        _until(lambda: running.counters.value("dropped.statsd.spool_full") == 1)


def test_empty_datagrams_are_nothing(udp: socket.socket) -> None:
    """Health checks send them."""
    with _receiving(udp) as running, _sending(udp) as sender:
        sender.send(b"")
        sender.send(b"a:1|c")
        _until(lambda: len(running.lane.frames) == 1)

    assert running.counters.value("received.statsd") == 1


def test_kernel_drops_are_counted_while_it_runs(udp: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel counts from the socket's beginning: only what is new is added, each second."""
    told = iter([3, 3, 10])
    monkeypatch.setattr(inlet, "kernel_drops", lambda _bound: next(told, 12))
    ticks = iter(range(0, 10**15, 10**9))
    with _receiving(udp, clock=lambda: next(ticks)) as running:
        _until(lambda: running.counters.value("dropped.statsd.kernel") == 9)


def test_drops_of_a_full_socket_are_seen(udp: socket.socket) -> None:
    """The real kernel: a small buffer overflows while the spool takes its time."""
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    entered, release = threading.Event(), threading.Event()

    class Slow(MemoryLane):
        def commit(self) -> int:
            entered.set()
            release.wait(5)
            return super().commit()

    with _receiving(udp, lane=Slow()) as running, _sending(udp) as sender:
        sender.send(b"a:1|c")
        assert entered.wait(5)
        for _ in range(2000):
            sender.send(b"a:1|c" * 100)
        release.set()

    counted = running.counters.all()
    assert 0 < counted["dropped.statsd.kernel"] < 2000
    assert counted["dropped.statsd.kernel"] + counted["received.statsd"] <= 2001


def test_unix_socket_is_served_with_its_mode_and_removed(tmp_path: Path) -> None:
    """Apps that share a volume write to it; its file is gone when the receiver is."""
    path = tmp_path / "dsd.socket"
    with unix_socket(StatsdConfig(socket_path=str(path), socket_mode="0622")) as bound:
        assert path.stat().st_mode & 0o777 == 0o622
        with _receiving(bound) as running:
            with DogStatsd(socket_path=str(path), disable_buffering=True, disable_telemetry=True) as dog:
                dog.increment("orders")
            dog.close_socket()
            _until(lambda: len(running.lane.frames) == 1)
        [frame] = running.lane.frames
        assert (frame.body, frame.sender) == (b"orders:1|c\n", "")
    assert not path.exists()
