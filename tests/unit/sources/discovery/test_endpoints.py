"""Which container an exporter is in, and by which port it is reached in each network mode."""

import pytest

from taskscope.model.placement import ExposedContainer, Exposure, PlacedContainer, PlacedTask, PortBinding
from taskscope.sources.discovery.endpoints import (
    Candidate,
    Endpoint,
    UnreachableTaskError,
    candidates,
    endpoint,
    needs_host,
)
from taskscope.sources.discovery.wanted import PATH_LABEL, PORT_LABEL, Wanted

_WANTED = Wanted(("shop",))
_CANDIDATE = Candidate("app", 9659, "/metrics")


def _exposure(*containers: ExposedContainer, mode: str = "awsvpc") -> Exposure:
    return Exposure(mode, containers)


def _task(*bindings: PortBinding, status: str = "RUNNING") -> PlacedTask:
    return PlacedTask("arn", "cluster", "definition", containers=(PlacedContainer("app", status, bindings=bindings),))


def test_port_mapping_shows_the_container() -> None:
    """The one that maps the exporter's port, of several."""
    exposure = _exposure(ExposedContainer("app", (8080,)), ExposedContainer("exporter", (9659,)))

    assert candidates(exposure, _WANTED) == [Candidate("exporter", 9659, "/metrics")]


def test_labels_show_container_port_and_path() -> None:
    """Beside those that map the usual port; a container may need neither mapping nor usual path."""
    labelled = ExposedContainer("app", labels={PORT_LABEL: "8080", PATH_LABEL: "/prometheus"})

    assert candidates(_exposure(labelled, ExposedContainer("exporter", (9659,))), _WANTED) == [
        Candidate("app", 8080, "/prometheus"),
        Candidate("exporter", 9659, "/metrics"),
    ]


def test_named_container_needs_no_mapping() -> None:
    """In awsvpc and host mode every port can be reached; others that map the port are not meant."""
    exposure = _exposure(ExposedContainer("app", (9659,)), ExposedContainer("exporter"))

    assert candidates(exposure, Wanted(("shop",), container="exporter")) == [Candidate("exporter", 9659, "/metrics")]


def test_label_of_the_named_container_wins() -> None:
    """It is nearer to the container than an option."""
    exposure = _exposure(ExposedContainer("app", labels={PORT_LABEL: "9100"}))

    assert candidates(exposure, Wanted(("shop",), container="app", port=1)) == [Candidate("app", 9100, "/metrics")]


@pytest.mark.parametrize(
    ("exposure", "wanted", "reason"),
    [
        (_exposure(ExposedContainer("app", (80,))), _WANTED, f"no container maps port 9659 .* {PORT_LABEL}"),
        (_exposure(ExposedContainer("app")), Wanted(("shop",), container="x"), "it has no container x"),
        (_exposure(ExposedContainer("app", labels={PORT_LABEL: "http"})), _WANTED, "of app is no port: http"),
        (_exposure(ExposedContainer("app", labels={PORT_LABEL: "65536"})), _WANTED, "of app is no port: 65536"),
        (_exposure(ExposedContainer("app", labels={PORT_LABEL: "0"})), _WANTED, "of app is no port: 0"),
        (_exposure(ExposedContainer("app", labels={PORT_LABEL: "9" * 5_000})), _WANTED, "of app is no port: 9{60}$"),
    ],
)
def test_definition_without_an_exporter_says_why(exposure: Exposure, wanted: Wanted, reason: str) -> None:
    """In words that say what to add."""
    with pytest.raises(UnreachableTaskError, match=reason):
        candidates(exposure, wanted)


@pytest.mark.parametrize(
    ("mode", "bindings", "port"),
    [
        ("awsvpc", (), 9659),
        ("awsvpc", (PortBinding(9659, 1),), 9659),
        ("host", (), 9659),
        ("host", (PortBinding(9659, 9660),), 9660),
        ("bridge", (PortBinding(9659, 32768),), 32768),
        ("bridge", (PortBinding(80, 1), PortBinding(9659, 2, "udp"), PortBinding(9659, 32769)), 32769),
        ("default", (PortBinding(9659, 49153),), 49153),
    ],
)
def test_port_is_that_of_the_network_mode(mode: str, bindings: tuple[PortBinding, ...], port: int) -> None:
    """The container's own on an interface and on the host's network, the host's where a bridge is between."""
    task = _task(*bindings)

    assert endpoint(task, mode, _CANDIDATE) == Endpoint(task.containers[0], 9659, port, "/metrics")


@pytest.mark.parametrize(
    ("task", "mode", "reason"),
    [
        (_task(), "bridge", "port 9659 of container app is mapped to no port of the host"),
        (_task(), "none", "its network mode is none"),
        (_task(status="PENDING"), "awsvpc", "container app does not run: it is PENDING"),
        (_task(status="STOPPED"), "awsvpc", "container app does not run: it is STOPPED"),
        (PlacedTask("arn", "cluster", "definition"), "awsvpc", "container app does not run: it is not there"),
    ],
)
def test_exporter_out_of_reach_says_why(task: PlacedTask, mode: str, reason: str) -> None:
    """A port that no bridge maps cannot be reached from outside, nor a container that does not run."""
    with pytest.raises(UnreachableTaskError, match=reason):
        endpoint(task, mode, _CANDIDATE)


def test_modes_that_need_the_address_of_the_host() -> None:
    """All but that of a network interface, and none at all."""
    assert [mode for mode in ("awsvpc", "bridge", "host", "none", "default") if needs_host(Exposure(mode, ()))] == [
        "bridge", "host", "default",
    ]  # fmt: skip
