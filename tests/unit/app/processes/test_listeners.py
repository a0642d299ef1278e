"""Ports: bound before anything starts, or refused with the flag that chooses another."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from taskscope.app.processes import announce, listeners
from taskscope.app.processes.listeners import Listeners, bind_all
from taskscope.app.settings.config import CollectorConfig, ServerConfig
from taskscope.errors import UsageError
from taskscope.receivers.statsd.config import StatsdConfig
from taskscope.receivers.xray.config import XrayConfig
from taskscope.sockets import bind_udp

_FREE: dict[str, Any] = {
    "xray_port": 0, "otlp_grpc_port": 0, "otlp_http_port": 0, "statsd_port": 0, "fluent_port": 0, "health_port": 0,
}  # fmt: skip
_EVERY = ["fluent", "health", "otlp-grpc", "otlp-http", "statsd-udp", "xray-tcp", "xray-udp"]


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind(("::1", 0))
    except OSError:
        return False
    return True


def _bind(config: CollectorConfig) -> Listeners:
    return bind_all(config, XrayConfig(), StatsdConfig())


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """Give a socket that listens."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        yield bound


def test_each_purpose_has_a_port_of_its_own_and_xray_one_for_both() -> None:
    """Apps are told one address of X-Ray; the server's API is there only where a server is."""
    with closing(_bind(CollectorConfig(**_FREE))) as made, closing(_bind(ServerConfig(port=0, **_FREE))) as server:
        ports = made.ports()
        assert sorted(ports) == _EVERY
        assert ports["xray-tcp"] == ports["xray-udp"]
        assert len(set(ports.values())) == len(ports) - 1
        assert set(server.ports()) - set(ports) == {"api"}


def test_only_what_is_received_is_bound() -> None:
    """The rest is left to others."""
    with closing(_bind(CollectorConfig(receivers=("statsd",), **_FREE))) as made:
        assert sorted(made.ports()) == ["health", "statsd-udp"]
        assert made.handles("statsd-udp", "xray-udp") == {"statsd-udp": [made.sockets["statsd-udp"][0].fileno()]}


@pytest.mark.parametrize(
    "name", ["xray_port", "otlp_grpc_port", "otlp_http_port", "fluent_port", "health_port", "port"]
)
def test_a_port_in_use_is_refused_by_its_flag_and_the_others_are_given_back(name: str, taken: socket.socket) -> None:
    """Also gRPC's, which its own library binds later: another program that shared it would take half of ours."""
    config = ServerConfig(**{"port": 0, **_FREE, name: taken.getsockname()[1]})
    with pytest.raises(UsageError, match="is in use") as caught:
        _bind(config)
    assert f"--{name.replace('_', '-')}" in str(caught.value.hint)


def test_a_free_number_that_udp_cannot_have_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """One number is for both: another is tried, and what was bound is given back."""
    left = 3

    def unlucky(host: str, port: int, *, flag: str, buffer_bytes: int) -> socket.socket:
        nonlocal left
        left -= 1
        if left > 0:
            raise UsageError("in use")
        return bind_udp(host, port, flag=flag, buffer_bytes=buffer_bytes)

    monkeypatch.setattr(listeners, "bind_udp", unlucky)
    with closing(_bind(CollectorConfig(receivers=("xray",), **_FREE))) as made:
        assert made.ports()["xray-tcp"] == made.ports()["xray-udp"]
    assert left == 0


def test_a_number_that_was_asked_for_is_tried_once() -> None:
    """No other would do."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        config = CollectorConfig(receivers=("xray",), **{**_FREE, "xray_port": holder.getsockname()[1]})
        with pytest.raises(UsageError, match="is in use"):
            _bind(config)


def test_the_addresses_of_the_daemons_flags_move_xray_only() -> None:
    """`-b` and `-t` are the X-Ray daemon's."""
    config = CollectorConfig(receivers=("xray", "statsd"), xray_udp="127.0.0.2:0", xray_tcp="127.0.0.3:0", **_FREE)
    with closing(_bind(config)) as made:
        hosts = {purpose: made.address(purpose)[0] for purpose in made.sockets}
    assert hosts == {
        "xray-udp": "127.0.0.2", "xray-tcp": "127.0.0.3", "statsd-udp": "127.0.0.1", "health": "127.0.0.1",
    }  # fmt: skip


@pytest.mark.skipif(not _has_ipv6(), reason="NEEDS IPv6 on loopback")
def test_ipv6_is_listened_on_and_announced_in_brackets() -> None:
    """So that the lines can be copied."""
    with closing(_bind(ServerConfig(listen="::1", port=0, **_FREE))) as made:
        assert {made.address(purpose)[0] for purpose in made.sockets} == {"::1"}
        xray = made.ports()["xray-udp"]
        assert announce.environment(made)["AWS_XRAY_DAEMON_ADDRESS"] == f"[::1]:{xray}"
        assert announce.url_of(made.address("api"), tls=True).startswith("https://[::1]:")


def test_an_address_that_is_not_this_machines_is_refused() -> None:
    """With the host, as it may be that which is wrong."""
    with pytest.raises(UsageError, match=r"192\.0\.2\.1"):
        _bind(CollectorConfig(listen="192.0.2.1", **_FREE))


def test_lines_tell_what_listens_and_apps_what_to_set() -> None:
    """Whoever listens on every address is told by one that can be sent to; TLS changes the scheme."""
    made = Listeners()
    with ExitStack() as stack:
        stack.callback(made.close)
        for purpose, kind in (("xray-udp", socket.SOCK_DGRAM), ("otlp-http", socket.SOCK_STREAM), ("statsd-udp", 2)):
            bound = socket.socket(socket.AF_INET, kind)
            bound.bind(("0.0.0.0", 0))  # noqa: S104 (what this test is about; nothing is received)
            made.add(purpose, bound)
        ports = made.ports()
        lines = list(announce.listening(made))
        assert [line.split()[-1] for line in lines] == [f"0.0.0.0:{ports[each]}" for each in ports]
        assert announce.environment(made, tls=True) == {
            "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{ports['xray-udp']}",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"https://127.0.0.1:{ports['otlp-http']}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "DD_AGENT_HOST": "127.0.0.1",
            "DD_DOGSTATSD_PORT": str(ports["statsd-udp"]),
            "STATSD_HOST": "127.0.0.1",
            "STATSD_PORT": str(ports["statsd-udp"]),
        }
        assert announce.environment(made)["OTEL_EXPORTER_OTLP_ENDPOINT"].startswith("http://127")


def test_x_rays_two_addresses_are_told_apart() -> None:
    """As its SDKs read them; where both are one, so are the line and the variable."""
    config = CollectorConfig(receivers=("xray",), xray_udp="127.0.0.2:0", xray_tcp="127.0.0.3:0", **_FREE)
    with closing(_bind(config)) as made:
        ports = made.ports()
        lines = [line.split()[-1] for line in announce.listening(made)]
        assert lines[:2] == [f"127.0.0.2:{ports['xray-udp']}", f"127.0.0.3:{ports['xray-tcp']}"]
        assert announce.environment(made) == {
            "AWS_XRAY_DAEMON_ADDRESS": f"tcp:127.0.0.3:{ports['xray-tcp']} udp:127.0.0.2:{ports['xray-udp']}"
        }
    with closing(_bind(CollectorConfig(receivers=("xray",), **_FREE))) as made:
        assert announce.environment(made) == {"AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{made.ports()['xray-udp']}"}
        assert len(list(announce.listening(made))) == 2
