"""Settings of the reading of container statistics."""

from dataclasses import dataclass
from typing import Final

from taskscope.config.setting import setting
from taskscope.errors import UsageError

_LONGEST_SECONDS: Final = 300.0
"""Beyond, what a query takes for a series has holes."""


@dataclass(frozen=True)
class ContainerStatsConfig:
    """How often the containers of the own task are measured."""

    # Fargate renews its statistics every 10 s; the agent of EC2 takes them when it is asked.
    seconds: float = setting(
        10.0, help="How often the task metadata endpoint is read, where ECS names one; 0 measures no containers."
    )

    def validate(self) -> None:
        """
        Check the settings.

        Raises:
            UsageError: The interval is negative, too short or too long.
        """
        if self.seconds and not 1 <= self.seconds <= _LONGEST_SECONDS:
            raise UsageError(
                f"seconds {self.seconds:g}: it is 1 to {_LONGEST_SECONDS:g}, or 0",
                hint="ECS's agent answers 40 requests a second for all containers of an instance",
            )
