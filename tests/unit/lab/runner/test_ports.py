"""Ports of containers on a shared network."""

import socket

import pytest

from taskscope.lab.runner.ports import Binding, PortPool, own_bindings


def mapped(*ports: int, **members: object) -> dict[str, object]:
    """Return a container definition that maps ports."""
    return {"portMappings": [{"containerPort": port, **members} for port in ports]}


def test_ports_are_free_and_given_once() -> None:
    """Many containers that all want port 80 get as many ports."""
    pool = PortPool()

    bindings = [binding for _ in range(50) for binding in pool.bind(mapped(80, 81), mode="awsvpc")]

    assert len({binding.host_port for binding in bindings}) == 100
    assert {binding.container_port for binding in bindings} == {80, 81}


def test_a_host_port_is_given_where_it_is_free() -> None:
    """Taken by another process, or held by another container, it is replaced by a free one; it can be given back."""
    pool = PortPool()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        [other] = pool.bind(mapped(80, hostPort=port), mode="bridge")
        assert other.host_port != port

    [first] = pool.bind(mapped(80, hostPort=port), mode="bridge")
    [second] = pool.bind(mapped(port), mode="host")
    pool.release([first])
    [third] = pool.bind(mapped(port), mode="host")

    assert [first.host_port == port, second.host_port == port, third.host_port == port] == [True, False, True]


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_binding_is_shown_as_the_api_shows_it(protocol: str) -> None:
    """One entry of ``networkBindings``."""
    [binding] = PortPool().bind(mapped(2000, protocol=protocol), mode="bridge")

    assert binding.document() == {
        "bindIP": "127.0.0.1",
        "containerPort": 2000,
        "hostPort": binding.host_port,
        "protocol": protocol,
    }


def test_in_a_namespace_every_port_is_itself() -> None:
    """Nothing is mapped."""
    assert own_bindings(mapped(80), "169.254.96.2") == [Binding(80, 80, "169.254.96.2")]
