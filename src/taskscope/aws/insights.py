"""Container Insights: a setting of a cluster."""

from typing import Any, Final, NamedTuple

from taskscope.aws.failures import named
from taskscope.aws.session import Account
from taskscope.errors import NotFoundError
from taskscope.model.ecs import name_of

MODES: Final = ("enabled", "enhanced", "disabled")
"""What ECS takes; ``enhanced`` adds series of each task and container."""

_SETTING: Final = "containerInsights"


class Measured(NamedTuple):
    """A cluster: how CloudWatch measures it, and how much there is to measure."""

    name: str
    mode: str
    """Of ``MODES``."""
    services: int
    tasks: int
    """Those that run."""


class Insights:
    """Container Insights of one region. Every method may raise a ``TaskscopeError`` of ``aws.failures``."""

    def __init__(self, account: Account, *, region: str | None = None) -> None:
        self._account = account
        self._region = region

    @property
    def _client(self) -> Any:
        return self._account.client("ecs", region=self._region)

    def cluster(self, name: str) -> Measured:
        """
        Return a cluster, named by name or ARN (DescribeClusters).

        Raises:
            NotFoundError: There is none, or it was deleted.
        """
        with named(f"describe cluster {name_of(name)}", service="ecs"):
            answer = self._client.describe_clusters(clusters=[name], include=["SETTINGS"])
        found = next((each for each in answer["clusters"] if each["status"] != "INACTIVE"), None)
        if found is None:
            raise NotFoundError(f"there is no cluster {name_of(name)}", hint="taskscope trace lists the clusters")
        return Measured(
            found["clusterName"], _mode(found), found.get("activeServicesCount", 0), found.get("runningTasksCount", 0)
        )

    def put(self, cluster: str, mode: str) -> str:
        """Change the mode of a cluster; return the one that ECS answers (UpdateClusterSettings)."""
        with named(f"change the settings of cluster {name_of(cluster)}", service="ecs"):
            answer = self._client.update_cluster_settings(cluster=cluster, settings=[{"name": _SETTING, "value": mode}])
        return _mode(answer["cluster"])


def _mode(cluster: dict[str, Any]) -> str:
    """Return the setting; a cluster older than the setting has none."""
    values = {each["name"]: each["value"] for each in cluster.get("settings", ())}
    return str(values.get(_SETTING, "disabled"))
