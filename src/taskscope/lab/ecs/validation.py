"""What RegisterTaskDefinition refuses, and which launch types a definition is good for."""

import re
from typing import Final

from taskscope.lab.ecs import wording
from taskscope.lab.gateway.service import ApiError, Document

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_GIB: Final = 1024
_FARGATE: Final[dict[int, list[int]]] = {
    256: [512, _GIB, 2 * _GIB],
    512: [gib * _GIB for gib in range(1, 5)],
    1024: [gib * _GIB for gib in range(2, 9)],
    2048: [gib * _GIB for gib in range(4, 17)],
    4096: [gib * _GIB for gib in range(8, 31)],
    8192: [gib * _GIB for gib in range(16, 61, 4)],
    16384: [gib * _GIB for gib in range(32, 121, 8)],
}
"""Memory sizes in MiB that Fargate has for each number of CPU units (developer guide, "Task size")."""
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(vcpu|gb|mib|)", re.IGNORECASE)
LEAST_MEMORY: Final = 6
"""MiB that a container must have at least (RegisterTaskDefinition, ``memory``)."""


def name(kind: str, value: str) -> None:
    """
    Check a family's, service's or cluster's name: letters, digits, hyphens and underscores, up to 255.

    Raises:
        ApiError: InvalidParameterException.
    """
    if not _NAME.fullmatch(value):
        raise wording.invalid(f"{kind} contains invalid characters or has an invalid length: {value}")


def size(value: str | None) -> int | None:
    """Read a task's ``cpu`` or ``memory``: a plain number, or ``1 vCPU``, ``2GB``; None if it is neither."""
    found = _SIZE.fullmatch(value.strip()) if value else None
    return round(float(found[1]) * (_GIB if found[2].lower() in {"vcpu", "gb"} else 1)) if found else None


def task_definition(params: Document) -> list[str]:
    """
    Check a definition's parameters and return its ``compatibilities``.

    Raises:
        ApiError: ClientException or InvalidParameterException, for the first thing that is wrong.
    """
    name("Family", params["family"])
    _containers(params)
    required = params.get("requiresCompatibilities") or []
    problem = fargate_problem(params)
    if "FARGATE" in required and problem:
        raise problem
    return ["EC2", *(["EXTERNAL"] if params.get("networkMode") != "awsvpc" else []), *([] if problem else ["FARGATE"])]


def _containers(params: Document) -> None:
    containers = params["containerDefinitions"]
    if not containers:
        raise wording.client("Container list cannot be empty.")
    seen: set[str] = set()
    for container in containers:
        label = container.get("name") or ""
        if not _NAME.fullmatch(label):
            raise wording.client("Container.name contains invalid characters.")
        if label in seen:
            raise wording.client(f"Container.name must be unique: {label}.")
        seen.add(label)
        if not container.get("image"):
            raise wording.client("Container.image should not be null or empty.")
        _memory(container, params)
    if not any(container.get("essential", True) for container in containers):
        raise wording.client("At least one container in a task definition must be essential.")
    _dependencies(containers, seen)


def _memory(container: Document, params: Document) -> None:
    hard, soft = container.get("memory"), container.get("memoryReservation")
    if hard is None and soft is None and not params.get("memory"):
        raise wording.client(
            f"Invalid setting for container '{container['name']}'. "
            "At least one of 'memory' or 'memoryReservation' must be specified."
        )
    if hard is not None and hard < LEAST_MEMORY:
        raise wording.client(
            f"Invalid setting for container '{container['name']}'. 'memory' must be at least {LEAST_MEMORY}."
        )
    if hard is not None and soft is not None and soft > hard:
        raise wording.client(
            f"Invalid setting for container '{container['name']}'. 'memory' must be greater than 'memoryReservation'."
        )


def _dependencies(containers: list[Document], names: set[str]) -> None:
    waits = {each["name"]: each.get("dependsOn") or [] for each in containers}
    checked = {each["name"] for each in containers if each.get("healthCheck")}
    for label, conditions in waits.items():
        for condition in conditions:
            other = condition["containerName"]
            if other not in names:
                raise wording.client(f"Container '{label}' depends on container '{other}', which does not exist.")
            if condition["condition"] == "HEALTHY" and other not in checked:
                raise wording.client(f"Container '{other}' needs a health check: '{label}' waits for it to be HEALTHY.")
    free: set[str] = set()
    while ready := {
        label for label, rest in waits.items() if label not in free and all(c["containerName"] in free for c in rest)
    }:
        free |= ready
    if free != names:
        raise wording.client("The dependencies of the containers form a circle.")


def fargate_problem(params: Document) -> ApiError | None:
    """Say why a definition cannot run on Fargate, in AWS's words; None if it can."""
    if params.get("networkMode") != "awsvpc":
        return wording.client("Fargate only supports network mode ‘awsvpc’.")  # noqa: RUF001  AWS's quotation marks
    for member in ("cpu", "memory"):
        if size(params.get(member)) is None:
            return wording.client(f"Fargate requires that '{member}' be defined at the task level.")
    cpu, memory = size(params["cpu"]), size(params["memory"])
    if memory not in _FARGATE.get(cpu or 0, []):
        return wording.client(f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory.")
    return _fargate_containers(params)


def _fargate_containers(params: Document) -> ApiError | None:
    for container in params["containerDefinitions"]:
        for port in container.get("portMappings") or []:
            if port.get("hostPort") not in {None, 0, port.get("containerPort")}:
                return wording.client(
                    "When networkMode=awsvpc, the host ports and container ports in port mappings must match."
                )
        log = container.get("logConfiguration") or {}
        if log.get("logDriver") == "awslogs":
            if not params.get("executionRoleArn"):
                return wording.client(
                    "Fargate requires task definition to have execution role ARN to support log driver awslogs."
                )
            if not (log.get("options") or {}).get("awslogs-stream-prefix"):
                return wording.client("Fargate requires the log option awslogs-stream-prefix.")
    return None
