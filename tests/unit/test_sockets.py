"""Sockets as receivers need them; real ones, on loopback."""

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from taskscope import sockets
from taskscope.errors import UsageError
from taskscope.sockets import bind_udp, kernel_drops, listen_tcp, receive_datagrams


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as tried:
            tried.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="NEEDS IPv6 on loopback")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="NEEDS LINUX: its /proc and its socket options")

_TICK = 0.005
"""Seconds; the test's wait for a thread, which ends as soon as the thread is there."""


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """Close the sockets that a test enters."""
    with ExitStack() as stack:
        yield stack


def _sender(closing: ExitStack, to: socket.socket) -> socket.socket:
    made = closing.enter_context(socket.socket(to.family, socket.SOCK_DGRAM))
    made.connect(to.getsockname())
    return made


@contextmanager
def _receiving(bound: socket.socket) -> Iterator[tuple[list[object], threading.Event, threading.Thread]]:
    """Receive on a thread; what is kept, and each commit, is in the list."""
    seen: list[object] = []
    stop = threading.Event()

    def keep(datagram: bytes, sender: str) -> None:
        seen.append((datagram, sender))

    thread = threading.Thread(target=receive_datagrams, args=(bound, keep, lambda: seen.append("commit"), stop))
    thread.start()
    try:
        yield seen, stop, thread
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=needs_ipv6), "localhost"])
def test_free_port_is_taken_for_0(closing: ExitStack, host: str) -> None:
    """Of IPv4 and IPv6; who listens can be connected to."""
    bound = closing.enter_context(listen_tcp(host, 0, flag="--otlp-http-port"))

    port = bound.getsockname()[1]
    assert port > 0
    with socket.create_connection((host, port), timeout=5):
        pass


def test_listening_socket_says_tcp(closing: ExitStack) -> None:
    """Asyncio turns Nagle's algorithm off for such sockets only."""
    assert closing.enter_context(listen_tcp("127.0.0.1", 0, flag="--port")).proto == socket.IPPROTO_TCP


def test_port_in_use_is_told_with_its_flag(closing: ExitStack) -> None:
    """Over TCP and UDP."""
    tcp = closing.enter_context(listen_tcp("127.0.0.1", 0, flag="--port")).getsockname()[1]
    udp = closing.enter_context(bind_udp("127.0.0.1", 0, flag="--xray-port", buffer_bytes=4096)).getsockname()[1]

    with pytest.raises(UsageError, match=rf"port {tcp} of 127\.0\.0\.1 is in use \(choose another with --port "):
        listen_tcp("127.0.0.1", tcp, flag="--port")
    with pytest.raises(UsageError, match=rf"port {udp} of 127\.0\.0\.1 is in use \(choose another with --xray-port "):
        bind_udp("127.0.0.1", udp, flag="--xray-port", buffer_bytes=4096)


def test_processes_can_share_a_port(closing: ExitStack) -> None:
    """If each of them asks for it."""
    first = closing.enter_context(listen_tcp("127.0.0.1", 0, flag="--port", reuse_port=True))
    port = first.getsockname()[1]

    second = closing.enter_context(listen_tcp("127.0.0.1", port, flag="--port", reuse_port=True))
    assert second.getsockname()[1] == port
    with pytest.raises(UsageError, match="is in use"):
        listen_tcp("127.0.0.1", port, flag="--port")


@pytest.mark.parametrize(
    ("host", "port"),
    [("192.0.2.1", 0), ("127.0.0.1", 65_536), ("127.0.0.1", -1), ("a..b", 0), ("x" * 64, 0)],
)
def test_address_that_cannot_be_had_is_told(host: str, port: int) -> None:
    """An address of another machine, a port beyond the last, a name that is none."""
    with pytest.raises(UsageError, match=f"^port {port} of {host} cannot be had: ."):
        listen_tcp(host, port, flag="--port")
    with pytest.raises(UsageError, match=f"^port {port} of {host} cannot be had: ."):
        bind_udp(host, port, flag="--xray-port", buffer_bytes=4096)


@needs_linux
@pytest.mark.skipif(os.geteuid() != 0, reason="NEEDS ROOT to have a buffer beyond net.core.rmem_max")
def test_buffer_may_be_beyond_the_limit_for_root(closing: ExitStack) -> None:
    """The kernel doubles what is asked for, for its own bookkeeping."""
    limit = int(Path("/proc/sys/net/core/rmem_max").read_text(encoding="ascii"))
    bound = closing.enter_context(bind_udp("127.0.0.1", 0, flag="--xray-port", buffer_bytes=2 * limit))

    assert bound.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 4 * limit


@needs_linux
def test_buffer_is_what_the_kernel_allows_to_others(closing: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than asked for is no error."""
    monkeypatch.setattr(sockets, "_SO_RCVBUFFORCE", 9999)
    limit = int(Path("/proc/sys/net/core/rmem_max").read_text(encoding="ascii"))
    bound = closing.enter_context(bind_udp("127.0.0.1", 0, flag="--xray-port", buffer_bytes=2 * limit))

    assert bound.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) == 2 * limit


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=needs_ipv6)])
def test_each_datagram_is_kept_with_its_sender_and_then_committed(closing: ExitStack, host: str) -> None:
    """In order; an empty one is a datagram too, and the largest that UDP has arrives whole."""
    bound = closing.enter_context(bind_udp(host, 0, flag="--xray-port", buffer_bytes=1 << 20))
    sender = _sender(closing, bound)
    sent = [b"one", b"", b"x" * 65_507]
    for each in sent:
        sender.send(each)

    committed = threading.Event()
    stop = threading.Event()
    seen: list[tuple[bytes, str]] = []

    def commit() -> None:
        if len(seen) == len(sent):
            committed.set()
            stop.set()

    receive_datagrams(bound, lambda datagram, address: seen.append((datagram, address)), commit, stop)

    assert committed.is_set()
    assert seen == [(each, host) for each in sent]


def test_burst_is_committed_before_it_ends(closing: ExitStack) -> None:
    """Or a sender that never pauses would never have anything kept."""
    bound = closing.enter_context(bind_udp("127.0.0.1", 0, flag="--xray-port", buffer_bytes=4 << 20))
    sender = _sender(closing, bound)
    for number in range(600):
        sender.send(b"%d" % number)

    stop, sizes, held = threading.Event(), [], 0

    def keep(datagram: bytes, _sender: str) -> None:
        nonlocal held
        held += 1
        if datagram == b"599":
            stop.set()

    def commit() -> None:
        nonlocal held
        sizes.append(held)
        held = 0

    receive_datagrams(bound, keep, commit, stop)

    assert sizes == [256, 256, 88]


def test_sender_of_a_unix_socket_has_no_address(closing: ExitStack, tmp_path: Path) -> None:
    """It is on this machine."""
    bound = closing.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
    bound.bind(str(tmp_path / "statsd.sock"))
    _sender(closing, bound).send(b"jobs:1|c")

    with _receiving(bound) as (seen, stop, thread):
        while not seen:
            thread.join(_TICK)
        stop.set()

    assert seen[0] == (b"jobs:1|c", "")


def test_silent_receiver_stops_when_told(closing: ExitStack) -> None:
    """Without a datagram to wake it, and it commits at its end."""
    bound = closing.enter_context(bind_udp("127.0.0.1", 0, flag="--xray-port", buffer_bytes=4096))

    with _receiving(bound) as (seen, stop, thread):
        stop.set()
        thread.join(5)
        assert not thread.is_alive()

    assert seen[-1] == "commit"


@needs_linux
def test_what_the_kernel_drops_is_known(closing: ExitStack) -> None:
    """What was sent was either received or dropped; another socket's drops are not counted here."""
    small = closing.enter_context(bind_udp("127.0.0.1", 0, flag="--xray-port", buffer_bytes=8192))
    other = closing.enter_context(bind_udp("127.0.0.1", 0, flag="--statsd-port", buffer_bytes=8192))
    assert kernel_drops(small) == 0

    sender = _sender(closing, small)
    for _ in range(200):
        sender.send(bytes(1000))
    small.settimeout(0)
    received = 0
    while True:
        try:
            small.recv(2048)
        except BlockingIOError:
            break
        received += 1

    assert 0 < received < 200
    assert kernel_drops(small) == 200 - received
    assert kernel_drops(other) == 0


@needs_ipv6
@needs_linux
def test_drops_of_ipv6_are_known_too(closing: ExitStack) -> None:
    """They are in a table of their own."""
    bound = closing.enter_context(bind_udp("::1", 0, flag="--xray-port", buffer_bytes=4096))
    sender = _sender(closing, bound)
    for _ in range(100):
        sender.send(bytes(1000))

    assert kernel_drops(bound) > 0


def test_socket_that_the_kernel_does_not_list_has_dropped_nothing(closing: ExitStack) -> None:
    """As a unix socket, whose sender waits."""
    assert kernel_drops(closing.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))) == 0
