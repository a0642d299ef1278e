"""
ECS objects as AWS's API describes them, in the envelope of EventBridge: what is polled goes the way of what is told.

The source is ``taskscope.watch``, and the time is exact to the millisecond. A task's and a container instance's detail
is that of their state change; services, events of services, clusters and alarms have types of their own, since
EventBridge has no message that is the whole object.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from taskscope.clock import MILLISECOND, from_datetime, to_datetime

Document: TypeAlias = Mapping[str, Any]
Envelope: TypeAlias = dict[str, Any]

WATCH: Final = "taskscope.watch"
"""The source of all envelopes that are made here."""
ID_PREFIX: Final = "watch:"
"""What their ids begin with, but for those of a service's events, which ECS gives."""

CLUSTER: Final = "ECS Cluster"
SERVICE: Final = "ECS Service"
SERVICE_EVENT: Final = "ECS Service Event"
ALARM: Final = "CloudWatch Alarm"
ALARM_GONE: Final = "DELETED"
"""The state of an alarm that is there no more."""

_MILESTONES: Final = (
    "createdAt", "connectivityAt", "pullStartedAt", "pullStoppedAt", "startedAt", "stoppingAt", "executionStoppedAt",
    "stoppedAt",
)  # fmt: skip
_ALARM_TIMES: Final = ("StateUpdatedTimestamp", "AlarmConfigurationUpdatedTimestamp")
_ROLLOUTS: Final = {
    "IN_PROGRESS": ("INFO", "SERVICE_DEPLOYMENT_IN_PROGRESS"),
    "COMPLETED": ("INFO", "SERVICE_DEPLOYMENT_COMPLETED"),
    "FAILED": ("ERROR", "SERVICE_DEPLOYMENT_FAILED"),
}


def task(document: Document, *, seen_ns: int | None = None) -> Envelope:
    """
    Return the state change that a task of DescribeTasks would be.

    DescribeTasks does not say when the task changed last: without ``seen_ns`` the time is that of the latest thing that
    it tells a time of, which is the same whenever it is asked.
    """
    times = [from_datetime(document[name]) for name in _MILESTONES if isinstance(document.get(name), datetime)]
    time_ns = max(times, default=0) if seen_ns is None else seen_ns
    version = f"{document['taskArn']}@{document.get('version', 0)}"
    return _envelope("ECS Task State Change", version, document["taskArn"], document, time_ns)


def service(document: Document, *, seen_ns: int) -> Envelope:
    """Return a service as it was seen, without its events: they are envelopes of their own."""
    arn = document["serviceArn"]
    detail = {name: value for name, value in document.items() if name != "events"}
    return _envelope(SERVICE, f"{arn}@{seen_ns // MILLISECOND}", arn, detail, seen_ns)


def service_event(service_document: Document, event: Document) -> Envelope:
    """Return a line of a service's history; its id is ECS's."""
    detail = {**event, "clusterArn": service_document["clusterArn"]}
    time_ns = from_datetime(event["createdAt"])
    envelope = _envelope(SERVICE_EVENT, event["id"], service_document["serviceArn"], detail, time_ns)
    return envelope | {"id": event["id"]}


def deployment(service_document: Document, document: Document) -> Envelope | None:
    """
    Return the state change that a deployment would be; None where it has no state of a rollout.

    EventBridge tells its time to the second, so that is all there is of it here: then both are one version.
    """
    rollout = _ROLLOUTS.get(document.get("rolloutState", ""))
    if rollout is None:
        return None
    level, name = rollout
    time_ns = from_datetime(document["updatedAt"].replace(microsecond=0))
    detail = {
        "eventType": level,
        "eventName": name,
        "deploymentId": document["id"],
        "clusterArn": service_document["clusterArn"],
        "updatedAt": document["updatedAt"].replace(microsecond=0),
        "reason": document.get("rolloutStateReason", ""),
        "deployment": document,
    }
    version = f"{document['id']}@{name}"
    return _envelope("ECS Deployment State Change", version, service_document["serviceArn"], detail, time_ns)


def container_instance(document: Document, cluster_arn: str, *, seen_ns: int) -> Envelope:
    """Return the state change that a container instance would be."""
    arn = document["containerInstanceArn"]
    detail = {"clusterArn": cluster_arn, **document}
    version = f"{arn}@{document.get('version', 0)}"
    return _envelope("ECS Container Instance State Change", version, arn, detail, seen_ns)


def cluster(document: Document, *, seen_ns: int) -> Envelope:
    """Return a cluster as it was seen."""
    arn = document["clusterArn"]
    return _envelope(CLUSTER, f"{arn}@{seen_ns // MILLISECOND}", arn, document, seen_ns)


def alarm(document: Document) -> Envelope:
    """Return an alarm; its version is when its state, or what it is set to, changed last."""
    changes = [from_datetime(document[name]) for name in _ALARM_TIMES if name in document]
    time_ns = max(changes, default=0)
    arn = document["AlarmArn"]
    return _envelope(ALARM, f"{arn}@{time_ns // MILLISECOND}", arn, document, time_ns)


def alarm_gone(arn: str, dimensions: Mapping[str, str], *, seen_ns: int) -> Envelope:
    """Return what is to be kept of an alarm that is there no more."""
    detail = {
        "AlarmArn": arn,
        "AlarmName": arn.rpartition(":alarm:")[2],
        "StateValue": ALARM_GONE,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
    }
    return _envelope(ALARM, f"{arn}@{seen_ns // MILLISECOND}", arn, detail, seen_ns)


def dimensions_of(document: Document) -> dict[str, str]:
    """Return ClusterName, and ServiceName, that an alarm names: itself, or in the first of its metrics that does."""
    metrics = [each.get("MetricStat", {}).get("Metric", {}) for each in document.get("Metrics") or ()]
    for each in [document, *metrics]:
        found = {one["Name"]: one["Value"] for one in each.get("Dimensions") or ()}
        if "ClusterName" in found:
            return {name: found[name] for name in ("ClusterName", "ServiceName") if name in found}
    return {}


def alarm_scope(arn: str, dimensions: Mapping[str, str]) -> tuple[str, str]:
    """Return the ARNs of cluster and service that an alarm concerns: of its own account and region; or empty."""
    cluster, service_name = dimensions.get("ClusterName", ""), dimensions.get("ServiceName", "")
    here = ":".join([*arn.split(":")[:2], "ecs", *arn.split(":")[3:5]])
    return (
        f"{here}:cluster/{cluster}" if cluster else "",
        f"{here}:service/{cluster}/{service_name}" if cluster and service_name else "",
    )


def plain(value: Any) -> Any:
    """Write times as EventBridge does, and leave out what is None."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def _envelope(kind: str, version: str, arn: str, detail: Document, time_ns: int) -> Envelope:
    _, _, _, region, account, *_ = (*arn.split(":"), "", "", "", "", "")
    return {
        "version": "0",
        "id": f"{ID_PREFIX}{version}",
        "detail-type": kind,
        "source": WATCH,
        "account": account,
        "time": plain(to_datetime(time_ns, UTC)),
        "region": region,
        "resources": [arn],
        "detail": plain(detail),
    }
