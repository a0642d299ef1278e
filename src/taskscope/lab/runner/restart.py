"""Restart policies of containers (ECS API, ContainerRestartPolicy). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """When a container that has ended is started again without its task."""

    ignored_exit_codes: frozenset[int]
    attempt_period: float
    """Seconds that the container must have run."""

    def allows(self, exit_code: int, *, ran_seconds: float) -> bool:
        """Say whether a container that ended with this code after so long is started again."""
        return exit_code not in self.ignored_exit_codes and ran_seconds >= self.attempt_period


def restart_policy(definition: Mapping[str, Any], *, time_scale: float) -> RestartPolicy | None:
    """Read a container definition's policy; None when it has none or switches it off."""
    given = definition.get("restartPolicy") or {}
    if not given.get("enabled"):
        return None
    period = given.get("restartAttemptPeriod")
    return RestartPolicy(
        ignored_exit_codes=frozenset(given.get("ignoredExitCodes") or []),
        attempt_period=(300 if period is None else period) * time_scale,
    )
