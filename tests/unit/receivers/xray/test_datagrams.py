"""X-Ray datagrams become frames."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter  # type: ignore[import-untyped] # it ships no types
from aws_xray_sdk.core.models.segment import Segment  # type: ignore[import-untyped] # as above

from taskscope.clock import SECOND, Clock, fixed_clock
from taskscope.config.access import PRIVATE, Allow
from taskscope.counters import Counters
from taskscope.receivers.xray.datagrams import receive_xray
from taskscope.sockets import bind_udp
from taskscope.spool import inlet
from taskscope.spool.frame import Encoding, Frame, Kind
from tests.unit.receivers.doubles import MemoryLane
from tests.unit.receivers.xray.conftest import FIXTURES, NOW, MovedClock

_CAPTURES = sorted(FIXTURES.glob("*.bin"))


class _Running:
    def __init__(self, port: int, lane: MemoryLane, counters: Counters) -> None:
        self.port = port
        self.lane = lane
        self.counters = counters

    def send(self, *bodies: bytes) -> None:
        """Send datagrams from one socket."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for body in bodies:
                sender.sendto(body, ("127.0.0.1", self.port))

    def wait(self, name: str, count: int) -> None:
        """Wait until that much is counted."""
        deadline = time.monotonic() + 10
        while self.counters.value(name) < count:
            assert time.monotonic() < deadline, self.counters.all()
            time.sleep(0.002)


@contextmanager
def _receiving(*, allow: tuple[str, ...] = PRIVATE, clock: Clock | None = None) -> Iterator[_Running]:
    bound = bind_udp("127.0.0.1", 0, flag="--xray-port", buffer_bytes=1 << 20)
    lane, counters, stop = MemoryLane(), Counters(), threading.Event()
    receiver = threading.Thread(
        target=receive_xray,
        args=(bound, lane, counters, stop),
        kwargs={"allow": Allow.parse(allow), "clock": clock or fixed_clock(NOW)},
    )
    receiver.start()
    try:
        yield _Running(bound.getsockname()[1], lane, counters)
    finally:
        stop.set()
        receiver.join()
        bound.close()


def _frame(body: bytes) -> Frame:
    return Frame(Kind.XRAY_DATAGRAM, NOW, body, Encoding.IDENTITY, "127.0.0.1")


def test_recorded_datagrams_are_kept_in_order() -> None:
    """Every dialect that was recorded is kept byte for byte."""
    bodies = [path.read_bytes() for path in _CAPTURES]
    with _receiving() as receiver:
        receiver.send(*bodies)
        receiver.wait("received.xray", len(bodies))

    assert receiver.lane.frames == [_frame(body) for body in bodies]
    assert receiver.counters.value("received_bytes.xray") == sum(map(len, bodies))


def test_emitter_of_the_sdk_is_kept() -> None:
    """A segment that the X-Ray SDK for Python emits arrives whole."""
    segment = Segment("shop", sampled=True)
    segment.close()
    with _receiving() as receiver:
        emitter = UDPEmitter(f"127.0.0.1:{receiver.port}")
        emitter.send_entity(segment)
        emitter._socket.close()
        receiver.wait("received.xray", 1)

    [frame] = receiver.lane.frames
    header, _, document = frame.body.partition(b"\n")
    assert header == b'{"format":"json","version":1}'
    assert document.decode() == segment.serialize()


@pytest.mark.parametrize("body", [b"\n", b"no header", b"\xff" * 65_507, b'{"format":"json","version":1}\n'])
def test_rubbish_is_kept_for_the_quarantine(body: bytes) -> None:
    """What does not read is not thrown away here, up to the largest datagram there is."""
    with _receiving() as receiver:
        receiver.send(body)
        receiver.wait("received.xray", 1)

    assert receiver.lane.frames == [_frame(body)]


def test_empty_datagram_is_dropped_and_counted() -> None:
    """There is nothing in it to keep."""
    with _receiving() as receiver:
        receiver.send(b"", b"x")
        receiver.wait("received.xray", 1)

    assert receiver.lane.frames == [_frame(b"x")]
    assert receiver.counters.value("dropped.xray.empty") == 1


def test_address_that_is_not_allowed_is_dropped_and_counted() -> None:
    """UDP has no token: who may send is told by address."""
    with _receiving(allow=("10.0.0.0/8",)) as receiver:
        receiver.send(b"x")
        receiver.wait("dropped.xray.not_allowed", 1)

    assert receiver.lane.frames == []


def test_full_spool_is_counted() -> None:
    """What the spool does not take is lost, and the number says so."""
    with _receiving() as receiver:
        receiver.lane.full = True
        receiver.send(b"x", b"y")
        receiver.wait("dropped.xray.spool_full", 2)


def test_kernel_drops_are_reported_each_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kernel dropped is looked up when a second has passed, and counted once."""
    dropped = iter([3, 7, 7, *[7] * 1000])
    monkeypatch.setattr(inlet, "kernel_drops", lambda _: next(dropped))
    clock = MovedClock()
    with _receiving(clock=clock) as receiver:
        receiver.send(b"x")
        receiver.wait("received.xray", 1)
        assert receiver.counters.value("dropped.xray.kernel") == 0
        clock.now += SECOND
        receiver.send(b"x")
        receiver.wait("dropped.xray.kernel", 4)

    assert receiver.counters.value("dropped.xray.kernel") == 4


def test_thousand_odd_datagrams_do_no_harm() -> None:
    """Each is one frame, whatever is in it."""
    bodies = [bytes([number % 256]) * (1 + number % 300) for number in range(1000)]
    with _receiving() as receiver:
        for start in range(0, 1000, 50):
            receiver.send(*bodies[start : start + 50])
            receiver.wait("received.xray", start + 50)

    assert [frame.body for frame in receiver.lane.frames] == bodies
