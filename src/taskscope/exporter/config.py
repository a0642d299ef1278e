"""What the exporter is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from taskscope.aws.task_metadata import VARIABLE, VARIABLE_V3, TaskMetadata
from taskscope.errors import UsageError
from taskscope.exporter.addresses import Address

TIMEOUT_SECONDS: Final = 1.5
"""For each of the endpoint's two answers; what is slower for a second time ends the reading."""
ATTEMPTS: Final = 2
"""A refusal for too many requests (429) is over in the next moment mostly."""


@dataclass(frozen=True, slots=True)
class ExporterConfig:
    """Where it listens, what it reads, what it tells."""

    address: Address
    endpoint: str
    """Address of the task metadata endpoint."""
    sets: frozenset[str]
    """Which sets of metrics: ``exporter.metrics.families`` has their names."""
    telemetry_path: str = "/metrics"
    web_config: Path | None = None
    has_own_metrics: bool = True

    def validate(self) -> None:
        """
        Check what is no matter of files and sockets.

        Raises:
            UsageError: A value is wrong; the message names the flag.
        """
        path = self.telemetry_path
        if not path.startswith("/") or not path.isprintable() or set("?# ") & set(path):
            raise UsageError(f"--web.telemetry-path {path!r} is no path", hint="write it as /metrics")
        self.metadata()

    def metadata(self) -> TaskMetadata:
        """
        Return what asks the endpoint.

        Raises:
            UsageError: The endpoint's address is none.
        """
        return TaskMetadata(self.endpoint, timeout_seconds=TIMEOUT_SECONDS, attempts=ATTEMPTS)


def find_endpoint(given: str | None, environ: Mapping[str, str]) -> str:
    """
    Return the endpoint's address: that of the flag, else what ECS says to every container, the newest version first.

    Raises:
        UsageError: Nothing says it.
    """
    found = given or environ.get(VARIABLE) or environ.get(VARIABLE_V3)
    if not found:
        raise UsageError(
            f"no task metadata endpoint is known: {VARIABLE} is not set, as it is in every container of ECS",
            hint="--endpoint URL names one, and --mock tries the exporter with made-up data",
        )
    return found
