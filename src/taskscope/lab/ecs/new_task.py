"""What a task looks like when RunTask or the scheduler has just accepted it."""

import random
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from taskscope.lab.ecs import wording
from taskscope.lab.ecs.arns import Names, hexadecimal, task_id, uuid
from taskscope.lab.ecs.documents import chosen
from taskscope.lab.ecs.state import Cluster, DefinitionRecord
from taskscope.lab.gateway.service import ApiError, Document

_ARCHITECTURES: Final = {"X86_64": "x86_64", "ARM64": "arm64"}
PROVIDERS: Final = ("FARGATE", "FARGATE_SPOT")
"""Capacity providers that every account has."""
_PLATFORMS: Final = frozenset({"LATEST", "1.3.0", "1.4.0"})
_FARGATE_DISK_GIB: Final = 20


def launch_type(definition: Document, params: Document) -> str:
    """
    Return the launch type of a task or service.

    Where none is given AWS takes the cluster's capacity provider strategy, else EC2. The lab takes FARGATE for every
    definition that Fargate can run, because it has no capacity that a cluster would have to be given first; EC2, or
    EXTERNAL, only where the definition requires it or cannot run on Fargate.

    Raises:
        ApiError: InvalidParameterException, if the definition does not support it.
    """
    required = definition.get("requiresCompatibilities") or []
    good = definition.get("compatibilities") or required or ["EC2", "FARGATE"]
    if given := params.get("launchType"):
        if given not in good or (required and given not in required):
            raise wording.invalid(f"Task definition does not support launch_type {given}.")
        return str(given)
    if strategy := params.get("capacityProviderStrategy"):
        if any(each["capacityProvider"] not in PROVIDERS for each in strategy):
            raise wording.invalid("The specified capacity provider was not found.")
        return launch_type(definition, {"launchType": "FARGATE"})
    allowed = [each for each in ("FARGATE", "EC2", "EXTERNAL") if each in good and (not required or each in required)]
    return allowed[0] if allowed else "FARGATE"


def check(definition: Document, params: Document) -> None:
    """
    Check that tasks of a definition can be made with the parameters of RunTask, or a service's of the same names.

    Raises:
        ApiError: InvalidParameterException or PlatformUnknownException.
    """
    if launch_type(definition, params) == "FARGATE":
        _platform_version(params)
    _network(definition, params)


def _network(definition: Document, params: Document) -> None:
    """
    Check that ``networkConfiguration`` is there for ``awsvpc``, and only there.

    Raises:
        ApiError: InvalidParameterException.
    """
    given = (params.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if definition.get("networkMode") == "awsvpc":
        if not given:
            raise wording.invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
        if not given.get("subnets"):
            raise wording.invalid("subnets can not be empty.")
    elif given:
        raise wording.invalid("Network Configuration is not valid for the given networkMode of this task definition.")


def document(names: Names, cluster: Cluster, definition: DefinitionRecord, params: Document, now: datetime) -> Document:
    """
    Make the Task for the parameters of RunTask, or for a service's settings of the same names.

    Raises:
        ApiError: InvalidParameterException for overrides of containers that the definition does not have.
    """
    spec, number = definition.document, task_id()
    overrides = _overrides(spec, params.get("overrides") or {})
    kind = launch_type(spec, params)
    interface = spec.get("networkMode") == "awsvpc"
    arn = names.task(cluster.name, number)
    task: Document = {
        "attachments": [_interface(params)] if interface else [],
        "attributes": [{"name": "ecs.cpu-architecture", "value": _architecture(spec)}],
        "availabilityZone": f"{names.region}{random.choice('abc')}",
        "clusterArn": cluster.document["clusterArn"],
        "containers": [
            _container(each, arn, names.container(cluster.name, number), changed)
            for each, changed in zip(spec["containerDefinitions"], overrides["containerOverrides"], strict=True)
        ],
        "createdAt": now,
        "desiredStatus": "RUNNING",
        "enableExecuteCommand": bool(params.get("enableExecuteCommand")),
        "group": params.get("group") or f"family:{spec['family']}",
        "healthStatus": "UNKNOWN",
        "lastStatus": "PROVISIONING" if interface else "PENDING",
        "launchType": kind,
        "overrides": overrides,
        "tags": tags(cluster, definition, params),
        "taskArn": arn,
        "taskDefinitionArn": spec["taskDefinitionArn"],
        "version": 0,
        **_sizes(spec, overrides),
        **chosen(params, "startedBy"),
    }
    return task | _platform(names, cluster, spec, kind, params)


def _platform(names: Names, cluster: Cluster, spec: Document, kind: str, params: Document) -> Document:
    if kind != "FARGATE":
        return {"containerInstanceArn": names.container_instance(cluster.name, external=kind == "EXTERNAL")}
    family = (spec.get("runtimePlatform") or {}).get("operatingSystemFamily") or "LINUX"
    disk = {**(spec.get("ephemeralStorage") or {"sizeInGiB": _FARGATE_DISK_GIB})}
    found: Document = {
        "platformVersion": _platform_version(params),
        "platformFamily": "Linux" if family == "LINUX" else family,
        "ephemeralStorage": disk,
        "fargateEphemeralStorage": dict(disk),
    }
    if strategy := params.get("capacityProviderStrategy"):
        found["capacityProviderName"] = strategy[0]["capacityProvider"]
    return found


def _platform_version(params: Document) -> str:
    version = params.get("platformVersion") or "LATEST"
    if version not in _PLATFORMS:
        raise ApiError("PlatformUnknownException", "The specified platform does not exist.")
    return "1.4.0" if version == "LATEST" else str(version)


def tags(cluster: Cluster, definition: DefinitionRecord, params: Document) -> list[Document]:
    """Tags of a new task: its own win over propagated ones; AWS's own ``aws:ecs:`` tags where they are switched on."""
    found: dict[str, str] = {}
    if params.get("propagateTags") == "TASK_DEFINITION":
        found |= {each["key"]: each.get("value", "") for each in definition.tags}
    found |= {each["key"]: each.get("value", "") for each in params.get("tags") or []}
    if params.get("enableECSManagedTags"):
        found["aws:ecs:clusterName"] = cluster.name
        group = params.get("group") or ""
        if group.startswith("service:"):
            found["aws:ecs:serviceName"] = group.removeprefix("service:")
    return [{"key": key, "value": value} for key, value in found.items()]


def _overrides(spec: Document, given: Document) -> Document:
    known = [each["name"] for each in spec["containerDefinitions"]]
    by_name = {each.get("name"): each for each in given.get("containerOverrides") or []}
    if unknown := [str(name) for name in by_name if name not in known]:
        raise wording.invalid(f"Override for container named {unknown[0]} is not a container in the TaskDefinition.")
    return {
        **chosen(given, *(set(given) - {"containerOverrides", "inferenceAcceleratorOverrides"})),
        "containerOverrides": [
            {"name": name, **chosen(by_name.get(name, {}), *by_name.get(name, {}))} for name in known
        ],
        "inferenceAcceleratorOverrides": chosen(given, "inferenceAcceleratorOverrides").get(
            "inferenceAcceleratorOverrides", []
        ),
    }


def _container(spec: Document, task_arn: str, arn: str, override: Document) -> Document:
    found = {
        "containerArn": arn,
        "taskArn": task_arn,
        "name": spec["name"],
        "image": spec["image"],
        "lastStatus": "PENDING",
        "networkInterfaces": [],
        "healthStatus": "UNKNOWN",
        "cpu": str(override.get("cpu") or spec.get("cpu") or 0),
    }
    for member in ("memory", "memoryReservation"):
        if amount := override.get(member) or spec.get(member):
            found[member] = str(amount)
    return found


def _sizes(spec: Document, overrides: Document) -> Document:
    sizes = {}
    for member in ("cpu", "memory"):
        whole = overrides.get(member) or spec.get(member)
        sizes[member] = str(whole or _sum(member, spec["containerDefinitions"], overrides["containerOverrides"]))
    return sizes


def _sum(member: str, specs: Iterable[Document], overrides: Iterable[Document]) -> int:
    return sum(
        override.get(member) or spec.get(member) or spec.get(f"{member}Reservation") or 0
        for spec, override in zip(specs, overrides, strict=True)
    )


def _interface(params: Document) -> Document:
    subnets = params["networkConfiguration"]["awsvpcConfiguration"]["subnets"]
    details = {"subnetId": random.choice(subnets), "networkInterfaceId": f"eni-{hexadecimal(17)}"}
    return {
        "id": uuid(),
        "type": "ElasticNetworkInterface",
        "status": "PRECREATED",
        "details": [{"name": name, "value": value} for name, value in details.items()],
    }


def _architecture(spec: Document) -> str:
    asked = (spec.get("runtimePlatform") or {}).get("cpuArchitecture") or "X86_64"
    return _ARCHITECTURES.get(asked, "x86_64")
