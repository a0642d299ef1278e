"""Settings of the aggregation of StatsD."""

from dataclasses import dataclass
from typing import Final

from taskscope.config.setting import setting
from taskscope.errors import UsageError

SIGNED_GAUGES: Final = ("delta", "absolute")


@dataclass(frozen=True, slots=True)
class AggregateConfig:
    """What a window of StatsD lines may hold, and how signed gauges read."""

    signed_gauges: str = setting(
        "delta",
        help="What +5 or -5 as the value of a gauge means: delta (StatsD, the AWS OTel collector, the CloudWatch agent)"
        " or absolute (DogStatsD).",
    )
    max_series: int = setting(
        20_000, help="Series of one window; lines of further series are dropped and counted, whoever sends them."
    )
    max_set_members: int = setting(
        1_000_000, help="Unique values of all sets of one window together; further values are dropped and counted."
    )
    max_gauges: int = setting(
        10_000, help="Gauges whose value is kept from window to window for later deltas; the oldest are forgotten."
    )

    def validate(self) -> None:
        """
        Check what types cannot.

        Raises:
            UsageError: A setting has a value that cannot be; the message names both.
        """
        if self.signed_gauges not in SIGNED_GAUGES:
            raise UsageError(f"signed_gauges is {self.signed_gauges!r}", hint=f"one of {', '.join(SIGNED_GAUGES)}")
        for name in ("max_series", "max_set_members", "max_gauges"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}", hint="at least 1")
