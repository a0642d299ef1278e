"""What CreateService makes of its parameters, and what it refuses."""

from datetime import datetime
from typing import Final

from taskscope.lab.ecs import new_task, validation, wording
from taskscope.lab.ecs.arns import Names
from taskscope.lab.ecs.documents import chosen
from taskscope.lab.ecs.state import Cluster
from taskscope.lab.gateway.service import ApiError, Document

_WHOLE: Final = 100
_MOST_PERCENT: Final = 200
_COPIED: Final = (
    "capacityProviderStrategy",
    "networkConfiguration",
    "healthCheckGracePeriodSeconds",
    "availabilityZoneRebalancing",
    "tags",
)


def document(names: Names, cluster: Cluster, definition: Document, params: Document, now: datetime) -> Document:
    """
    Make the Service.

    Raises:
        ApiError: For parameters that AWS, or the lab, does not take.
    """
    name, strategy = params["serviceName"], params.get("schedulingStrategy") or "REPLICA"
    validation.name("Service name", name)
    if ((params.get("deploymentController") or {}).get("type") or "ECS") != "ECS":
        raise ApiError("UnsupportedFeatureException", "The lab has only the deployment controller ECS.")
    kind = new_task.launch_type(definition, params)
    if strategy == "DAEMON" and kind == "FARGATE":
        raise wording.invalid("The daemon scheduling strategy is not supported for the launch type FARGATE.")
    new_task.check(definition, params)
    found: Document = {
        "serviceArn": names.service(cluster.name, name),
        "serviceName": name,
        "clusterArn": cluster.document["clusterArn"],
        "status": "ACTIVE",
        "desiredCount": desired_count(params, strategy),
        "runningCount": 0,
        "pendingCount": 0,
        "taskDefinition": definition["taskDefinitionArn"],
        "deploymentConfiguration": configuration(params, {}, strategy),
        "deployments": [],
        "events": [],
        "createdAt": now,
        "createdBy": names.root(),
        "schedulingStrategy": strategy,
        "deploymentController": {"type": "ECS"},
        "enableECSManagedTags": bool(params.get("enableECSManagedTags")),
        "enableExecuteCommand": bool(params.get("enableExecuteCommand")),
        "propagateTags": params.get("propagateTags") or "NONE",
        "tags": [],
    }
    for member in ("loadBalancers", "serviceRegistries", "placementConstraints", "placementStrategy"):
        found[member] = chosen(params, member).get(member, [])
    found |= {} if params.get("capacityProviderStrategy") else {"launchType": kind}
    if kind == "FARGATE":
        found |= {"platformVersion": params.get("platformVersion") or "LATEST", "platformFamily": "Linux"}
    return found | chosen(params, *_COPIED)


def desired_count(params: Document, strategy: str) -> int:
    """
    Return the number of tasks: a DAEMON service has one, because this machine is the only container instance.

    Raises:
        ApiError: InvalidParameterException.
    """
    count = params.get("desiredCount")
    if strategy == "DAEMON":
        if count is not None:
            raise wording.invalid("The daemon scheduling strategy does not support a desired count for services.")
        return 1
    if count is None or count < 0:
        raise wording.invalid("desiredCount must be specified and cannot be negative.")
    return int(count)


def configuration(params: Document, present: Document, strategy: str = "REPLICA") -> Document:
    """
    Return the ``deploymentConfiguration``: what is given, else what is there, else AWS's defaults.

    Raises:
        ApiError: InvalidParameterException for percentages that no deployment can keep.
    """
    daemon = strategy == "DAEMON"
    found: Document = {
        "deploymentCircuitBreaker": {"enable": False, "rollback": False},
        "maximumPercent": _WHOLE if daemon else _MOST_PERCENT,
        "minimumHealthyPercent": 0 if daemon else _WHOLE,
        "strategy": "ROLLING",
    }
    given = chosen(params, "deploymentConfiguration").get("deploymentConfiguration", {})
    found |= present | {member: value for member, value in given.items() if value is not None}
    if found["strategy"] != "ROLLING":
        raise ApiError("UnsupportedFeatureException", "The lab has only the deployment strategy ROLLING.")
    least, most = found["minimumHealthyPercent"], found["maximumPercent"]
    if least < 0 or most < _WHOLE or (least >= _WHOLE and most <= _WHOLE and not daemon):
        raise wording.invalid(
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
            if least == most == _WHOLE
            else f"Invalid deployment configuration: minimumHealthyPercent {least}, maximumPercent {most}."
        )
    return found
