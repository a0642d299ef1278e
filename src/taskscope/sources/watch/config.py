"""Settings of watching clusters."""

from dataclasses import dataclass
from typing import Final

from taskscope.config.setting import setting
from taskscope.errors import UsageError

_LEAST_REQUESTS: Final = 6
"""A minute: with fewer not even one small cluster could be looked at."""


@dataclass(frozen=True)
class WatchConfig:
    """What `taskscope serve` reads from AWS by itself."""

    watch: tuple[str, ...] = setting(
        (),
        help="Clusters to watch by AWS's API: names or ARNs, * for all; may be repeated. Their services, tasks, alarms"
        " and log lines are kept.",
    )
    watch_requests_per_minute: int = setting(
        120, help="How often AWS is asked, all in all; where that does not suffice, looks come later."
    )
    watch_interval_seconds: float = setting(
        10.0,
        help="Between two looks at tasks and log lines; at services it is twice, at all else six times as long.",
        flag="--watch-interval",
    )
    watch_look_back_seconds: float = setting(
        3600.0, help="How old log lines may be when watching begins.", flag="--watch-look-back"
    )
    watch_logs: bool = setting(default=True, help="Read the log lines of watched tasks (awslogs).")
    watch_performance: bool = setting(
        default=True, help="Read Container Insights' performance events of watched clusters that have it enabled."
    )
    watch_metrics: bool = setting(
        default=False, help="Read the metrics of namespace AWS/ECS of watched clusters; AWS charges for GetMetricData."
    )

    def check_watch(self) -> None:
        """
        Check what can be wrong.

        Raises:
            UsageError: Names the setting and its value.
        """
        if self.watch_requests_per_minute < _LEAST_REQUESTS:
            raise UsageError(
                f"watch_requests_per_minute {self.watch_requests_per_minute}: at least {_LEAST_REQUESTS} are needed"
            )
        for name in ("watch_interval_seconds", "watch_look_back_seconds"):
            if getattr(self, name) <= 0:
                raise UsageError(f"{name} {getattr(self, name):g}: it is more than 0")
        for each in self.watch:
            if each.startswith("arn:") and ":cluster/" not in each:
                raise UsageError(f"watch {each!r}: it is no ARN of a cluster")
