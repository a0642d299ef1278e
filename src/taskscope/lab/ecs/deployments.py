"""Deployments of a service: how one begins, ends well, fails, and how the service returns to the last good one."""

from typing import Final

from taskscope.lab.ecs import wording
from taskscope.lab.ecs.arns import Names, cluster_of, deployment_id, image_digest
from taskscope.lab.ecs.context import Context
from taskscope.lab.ecs.documents import chosen
from taskscope.lab.ecs.service_events import ServiceEvents
from taskscope.lab.ecs.state import Cluster, Rollout, ServiceRecord
from taskscope.lab.gateway.service import Document

_LEAST_THRESHOLD: Final = 3
_MOST_THRESHOLD: Final = 200
_LAUNCH: Final = ("capacityProviderStrategy", "launchType", "platformVersion", "platformFamily", "networkConfiguration")
"""What a deployment takes from its service, beside the task definition."""


def begin(context: Context, names: Names, service: ServiceRecord, definition: Document) -> Rollout:
    """Make a deployment of the service as its document is now; it becomes PRIMARY."""
    now, document = context.now(), service.document
    number, launch = deployment_id(), chosen(document, *_LAUNCH)
    rollout = Rollout(
        document={
            "id": number,
            "status": "PRIMARY",
            "taskDefinition": definition["taskDefinitionArn"],
            "desiredCount": document["desiredCount"],
            "pendingCount": 0,
            "runningCount": 0,
            "failedTasks": 0,
            "createdAt": now,
            "updatedAt": now,
            "rolloutState": "IN_PROGRESS",
            "rolloutStateReason": wording.rollout_in_progress(number),
            **launch,
        },
        revision={
            **_place(names.service_revision(cluster_of(document["serviceArn"]), service.name), document, "Revision"),
            "taskDefinition": definition["taskDefinitionArn"],
            "containerImages": [
                {"containerName": each["name"], "image": each["image"], "imageDigest": image_digest(each["image"])}
                for each in definition["containerDefinitions"]
            ],
            "guardDutyEnabled": False,
            "createdAt": now,
            **launch,
            **chosen(document, "loadBalancers", "serviceRegistries"),
        },
        history={},
    )
    rollout.history = _history(context, names, service, rollout)
    for each in service.rollouts:
        each.document["status"] = "ACTIVE"
    service.rollouts.insert(0, rollout)
    service.revisions.insert(0, rollout.revision)
    service.history.insert(0, rollout.history)
    document["taskDefinition"] = definition["taskDefinitionArn"]
    return rollout


def _place(arn: str, service: Document, kind: str) -> Document:
    return {f"service{kind}Arn": arn, "serviceArn": service["serviceArn"], "clusterArn": service["clusterArn"]}


def _history(context: Context, names: Names, service: ServiceRecord, rollout: Rollout) -> Document:
    now, document = context.now(), service.document
    if service.history and service.history[0]["status"] in {"PENDING", "IN_PROGRESS"}:
        # A newer deployment takes over; AWS calls the older one STOPPED.
        service.history[0] |= {"status": "STOPPED", "stoppedAt": now, "finishedAt": now, "updatedAt": now}
    return {
        **_place(names.service_deployment(cluster_of(document["serviceArn"]), service.name), document, "Deployment"),
        "createdAt": now,
        "startedAt": now,
        "updatedAt": now,
        "sourceServiceRevisions": [_summary(each) for each in service.rollouts],
        "targetServiceRevision": _summary(rollout),
        "status": "IN_PROGRESS",
        "deploymentConfiguration": chosen(document, "deploymentConfiguration").get("deploymentConfiguration", {}),
        "deploymentCircuitBreaker": {
            "status": "MONITORING" if breaker(service).get("enable") else "DISABLED",
            "failureCount": 0,
            "threshold": threshold(document["desiredCount"]),
        },
        "alarms": {"status": "DISABLED"},
    }


def _summary(rollout: Rollout) -> Document:
    counts = rollout.document
    return {
        "arn": rollout.revision["serviceRevisionArn"],
        "requestedTaskCount": counts["desiredCount"],
        "runningTaskCount": counts["runningCount"],
        "pendingTaskCount": counts["pendingCount"],
    }


def breaker(service: ServiceRecord) -> Document:
    """Return the service's ``deploymentCircuitBreaker``."""
    found: Document = service.document["deploymentConfiguration"].get("deploymentCircuitBreaker") or {}
    return found


def threshold(desired: int) -> int:
    """Failures that trip the circuit breaker: half of the desired count rounded up, at least 3, at most 200."""
    return min(max(-(-desired // 2), _LEAST_THRESHOLD), _MOST_THRESHOLD)


def tripped(service: ServiceRecord) -> bool:
    """
    Whether the circuit breaker ends the deployment.

    Tasks that fail to start count until one has run well; after that only failed health checks do.
    """
    rollout = service.rollouts[0]
    if not breaker(service).get("enable") or rollout.document["rolloutState"] != "IN_PROGRESS":
        return False
    failures = rollout.health_failures if rollout.ran else rollout.document["failedTasks"]
    return bool(failures >= threshold(service.document["desiredCount"]))


def complete(context: Context, service: ServiceRecord, events: ServiceEvents) -> None:
    """End the PRIMARY deployment well; older ones are gone."""
    rollout, now = service.rollouts[0], context.now()
    del service.rollouts[1:]
    rollout.completed, service.stable = True, rollout
    reason = wording.rollout_completed(rollout.id)
    rollout.document |= {"rolloutState": "COMPLETED", "rolloutStateReason": reason, "updatedAt": now}
    rolled_back = rollout.history["status"] == "ROLLBACK_IN_PROGRESS"
    status = "ROLLBACK_SUCCESSFUL" if rolled_back else "SUCCESSFUL"
    rollout.history |= {"status": status, "finishedAt": now, "updatedAt": now}
    if rollout.history["deploymentCircuitBreaker"]["status"] == "MONITORING":
        rollout.history["deploymentCircuitBreaker"]["status"] = "MONITORING_COMPLETE"
    events.say(wording.deployment_completed(service.name, rollout.id))
    events.deployment("SERVICE_DEPLOYMENT_COMPLETED", rollout)


def fail(context: Context, service: ServiceRecord, events: ServiceEvents) -> None:
    """End the PRIMARY deployment badly; roll back to the last COMPLETED one if that is switched on and there is one."""
    rollout, stable, now = service.rollouts[0], service.stable, context.now()
    rollout.document |= {"rolloutState": "FAILED", "rolloutStateReason": wording.BREAKER_TRIPPED, "updatedAt": now}
    rollout.history["deploymentCircuitBreaker"] |= {
        "status": "TRIGGERED",
        "failureCount": rollout.document["failedTasks"],
    }
    rollout.history |= {"statusReason": wording.BREAKER_TRIPPED, "updatedAt": now}
    events.say(wording.deployment_failed(service.name, rollout.id))
    events.deployment("SERVICE_DEPLOYMENT_FAILED", rollout)
    if stable is None or stable is rollout or not breaker(service).get("rollback"):
        rollout.history |= {"status": "STOPPED", "stoppedAt": now, "finishedAt": now}
        return
    _roll_back(context, service, stable, events)


def _roll_back(context: Context, service: ServiceRecord, stable: Rollout, events: ServiceEvents) -> None:
    failed, now = service.rollouts[0], context.now()
    reason = wording.rollback_reason(stable.id)
    failed.document["status"] = "ACTIVE"
    failed.history |= {
        "status": "ROLLBACK_IN_PROGRESS",
        "rollback": {"reason": reason, "startedAt": now, "serviceRevisionArn": stable.revision["serviceRevisionArn"]},
    }
    stable.history = failed.history
    stable.document |= {"status": "PRIMARY", "rolloutState": "IN_PROGRESS", "rolloutStateReason": reason}
    stable.document["updatedAt"] = now
    service.rollouts = [stable, *(each for each in service.rollouts if each is not stable)]
    service.document |= {"taskDefinition": stable.document["taskDefinition"], **chosen(stable.revision, *_LAUNCH)}
    events.say(wording.rolling_back(service.name, stable.id))
    events.deployment("SERVICE_DEPLOYMENT_IN_PROGRESS", stable)


def count(cluster: Cluster, service: ServiceRecord) -> None:
    """Bring the counts of the service, its deployments and its newest ServiceDeployment up to date."""
    if service.loaded:
        return
    document, tasks = service.document, cluster.tasks_of(service)
    for index, rollout in enumerate(service.rollouts):
        mine = [task for task in tasks if task.document.get("startedBy") == rollout.id]
        rollout.document["runningCount"] = sum(task.status == "RUNNING" for task in mine)
        rollout.document["pendingCount"] = sum(
            task.status in {"PROVISIONING", "PENDING", "ACTIVATING"} and task.wanted for task in mine
        )
        wanted = sum(task.wanted for task in mine)
        rollout.document["desiredCount"] = wanted if index or rollout.failed else document["desiredCount"]
    for member in ("runningCount", "pendingCount"):
        document[member] = sum(each.document[member] for each in service.rollouts)
    document["deployments"] = [each.document for each in service.rollouts]
    document["currentServiceRevisions"] = [_summary(each) for each in service.rollouts]
    if service.rollouts:
        newest = service.rollouts[0]
        # During a rollback the newest history is that of the deployment that failed.
        if newest.history["targetServiceRevision"]["arn"] == newest.revision["serviceRevisionArn"]:
            newest.history["deploymentCircuitBreaker"]["failureCount"] = newest.document["failedTasks"]
            newest.history["targetServiceRevision"] = _summary(newest)
        document["currentServiceDeployment"] = newest.history["serviceDeploymentArn"]
