"""Which ports of a task's containers an exporter is behind, and where they are reached. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from taskscope.model.placement import ExposedContainer, Exposure, PlacedContainer, PlacedTask
from taskscope.sources.discovery.wanted import Wanted

_OWN_ADDRESS: Final = "awsvpc"
_HOST: Final = "host"
_NO_NETWORK: Final = "none"
_HIGHEST_PORT: Final = 65_535
_DIGITS: Final = re.compile(r"[0-9]{1,5}")
_SHOWN: Final = 60
"""Characters of what is no port."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A container that an exporter is in, as the task definition tells."""

    container: str
    port: int
    """Inside the container."""
    path: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an exporter is reached."""

    container: PlacedContainer
    container_port: int
    port: int
    """At the task's address, or at that of its host."""
    path: str


class UnreachableTaskError(Exception):
    """A task, or one of its exporters, cannot be scraped; the text says why."""


def candidates(exposure: Exposure, wanted: Wanted) -> list[Candidate]:
    """
    Return the containers that an exporter is in, by name, docker label or port mapping.

    Raises:
        UnreachableTaskError: There is none, or a label is no port.
    """
    named = [each for each in exposure.containers if wanted.container in {"", each.name}]
    if not named:
        raise UnreachableTaskError(f"it has no container {wanted.container}")
    found = [
        Candidate(each.name, port, each.labels.get(wanted.path_label) or wanted.path)
        for each in named
        if (port := _port(each, wanted))
    ]
    if not found:
        raise UnreachableTaskError(f"no container maps port {wanted.port} or has the docker label {wanted.port_label}")
    return found


def _port(container: ExposedContainer, wanted: Wanted) -> int | None:
    if text := container.labels.get(wanted.port_label):
        if not _DIGITS.fullmatch(text) or not 0 < int(text) <= _HIGHEST_PORT:
            shown = f"{wanted.port_label} of {container.name} is no port: {text[:_SHOWN]}"
            raise UnreachableTaskError(f"the docker label {shown}")
        return int(text)
    return wanted.port if wanted.container or wanted.port in container.ports else None


def needs_host(exposure: Exposure) -> bool:
    """Whether tasks are reached at the address of the machine under them."""
    return exposure.network_mode not in {_OWN_ADDRESS, _NO_NETWORK}


def endpoint(task: PlacedTask, mode: str, candidate: Candidate) -> Endpoint:
    """
    Return where an exporter is reached in a task of this network mode.

    Raises:
        UnreachableTaskError: Its container does not run, or its port cannot be reached from outside.
    """
    container = next((each for each in task.containers if each.name == candidate.container), None)
    if container is None or container.last_status != "RUNNING":
        state = container.last_status if container and container.last_status else "not there"
        raise UnreachableTaskError(f"container {candidate.container} does not run: it is {state}")
    return Endpoint(container, candidate.port, _outer_port(container, mode, candidate.port), candidate.path)


def _outer_port(container: PlacedContainer, mode: str, port: int) -> int:
    if mode == _OWN_ADDRESS:
        return port
    if mode == _NO_NETWORK:
        raise UnreachableTaskError("its network mode is none")
    bound = next(_bound(container, port), None)
    if bound is None and mode != _HOST:
        raise UnreachableTaskError(f"port {port} of container {container.name} is mapped to no port of the host")
    return bound or port


def _bound(container: PlacedContainer, port: int) -> Iterator[int]:
    """Yield the host's ports that stand for a container's; they may be dynamic."""
    return (each.host_port for each in container.bindings if (each.container_port, each.protocol) == (port, "tcp"))
