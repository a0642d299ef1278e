"""What watching asks of AWS: one request at a time, page by page, the answers as they came."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from email.utils import mktime_tz, parsedate_tz
from typing import Any, Final, TypeAlias

from taskscope.aws.failures import named
from taskscope.aws.session import Account
from taskscope.clock import SECOND, Clock, system_clock

Spend: TypeAlias = Callable[[str], None]
"""Called before each request with the name of its operation, such as ``DescribeTasks``; it may wait."""
Document: TypeAlias = Mapping[str, Any]

TASKS_LIMIT: Final = 100
"""Tasks of one DescribeTasks; likewise container instances and clusters."""
SERVICES_LIMIT: Final = 10
"""Services of one DescribeServices."""
METRICS_LIMIT: Final = 500
"""Queries of one GetMetricData."""


class Watched:
    """ECS, CloudWatch Logs and CloudWatch of one region. Every method may raise an error of ``aws.failures``."""

    def __init__(
        self, account: Account, spend: Spend, *, region: str | None = None, clock: Clock = system_clock
    ) -> None:
        """``account`` should not repeat requests by itself: ``spend`` would not hear of it."""
        self._account = account
        self._spend = spend
        self._region = region
        self._clock = clock
        self.ahead_ns = 0
        """By how much the machine's clock is ahead of AWS's, by the last answer and at most; 0 where it is not."""

    def cluster_names(self) -> list[str]:
        """Return the ARNs of all clusters (ListClusters)."""
        return list(self._pages("ecs", "list_clusters", "list the clusters", "clusterArns"))

    def clusters(self, names: Sequence[str]) -> list[Document]:
        """Return those of up to 100 clusters that there are, with settings (DescribeClusters)."""
        answer = self._ask(
            "ecs", "describe_clusters", "describe the clusters", clusters=list(names), include=["SETTINGS"]
        )
        return list(answer["clusters"])

    def task_arns(self, cluster: str, desired: str) -> list[str]:
        """Return the ARNs of tasks that are to be RUNNING, or STOPPED (ListTasks)."""
        doing = f"list the tasks of cluster {cluster}"
        return list(self._pages("ecs", "list_tasks", doing, "taskArns", cluster=cluster, desiredStatus=desired))

    def tasks(self, cluster: str, arns: Sequence[str]) -> list[Document]:
        """Return those of up to 100 tasks that ECS knows (DescribeTasks)."""
        answer = self._ask(
            "ecs", "describe_tasks", f"describe tasks of cluster {cluster}", cluster=cluster, tasks=list(arns)
        )
        return list(answer["tasks"])

    def service_arns(self, cluster: str) -> list[str]:
        """Return the ARNs of a cluster's services (ListServices)."""
        doing = f"list the services of cluster {cluster}"
        return list(self._pages("ecs", "list_services", doing, "serviceArns", cluster=cluster, maxResults=100))

    def services(self, cluster: str, arns: Sequence[str]) -> list[Document]:
        """Return those of up to 10 services that ECS knows, with their events (DescribeServices)."""
        answer = self._ask(
            "ecs", "describe_services", f"describe services of cluster {cluster}", cluster=cluster, services=list(arns)
        )
        return list(answer["services"])

    def instance_arns(self, cluster: str) -> list[str]:
        """Return the ARNs of a cluster's container instances (ListContainerInstances)."""
        doing = f"list the container instances of cluster {cluster}"
        return list(self._pages("ecs", "list_container_instances", doing, "containerInstanceArns", cluster=cluster))

    def instances(self, cluster: str, arns: Sequence[str]) -> list[Document]:
        """Return those of up to 100 container instances that there are (DescribeContainerInstances)."""
        doing = f"describe container instances of cluster {cluster}"
        wanted = list(arns)
        answer = self._ask("ecs", "describe_container_instances", doing, cluster=cluster, containerInstances=wanted)
        return list(answer["containerInstances"])

    def definition(self, arn: str) -> Document:
        """Return a task definition; an inactive one is still there (DescribeTaskDefinition)."""
        answer = self._ask("ecs", "describe_task_definition", f"describe task definition {arn}", taskDefinition=arn)
        found: Document = answer["taskDefinition"]
        return found

    def alarms(self) -> list[Document]:
        """Return all alarms on metrics (DescribeAlarms, whose answers cannot be narrowed to dimensions)."""
        doing = "list the alarms"
        more = {"AlarmTypes": ["MetricAlarm"], "MaxRecords": 100}
        return list(self._pages("cloudwatch", "describe_alarms", doing, "MetricAlarms", page="NextToken", **more))

    def log_events(
        self, group: str, *, start: int, prefix: str = "", pattern: str = ""
    ) -> Iterator[Sequence[Document]]:
        """
        Yield the pages of a group's events from an epoch millisecond on, sorted by time (FilterLogEvents).

        A page in between may be empty.
        """
        request: dict[str, Any] = {"logGroupName": group, "startTime": max(start, 0)}
        if prefix:
            request["logStreamNamePrefix"] = prefix
        if pattern:
            request["filterPattern"] = pattern
        while True:
            answer = self._ask("logs", "filter_log_events", f"read log group {group}", **request)
            yield answer.get("events", [])
            if not (token := answer.get("nextToken")):
                return
            request["nextToken"] = token

    def metric_data(self, queries: Sequence[Document], *, start: Any, end: Any) -> list[Document]:
        """Return the results of up to 500 queries between two datetimes (GetMetricData), every page."""
        asked = {"MetricDataQueries": list(queries), "StartTime": start, "EndTime": end, "ScanBy": "TimestampAscending"}
        doing = "read metrics"
        return list(self._pages("cloudwatch", "get_metric_data", doing, "MetricDataResults", page="NextToken", **asked))

    def _pages(
        self, service: str, method: str, doing: str, member: str, *, page: str = "nextToken", **request: Any
    ) -> Iterator[Any]:
        """Yield the items of every page."""
        while True:
            answer = self._ask(service, method, doing, **request)
            yield from answer.get(member, ())
            if not answer.get(page):
                return
            request[page] = answer[page]

    def _ask(self, service: str, method: str, doing: str, **request: Any) -> Any:
        client = self._account.client(service, region=self._region)
        self._spend(client.meta.method_to_api_mapping[method])
        with named(doing, service=service):
            answer = getattr(client, method)(**request)
        made_ns = _made_ns(answer)
        self.ahead_ns = 0 if made_ns is None else max(0, self._clock() - made_ns)
        return answer


def _made_ns(answer: Mapping[str, Any]) -> int | None:
    """Return when an answer was made by AWS's clock, to the end of that second; None where it does not say."""
    said = parsedate_tz(answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", ""))
    return None if said is None else (mktime_tz(said) + 1) * SECOND
