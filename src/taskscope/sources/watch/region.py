"""One region: its clusters and alarms, and for each cluster its services, tasks and container instances."""

from collections.abc import Collection, Mapping, Sequence

from taskscope.aws.watched import Document, Watched
from taskscope.model.ecs import name_of
from taskscope.sources.watch.alarms import AlarmsLook
from taskscope.sources.watch.clusters import ClustersLook
from taskscope.sources.watch.instances import InstancesLook
from taskscope.sources.watch.metrics import EVERY as METRICS_EVERY
from taskscope.sources.watch.metrics import MetricsLook
from taskscope.sources.watch.performance import PerformanceLook
from taskscope.sources.watch.schedule import Look
from taskscope.sources.watch.services import ServicesLook
from taskscope.sources.watch.tasks import TasksLook, Told
from taskscope.sources.watch.tools import RARELY, SERVICES_EVERY, Tools


class RegionWatch:
    """Begins to look at clusters as they come, and ends as they go."""

    def __init__(self, aws: Watched, region: str, wanted: Sequence[str], tools: Tools, told: Told) -> None:
        """
        Begin with a region.

        Args:
            aws: What is asked.
            region: Names it in what is remembered; empty is the account's.
            wanted: Names and ARNs of clusters, or ``*``.
            tools: What all looks share.
            told: Hears of tasks.
        """
        self._aws = aws
        self._tools = tools
        self._told = told
        self._looks: dict[str, list[Look]] = {}
        self._tasks: dict[str, TasksLook] = {}
        self._clusters: Mapping[str, Document] = {}
        where = f" of {region}" if region else ""
        clusters = ClustersLook(
            aws,
            region,
            wanted,
            tools.outlet,
            troubles=tools.troubles,
            present=self._present,
            clock=tools.clock,
        )
        alarms = AlarmsLook(aws, region, self._watched, tools.outlet, tools.clock)
        tools.look(f"the clusters{where}", clusters.look, lambda: RARELY)
        tools.look(f"the alarms{where}", alarms.look, lambda: RARELY if self._looks else 1)

    def _watched(self) -> Collection[str]:
        return self._looks.keys()

    def _present(self, clusters: Mapping[str, Document]) -> None:
        """Take notice of the clusters that there are."""
        self._clusters = clusters
        for arn in [each for each in self._looks if each not in clusters]:
            self._tasks[arn].end()
            for look in self._looks.pop(arn):
                self._tools.schedule.remove(look)
        for arn in clusters:
            if arn not in self._looks:
                self._looks[arn] = self._begin(arn)

    def _begin(self, arn: str) -> list[Look]:
        tools, name = self._tools, name_of(arn)
        tasks = self._tasks[arn] = TasksLook(self._aws, arn, tools.outlet, self._told, tools.clock)
        services = ServicesLook(self._aws, arn, tools.outlet, tools.clock)
        instances = InstancesLook(self._aws, arn, tools.outlet, tools.clock)
        looks = [
            tools.look(f"the services of cluster {name}", services.look, lambda: SERVICES_EVERY),
            tools.look(f"the tasks of cluster {name}", tasks.look, lambda: RARELY if tools.heard.tells(arn) else 1),
            tools.look(f"the container instances of cluster {name}", instances.look, lambda: RARELY),
        ]
        if tools.config.watch_performance:
            performance = PerformanceLook(self._aws, arn, lambda: self._clusters.get(arn, {}), tools)
            what = f"Container Insights' performance events of cluster {name}"
            looks.append(tools.look(what, performance.look, lambda: RARELY))
        if tools.config.watch_metrics:
            metrics = MetricsLook(self._aws, arn, lambda: services.arns, tools)
            looks.append(tools.look(f"the metrics of cluster {name}", metrics.look, lambda: METRICS_EVERY))
        return looks
