"""Container Insights' performance events of a cluster that has it enabled."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from taskscope.aws.watched import Document, Watched
from taskscope.clock import MILLISECOND
from taskscope.model.ecs import name_of
from taskscope.sources.watch.outlet import What, dump
from taskscope.sources.watch.positions import Position, short_id
from taskscope.sources.watch.tools import Tools
from taskscope.wire.insights.performance import task_id_of

_ENABLED: Final = frozenset({"enabled", "enhanced"})
_PATTERN: Final = '{ ($.Type = "Task") || ($.Type = "Container") }'
_OVERLAP_MS: Final = 300_000
"""Events of a minute come within the next ones."""


class PerformanceLook:
    """Reads the events of tasks that nobody else measures."""

    def __init__(self, aws: Watched, cluster_arn: str, cluster: Callable[[], Document], tools: Tools) -> None:
        """``cluster`` returns the cluster as it was described last."""
        self._aws = aws
        self._arn = cluster_arn
        self._cluster = cluster
        self._tools = tools
        self._section = f"performance {cluster_arn}"
        known = Position.of(tools.outlet.remembered(self._section))
        look_back_ms = round(tools.config.watch_look_back_seconds * 1000)
        self._position = known or Position(self._now() - look_back_ms)

    def look(self) -> None:
        """Give away what is new, if the cluster has it enabled."""
        if not has_insights(self._cluster()):
            return
        now = self._now()
        group = f"/aws/ecs/containerinsights/{name_of(self._arn)}/performance"
        for page in self._aws.log_events(group, start=self._position.since, pattern=_PATTERN):
            if page:
                self._take(page, min(page[-1]["timestamp"], now - _OVERLAP_MS))
        self._position = self._position.after({}, now - _OVERLAP_MS)

    def _take(self, page: Sequence[Document], since: int) -> None:
        fresh = [each for each in page if self._position.is_new(each)]
        after = self._position.after({short_id(each): each["timestamp"] for each in fresh}, since)
        messages = [each["message"] for each in fresh if not self._is_measured(each["message"])]
        if messages:
            body = dump({"cluster_arn": self._arn, "messages": messages})
            self._tools.outlet.deliver(What.PERFORMANCE_EVENTS, body, self._section, after.document())
        self._position = after

    def _is_measured(self, message: str) -> bool:
        task = task_id_of(message)
        return self._tools.heard.measures(f"{self._arn.replace(':cluster/', ':task/')}/{task}")

    def _now(self) -> int:
        return self._tools.clock() // MILLISECOND


def has_insights(cluster: Mapping[str, Any]) -> bool:
    """Whether Container Insights is enabled for a cluster, as DescribeClusters tells."""
    settings = cluster.get("settings") or ()
    return any(each.get("name") == "containerInsights" and each.get("value") in _ENABLED for each in settings)
