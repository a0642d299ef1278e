"""What is looked for: clusters, and how the container and the port of an exporter are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from taskscope.ports import EXPORTER

PORT_LABEL: Final = "ECS_PROMETHEUS_EXPORTER_PORT"
PATH_LABEL: Final = "ECS_PROMETHEUS_METRICS_PATH"
"""Docker labels, by the names that the CloudWatch agent's discovery has for them."""
METRICS_PATH: Final = "/metrics"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for."""

    clusters: tuple[str, ...]
    """Names or ARNs."""
    services: tuple[str, ...] = ()
    """Only tasks of these."""
    port: int = EXPORTER
    """The container port that an exporter listens on, where no label says another."""
    container: str = ""
    """Only containers of this name; they need neither label nor port mapping in ``awsvpc`` and ``host`` mode."""
    port_label: str = PORT_LABEL
    path_label: str = PATH_LABEL
    path: str = METRICS_PATH
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Addresses of machines, by instance id (``mi-…``); they win over what AWS says."""
