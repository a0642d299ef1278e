"""
The fields that FireLens adds to a record, as a resource in OpenTelemetry's words.

The ECS agent adds ``ecs_cluster`` (a name), ``ecs_task_arn``, ``ecs_task_definition`` (``family:revision``) and, on
EC2, ``ec2_instance_id``; docker's driver adds ``container_id`` and ``container_name``, on EC2
``/ecs-<family>-<revision>-<name>-<hex>``. The tag is ``<container>-firelens-<task id>``.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from taskscope.model.attributes import AttributeValue
from taskscope.model.ecs import name_of
from taskscope.model.resource import Resource

_HEX_END: Final = re.compile(r"-[0-9a-f]{16,}$")
_TAGGED: Final = "-firelens-"
_ARN_PARTS: Final = 6


class Origin(NamedTuple):
    """The values of FireLens' fields; an empty one was not there."""

    container_tag: str
    """The container's name in the tag."""
    cluster: str
    task_arn: str
    definition: str
    container_id: str
    container_name: str
    instance_id: str


_FIELDS: Final = (
    "ecs_cluster", "ecs_task_arn", "ecs_task_definition", "container_id", "container_name", "ec2_instance_id"
)  # fmt: skip
"""In the order of ``Origin`` after its first."""


def container_of_tag(tag: str) -> str:
    """Return the container that a tag of FireLens names; empty for any other tag."""
    container, found, _ = tag.rpartition(_TAGGED)
    return container if found else ""


def take_resource(fields: dict[str, AttributeValue], container_tag: str) -> Resource:
    """Take FireLens' fields out of ``fields``; records of equal fields share one resource."""
    values = [fields.pop(name, "") for name in _FIELDS]
    try:
        return _resource(container_tag, *values)
    except TypeError:  # a list or a map where a text belongs
        return _resource(container_tag, *[None if value is None else str(value) for value in values])


@lru_cache(maxsize=4096, typed=True)
def _resource(*values: AttributeValue) -> Resource:
    """
    Make the resource.

    A container's log says nothing of the service that wrote it, so ``service.name`` is the container's name in the
    task definition: that is what people call their services by, and what they set ``service.name`` to most often.
    """
    origin = Origin(*("" if value is None else str(value) for value in values))
    family, _, revision = origin.definition.partition(":")
    container = origin.container_tag or _container(origin.container_name, family, revision)
    attributes = {
        "service.name": container,
        **_task(origin),
        "aws.ecs.task.family": family,
        "aws.ecs.task.revision": revision,
        "container.id": origin.container_id,
        "container.name": container,
        "host.id": origin.instance_id,
    }
    return Resource({name: value for name, value in attributes.items() if value})


def _task(origin: Origin) -> dict[str, str]:
    if not (origin.cluster or origin.task_arn):
        return {}
    attributes = {"cloud.provider": "aws", "cloud.platform": "aws_ecs"}
    parts = origin.task_arn.split(":")
    if len(parts) == _ARN_PARTS:
        attributes |= {
            "cloud.region": parts[3],
            "cloud.account.id": parts[4],
            "aws.ecs.task.arn": origin.task_arn,
            "aws.ecs.task.id": name_of(origin.task_arn),
        }
    return attributes | _cluster(origin.cluster, parts)


def _cluster(cluster: str, task_arn: list[str]) -> dict[str, str]:
    """Name the cluster by its ARN, which the task's ARN tells; else by the name that is there."""
    if cluster.startswith("arn:"):
        return {"aws.ecs.cluster.arn": cluster}
    if cluster and len(task_arn) == _ARN_PARTS:
        return {"aws.ecs.cluster.arn": ":".join([*task_arn[:-1], f"cluster/{cluster}"])}
    return {"aws.ecs.cluster.name": cluster}


def _container(name: str, family: str, revision: str) -> str:
    """Return a container's name in its task definition: docker's name on EC2 has more around it."""
    name = name.removeprefix("/")
    start = f"ecs-{family}-{revision}-"
    return _HEX_END.sub("", name.removeprefix(start)) if family and name.startswith(start) else name
