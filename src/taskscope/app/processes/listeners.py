"""Every port of a collector, bound before its processes start, who inherit the sockets."""

import socket
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from taskscope.app.settings.config import CollectorConfig, ServerConfig
from taskscope.config.daemon import split_address
from taskscope.errors import UsageError
from taskscope.receivers.statsd.config import StatsdConfig
from taskscope.receivers.xray.config import XrayConfig
from taskscope.sockets import bind_udp, listen_tcp


@dataclass
class Listeners:
    """Bound sockets by purpose. They stay open here, so that a process that starts anew finds what came meanwhile."""

    sockets: dict[str, list[socket.socket]] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def handles(self, *purposes: str) -> dict[str, list[int]]:
        """Return the handles to inherit, of those purposes that are served."""
        return {each: [bound.fileno() for bound in self.sockets[each]] for each in purposes if each in self.sockets}

    def address(self, purpose: str) -> tuple[str, int]:
        """Return where a purpose is served."""
        host, port = self.sockets[purpose][0].getsockname()[:2]
        return host, port

    def ports(self) -> dict[str, int]:
        """Return the port of each purpose."""
        return {purpose: self.address(purpose)[1] for purpose in self.sockets}

    def add(self, purpose: str, bound: socket.socket) -> None:
        """Keep a socket."""
        self.sockets.setdefault(purpose, []).append(self._stack.enter_context(bound))

    def close(self) -> None:
        """Give the ports back."""
        self._stack.close()


def bind_all(config: CollectorConfig, xray: XrayConfig, statsd: StatsdConfig) -> Listeners:
    """
    Bind what the settings ask for.

    Raises:
        UsageError: A port is in use, or not to be had.
    """
    made = Listeners()
    try:
        _bind(made, config, xray, statsd)
    except BaseException:
        made.close()
        raise
    return made


def _bind(made: Listeners, config: CollectorConfig, xray: XrayConfig, statsd: StatsdConfig) -> None:
    host = config.listen
    if "xray" in config.receivers:
        _bind_xray(made, config, xray)
    if "otlp" in config.receivers:
        made.add("otlp-http", listen_tcp(host, config.otlp_http_port, flag="--otlp-http-port"))
        made.add("otlp-grpc", _reserve(host, config.otlp_grpc_port))
    if "statsd" in config.receivers:
        bound = bind_udp(host, config.statsd_port, flag="--statsd-port", buffer_bytes=statsd.receive_buffer_bytes)
        made.add("statsd-udp", bound)
    if "fluent" in config.receivers:
        made.add("fluent", listen_tcp(host, config.fluent_port, flag="--fluent-port"))
    made.add("health", listen_tcp(host, config.health_port, flag="--health-port"))
    if isinstance(config, ServerConfig):
        made.add("api", listen_tcp(host, config.port, flag="--port"))


def _bind_xray(made: Listeners, config: CollectorConfig, xray: XrayConfig) -> None:
    tcp_address = config.listen, config.xray_port
    if config.xray_tcp:
        tcp_address = split_address(config.xray_tcp, name="xray_tcp")
    udp_address = split_address(config.xray_udp, name="xray_udp") if config.xray_udp else None
    tcp, udp = _bind_pair(tcp_address, udp_address, config.listen, xray.receive_buffer_bytes)
    made.add("xray-tcp", tcp)
    made.add("xray-udp", udp)


def _bind_pair(
    tcp_address: tuple[str, int], udp_address: tuple[str, int] | None, host: str, buffer_bytes: int
) -> tuple[socket.socket, socket.socket]:
    """Bind TCP and UDP, by default at one number, as apps are told one address; a free one may be taken on UDP."""
    tries = _TRIES if tcp_address[1] == 0 and udp_address is None else 1
    for left in reversed(range(tries)):
        tcp = listen_tcp(*tcp_address, flag="--xray-port")
        try:
            address = udp_address or (host, tcp.getsockname()[1])
            return tcp, bind_udp(*address, flag="--xray-port", buffer_bytes=buffer_bytes)
        except UsageError:
            tcp.close()
            if not left:
                raise
    raise AssertionError  # the last try returns or raises


_TRIES: Final = 20


def _reserve(host: str, port: int) -> socket.socket:
    """
    Hold a port for processes that bind it themselves, as gRPC's library does; it shares the port and takes nothing.

    The first try is without sharing: another program that shares this port would take half of our connections.
    """
    probe = listen_tcp(host, port, flag="--otlp-grpc-port")
    chosen = probe.getsockname()[1]
    probe.close()
    made = socket.socket(probe.family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((host, chosen))
    return made
