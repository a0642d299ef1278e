"""What is said on start: what listens where, and the lines that point apps at it."""

from collections.abc import Iterator, Mapping

from taskscope.app.processes.listeners import Listeners

_WHAT = {
    "xray-udp": "X-Ray segments (UDP), sampling (TCP)",
    "otlp-grpc": "OTLP over gRPC",
    "otlp-http": "OTLP over HTTP",
    "statsd-udp": "StatsD (UDP)",
    "fluent": "Fluent forward",
    "health": "health and own metrics",
    "api": "API, EventBridge messages",
}


def listening(listeners: Listeners) -> Iterator[str]:
    """Yield a line for each port."""
    for purpose, what in _WHAT.items():
        if purpose == "xray-udp" and _is_split(listeners):
            yield _line("X-Ray segments (UDP)", listeners.address("xray-udp"))
            yield _line("X-Ray sampling (TCP)", listeners.address("xray-tcp"))
        elif purpose in listeners.sockets:
            yield _line(what, listeners.address(purpose))


def environment(listeners: Listeners, *, tls: bool = False) -> Mapping[str, str]:
    """Return the variables that point an app at this collector."""
    found: dict[str, str] = {}
    if "xray-udp" in listeners.sockets:
        udp = _join(*reachable(listeners.address("xray-udp")))
        if _is_split(listeners):
            udp = f"tcp:{_join(*reachable(listeners.address('xray-tcp')))} udp:{udp}"
        found["AWS_XRAY_DAEMON_ADDRESS"] = udp
    if "otlp-http" in listeners.sockets:
        found["OTEL_EXPORTER_OTLP_ENDPOINT"] = url_of(listeners.address("otlp-http"), tls=tls)
        found["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf"
    if "statsd-udp" in listeners.sockets:
        host, port = reachable(listeners.address("statsd-udp"))
        found |= {"DD_AGENT_HOST": host, "DD_DOGSTATSD_PORT": str(port), "STATSD_HOST": host, "STATSD_PORT": str(port)}
    return found


def url_of(address: tuple[str, int], *, tls: bool) -> str:
    """Return the URL at which this machine reaches a server of ours."""
    return f"{'https' if tls else 'http'}://{_join(*reachable(address))}"


def _is_split(listeners: Listeners) -> bool:
    """Whether X-Ray's two protocols have an address each."""
    both = {"xray-udp", "xray-tcp"} <= listeners.sockets.keys()
    return both and listeners.address("xray-udp") != listeners.address("xray-tcp")


def _line(what: str, address: tuple[str, int]) -> str:
    return f"  {what:38}{_join(*address)}"


def reachable(address: tuple[str, int]) -> tuple[str, int]:
    """Return an address that can be sent to: who listens everywhere is found on loopback."""
    host, port = address
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104 (compared, not bound)


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
