"""What every task of a runner is run with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from taskscope.clock import Clock
from taskscope.lab.logs.api import LogWriter
from taskscope.lab.runner.cgroup import Limits
from taskscope.lab.runner.images import ImageCatalog
from taskscope.lab.runner.metadata import Metadata
from taskscope.lab.runner.network import Network
from taskscope.lab.runner.ports import PortPool

LabEnvironment: TypeAlias = Callable[[str], Mapping[str, str]]
"""
Gives the variables that every container gets from the lab, such as ``AWS_ENDPOINT_URL``. It takes the address by which
the container reaches this machine: the bridge's inside a namespace, else 127.0.0.1.
"""


@dataclass(frozen=True, slots=True)
class Kit:
    """The parts of a runner."""

    logs: LogWriter
    images: ImageCatalog
    network: Network
    limits: Limits
    metadata: Metadata
    environment: LabEnvironment
    clock: Clock
    say: Callable[[str], None]
    """Takes one-line notices for people."""
    folder: Path
    """Where containers run that have no ``workingDirectory``, and what relative paths are relative to."""
    homes: Path
    """Holds a home folder for each task."""
    ports: PortPool
    time_scale: float = 1.0
    """Multiplies each time of a definition (health checks, stopTimeout, startTimeout, restarts): for quick tests."""
