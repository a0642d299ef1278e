"""What the runner asks of a network, and the network that all tasks share with this machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from taskscope.lab.runner.stats import Counters


@dataclass(frozen=True, slots=True)
class Attachment:
    """The network of one task."""

    address: str
    """The task's private IPv4 address."""
    lab: str
    """The address by which the task reaches the lab."""
    endpoint: str
    """Where the task reaches its metadata: ``http://host[:port]``."""
    namespace: str | None = None
    """Its network namespace; None in a shared network, where ports are handed over by environment."""
    subnet: str | None = None
    gateway: str | None = None
    mac: str | None = None
    interface: str | None = None
    """Name of its interface inside the namespace."""
    device: str | None = None
    """Name of the other end, on this machine."""

    def counters(self) -> dict[str, Counters] | None:
        """Return what went through the interface, read at the other end, so received and sent are swapped."""
        if not self.device or not self.interface:
            return None
        folder = Path("/sys/class/net") / self.device / "statistics"
        try:
            values = {path.name: int(path.read_text(encoding="ascii")) for path in folder.iterdir()}
        except OSError:
            return None
        names = ("bytes", "packets", "errors", "dropped")
        received = {f"rx_{name}": values.get(f"tx_{name}", 0) for name in names}
        return {self.interface: {**received, **{f"tx_{name}": values.get(f"rx_{name}", 0) for name in names}}}


@dataclass(frozen=True, slots=True)
class NetworkRequest:
    """What a task wants of its network."""

    task_id: str
    mode: str
    """The definition's network mode."""
    cluster: str
    service: str | None
    interface: str
    """Name of its interface inside a namespace."""


class Network(Protocol):
    """Gives tasks their network."""

    @property
    def sentences(self) -> list[str]:
        """What it can do, for people."""

    @property
    def bridge_address(self) -> str | None:
        """The address on which the lab must listen too, so that tasks reach it; None in a shared network."""

    async def attach(self, request: NetworkRequest) -> Attachment:
        """
        Give a task its network.

        Raises:
            StartFailure: There is none to be had.
        """

    async def detach(self, attachment: Attachment) -> None:
        """Take a task's network away; its processes have ended."""

    async def close(self) -> None:
        """Remove everything."""


@dataclass(frozen=True, slots=True)
class SharedNetwork:
    """This machine's own network: every task is on loopback, ports are free ones handed over by environment."""

    endpoint: str
    """Where tasks reach their metadata."""
    reason: str
    """Why there is no network for each task."""

    @property
    def sentences(self) -> list[str]:
        """What it can do, for people."""
        return [
            f"tasks share this machine's network: {self.reason}",
            (
                "a container learns its port from PORT, what stands for port 8080 of its task from PORT_8080, and "
                "where its task maps 2000, 4317 or 4318 the free port from AWS_XRAY_DAEMON_ADDRESS or "
                "OTEL_EXPORTER_OTLP_ENDPOINT; names of tasks and services do not resolve"
            ),
        ]

    @property
    def bridge_address(self) -> None:
        """There is no bridge."""
        return

    async def attach(self, request: NetworkRequest) -> Attachment:  # noqa: ARG002  # every task gets the same
        """Return loopback."""
        return Attachment(address="127.0.0.1", lab="127.0.0.1", endpoint=self.endpoint)

    async def detach(self, attachment: Attachment) -> None:
        """Take nothing away."""

    async def close(self) -> None:
        """Remove nothing."""
