"""Ports of the containers: as they are in a network namespace, free ones of this machine in a shared network."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a container's port is reached."""

    container_port: int
    host_port: int
    address: str
    protocol: str = "tcp"

    def document(self) -> dict[str, Any]:
        """Return one of ``networkBindings`` of the ECS API."""
        return {
            "bindIP": self.address,
            "containerPort": self.container_port,
            "hostPort": self.host_port,
            "protocol": self.protocol,
        }


class PortPool:
    """Hands out free ports of this machine; none twice while it is held."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self._address = address
        self._held: set[tuple[int, str]] = set()

    def bind(self, definition: Mapping[str, Any], *, mode: str) -> list[Binding]:
        """
        Return a binding for each port mapping: the port that the network mode means, or any where that one is taken.

        In ``bridge`` that is ``hostPort``, in ``host`` the container's own; ``awsvpc`` means no port of this machine.
        """
        mappings = [mapping for mapping in definition.get("portMappings") or [] if "containerPort" in mapping]
        return [self._bind(mapping, _meant(mapping, mode)) for mapping in mappings]

    def release(self, bindings: list[Binding]) -> None:
        """Give ports back."""
        self._held -= {(binding.host_port, binding.protocol) for binding in bindings}

    def _bind(self, mapping: Mapping[str, Any], wanted: int) -> Binding:
        protocol = mapping.get("protocol") or "tcp"
        port = self._free(wanted, protocol) if wanted and (wanted, protocol) not in self._held else None
        while port is None:
            port = self._free(0, protocol)
        self._held.add((port, protocol))
        return Binding(mapping["containerPort"], port, self._address, protocol)

    def _free(self, wanted: int, protocol: str) -> int | None:
        """Return the port that the system gives, or None when it is taken or held."""
        kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((self._address, wanted))
            except OSError:
                return None
            port: int = probe.getsockname()[1]
        return None if (port, protocol) in self._held else port


def _meant(mapping: Mapping[str, Any], mode: str) -> int:
    """Return the port of this machine that a mapping asks for; 0 for any."""
    port: int = {"bridge": mapping.get("hostPort"), "host": mapping["containerPort"]}.get(mode) or 0
    return port


def own_bindings(definition: Mapping[str, Any], address: str) -> list[Binding]:
    """Return the bindings of a container with a network of its own: every port is itself."""
    return [
        Binding(mapping["containerPort"], mapping["containerPort"], address, mapping.get("protocol") or "tcp")
        for mapping in definition.get("portMappings") or []
        if "containerPort" in mapping
    ]
