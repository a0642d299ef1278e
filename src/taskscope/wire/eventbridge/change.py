"""Changes of ECS objects, from the ``detail`` of an EventBridge event of source ``aws.ecs``, or of a polled one."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from taskscope.clock import MILLISECOND
from taskscope.errors import MalformedPayloadError
from taskscope.model.change import EcsChange, Subject
from taskscope.model.ecs import name_of
from taskscope.wire.eventbridge import polled
from taskscope.wire.log_fields import read_time_text

_SERVICE_GROUP: Final = "service:"
_MAX_VERSION: Final = 2**63


class _Event(NamedTuple):
    """The envelope of an event, and its detail."""

    id: str
    account: str
    region: str
    time_ns: int
    resource: str
    """The first ARN of ``resources``; empty where there is none."""
    detail: Mapping[str, Any]


def read_change(event: Mapping[str, Any]) -> EcsChange:
    """
    Read one event.

    Its time is that of the detail, which is exact to the millisecond; the envelope's is to the second, but for those of
    ``polled``, whose details have no time of their own.

    Raises:
        MalformedPayloadError: It is no event of EventBridge, not about ECS, or lacks what names its object.
    """
    kind, detail = event.get("detail-type"), event.get("detail")
    if not isinstance(kind, str) or not isinstance(detail, dict):
        raise MalformedPayloadError("the message is no EventBridge event: no detail-type or no detail")
    read = _READERS.get(kind)
    if read is None:
        raise MalformedPayloadError(f"events of type {kind[:64]!r} are not about ECS objects")
    resources = event.get("resources")
    resource = resources[0] if isinstance(resources, list) and resources else ""
    envelope_ns = _time(event["time"]) if "time" in event else 0
    return read(
        _Event(
            id=_text(event, "id"),
            account=_text(event, "account"),
            region=_text(event, "region"),
            time_ns=(event.get("source") != polled.WATCH and _detail_time(detail)) or envelope_ns,
            resource=resource if isinstance(resource, str) else "",
            detail=detail,
        )
    )


def _task(event: _Event) -> EcsChange:
    cluster_arn, group = _text(event.detail, "clusterArn"), _text(event.detail, "group")
    service = group.removeprefix(_SERVICE_GROUP) if group.startswith(_SERVICE_GROUP) else ""
    return _change(
        event,
        Subject.TASK,
        arn=_needed(event.detail, "taskArn"),
        name=_text(event.detail, "lastStatus"),
        cluster_arn=cluster_arn,
        service_arn=cluster_arn.replace(":cluster/", ":service/") + f"/{service}" if service and cluster_arn else "",
    )


def _container_instance(event: _Event) -> EcsChange:
    return _change(
        event,
        Subject.CONTAINER_INSTANCE,
        arn=_needed(event.detail, "containerInstanceArn"),
        name=_text(event.detail, "status"),
        cluster_arn=_text(event.detail, "clusterArn"),
    )


def _service_action(event: _Event) -> EcsChange:
    if not event.resource:
        raise MalformedPayloadError("the event names no service in resources")
    return _change(
        event,
        Subject.SERVICE_EVENT,
        arn=event.resource,
        name=_needed(event.detail, "eventName"),
        cluster_arn=_text(event.detail, "clusterArn") or _cluster_of(event.resource),
        service_arn=event.resource,
    )


def _deployment(event: _Event) -> EcsChange:
    """Read a deployment, whose detail does not say in which cluster: its service's ARN does."""
    return _change(
        event,
        Subject.DEPLOYMENT,
        arn=_needed(event.detail, "deploymentId"),
        name=_needed(event.detail, "eventName"),
        cluster_arn=_text(event.detail, "clusterArn") or _cluster_of(event.resource),
        service_arn=event.resource,
    )


def _cluster(event: _Event) -> EcsChange:
    arn = _needed(event.detail, "clusterArn")
    return _change(event, Subject.CLUSTER, arn=arn, name=_text(event.detail, "status"), cluster_arn=arn)


def _service(event: _Event) -> EcsChange:
    return _change(
        event,
        Subject.SERVICE,
        arn=_needed(event.detail, "serviceArn"),
        name=_text(event.detail, "status"),
        cluster_arn=_needed(event.detail, "clusterArn"),
    )


def _service_event(event: _Event) -> EcsChange:
    """Read a line of a service's history, which has a text and no name."""
    _needed(event.detail, "message")
    return _change(
        event,
        Subject.SERVICE_EVENT,
        arn=event.resource,
        name="",
        cluster_arn=_text(event.detail, "clusterArn") or _cluster_of(event.resource),
        service_arn=event.resource,
    )


def _alarm(event: _Event) -> EcsChange:
    """Read an alarm, whose dimensions name cluster and service."""
    arn = _needed(event.detail, "AlarmArn")
    cluster_arn, service_arn = polled.alarm_scope(arn, polled.dimensions_of(event.detail))
    return _change(
        event,
        Subject.ALARM,
        arn=arn,
        name=_needed(event.detail, "StateValue"),
        cluster_arn=cluster_arn,
        service_arn=service_arn,
    )


_READERS: Final[Mapping[str, Callable[[_Event], EcsChange]]] = {
    "ECS Task State Change": _task,
    "ECS Container Instance State Change": _container_instance,
    "ECS Service Action": _service_action,
    "ECS Deployment State Change": _deployment,
    polled.CLUSTER: _cluster,
    polled.SERVICE: _service,
    polled.SERVICE_EVENT: _service_event,
    polled.ALARM: _alarm,
}


def _change(
    event: _Event, subject: Subject, *, arn: str, name: str, cluster_arn: str, service_arn: str = ""
) -> EcsChange:
    """Fill in what all have; account and region are in the ARN where the envelope lacks them, as copies may."""
    _, _, _, region, account, *_ = (*(cluster_arn or event.resource).split(":"), "", "", "", "", "")
    version = event.detail.get("version")
    return EcsChange(
        subject=subject,
        arn=arn,
        version=version if type(version) is int and 0 <= version < _MAX_VERSION else event.time_ns // MILLISECOND,
        time_ns=event.time_ns,
        cluster_arn=cluster_arn,
        account=event.account or account,
        region=event.region or region,
        event_id=event.id,
        name=name,
        service_arn=service_arn,
        document=event.detail,
    )


def _cluster_of(service_arn: str) -> str:
    """Return the cluster of ``…:service/<cluster>/<name>``; the old ``…:service/<name>`` does not say."""
    cluster = service_arn.removesuffix(f"/{name_of(service_arn)}").replace(":service/", ":cluster/")
    return cluster if ":cluster/" in cluster else ""


def _detail_time(detail: Mapping[str, Any]) -> int:
    for name in ("updatedAt", "createdAt"):
        if name in detail:
            return _time(detail[name])
    return 0


def _time(value: Any) -> int:
    time_ns = read_time_text(value) if isinstance(value, str) else None
    if time_ns is None:
        raise MalformedPayloadError(f"{str(value)[:64]!r} is no time")
    return time_ns


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _needed(document: Mapping[str, Any], name: str) -> str:
    value = _text(document, name)
    if not value:
        raise MalformedPayloadError(f"the event's detail has no {name}")
    return value
