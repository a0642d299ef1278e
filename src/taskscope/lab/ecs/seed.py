"""Recorded states: what the API cannot set (times, events) is loaded below it, checked against botocore's model."""

import functools
from datetime import UTC, datetime
from typing import Any, Final

from botocore.model import ListShape, ServiceModel, Shape, StructureShape
from botocore.session import get_session

from taskscope.errors import UsageError
from taskscope.lab.ecs import task_definitions
from taskscope.lab.ecs.arns import Names, short_name
from taskscope.lab.ecs.context import Context
from taskscope.lab.ecs.documents import new_cluster
from taskscope.lab.ecs.state import Cluster, DefinitionRecord, ServiceRecord, TaskRecord
from taskscope.lab.gateway.service import Document

FORMAT: Final = 1
"""The format of ``state.json`` that is read here."""
_NEEDED: Final = {
    "Task": ("taskArn", "clusterArn", "taskDefinitionArn", "createdAt", "lastStatus", "desiredStatus", "containers"),
    "Container": ("name", "lastStatus"),
    "Service": ("serviceArn", "serviceName", "clusterArn", "status", "events"),
    "ServiceEvent": ("id", "createdAt", "message"),
    "TaskDefinition": ("taskDefinitionArn", "family", "revision", "status", "containerDefinitions"),
    "ContainerDefinition": ("name",),
}
"""Members that the operations and their callers cannot do without, by shape of the ECS API."""
_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "double": (int, float),
    "float": (int, float),
    "map": dict,
}
_SHAPES: Final = {"task": "Task", "service": "Service", "taskDefinition": "TaskDefinition"}


def load(context: Context, state: Document) -> None:
    """
    Put a recorded state into its region. A state that is loaded twice replaces itself.

    Raises:
        UsageError: The state is not in the format, or has a member that the API does not have.
    """
    if state.get("format") != FORMAT:
        raise UsageError(f"the state has format {state.get('format')!r}, not {FORMAT}")
    region_name, account = _text(state, "region"), _text(state, "account")
    if not isinstance(state.get("task"), dict):
        raise UsageError("the state lacks task")
    documents = {name: read(name, state[name]) for name in _SHAPES if state.get(name) is not None}
    region, names = context.region(region_name), Names(region_name, account)
    task, definition = documents["task"], documents.get("taskDefinition", {})
    if definition:
        task_definitions.add(region, DefinitionRecord(definition, []))
    cluster = _cluster(region.clusters, names, task["clusterArn"])
    record = TaskRecord(task, definition or {"containerDefinitions": []}, loaded=True)
    cluster.tasks[record.id] = record
    if service := documents.get("service"):
        _cluster(region.clusters, names, service["clusterArn"]).services[service["serviceName"]] = ServiceRecord(
            service, loaded=True
        )


def _text(state: Document, member: str) -> str:
    value = state.get(member)
    if not isinstance(value, str) or not value:
        raise UsageError(f"the state lacks {member}")
    return value


def _cluster(clusters: dict[str, Cluster], names: Names, arn: str) -> Cluster:
    """Return the recorded cluster; one that is still empty takes over the ARN of the recording."""
    name = short_name(arn)
    found = clusters.get(name)
    if found is None or found.document["status"] != "ACTIVE" or not (found.tasks or found.services):
        found = clusters[name] = Cluster(new_cluster(names, name))
        found.document["clusterArn"] = arn
    return found


def read(name: str, value: Document) -> Document:
    """
    Read a recorded ``task``, ``service`` or ``taskDefinition``: ISO 8601 strings and epoch seconds become datetimes.

    Raises:
        UsageError: A member is missing, unknown to the API or of the wrong type.
    """
    if not isinstance(value, dict):
        raise UsageError(f"{name} in the state is no object")
    found: Document = _read(_model().shape_for(_SHAPES[name]), value, name)
    return found


@functools.cache
def _model() -> ServiceModel:
    return get_session().get_service_model("ecs")


def _read(shape: Shape, value: Any, at: str) -> Any:
    if isinstance(shape, StructureShape):
        _of_type(dict, value, at)
        if lacking := [name for name in _NEEDED.get(shape.name, ()) if value.get(name) is None]:
            raise UsageError(f"the state lacks {at}.{lacking[0]}")
        if unknown := sorted(set(value) - set(shape.members)):
            raise UsageError(f"{at}.{unknown[0]} in the state is no member of {shape.name} in the ECS API")
        return {name: _read(shape.members[name], each, f"{at}.{name}") for name, each in value.items()}
    if isinstance(shape, ListShape):
        _of_type(list, value, at)
        return [_read(shape.member, each, f"{at}[{index}]") for index, each in enumerate(value)]
    if shape.type_name == "timestamp":
        return _moment(value, at)
    if value is not None and shape.type_name in _TYPES:
        _of_type(_TYPES[shape.type_name], value, at)
    return value


def _of_type(kind: type | tuple[type, ...], value: Any, at: str) -> None:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        names = " or ".join(each.__name__ for each in (kind if isinstance(kind, tuple) else (kind,)))
        raise UsageError(f"{at} in the state is {value!r}, not of type {names}")


def _moment(value: Any, at: str) -> datetime:
    try:
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        return datetime.fromisoformat(value).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"{at} in the state is {value!r}, no time", hint="write 2021-12-03T02:06:21.633Z") from None
