"""AWS's sentences: errors, reasons and service events. Marked [U] where AWS's exact wording is not verified."""

from collections.abc import Iterable
from typing import Final

from taskscope.lab.gateway.service import ApiError

STOPPED_BY_USER: Final = "Task stopped by user"
FAILED_HEALTH_CHECKS: Final = "Task failed container health checks"
ESSENTIAL_EXITED: Final = "Essential container in task exited"
FAILED_TO_START: Final = "Task failed to start"
BREAKER_TRIPPED: Final = "ECS deployment circuit breaker: tasks failed to start."
NOT_ACTIVE_SERVICE: Final = "Service was not ACTIVE."


def invalid(message: str) -> ApiError:
    """InvalidParameterException."""
    return ApiError("InvalidParameterException", message)


def client(message: str) -> ApiError:
    """ClientException."""
    return ApiError("ClientException", message)


def cluster_not_found() -> ApiError:
    """The cluster does not exist or is not active."""
    return ApiError("ClusterNotFoundException", "Cluster not found.")


def service_not_found() -> ApiError:
    """The service does not exist."""
    return ApiError("ServiceNotFoundException", "Service not found.")


def service_not_active() -> ApiError:
    """The service is draining or deleted."""
    return ApiError("ServiceNotActiveException", NOT_ACTIVE_SERVICE)


def task_not_found() -> ApiError:
    """StopTask of a task that does not exist or is forgotten."""
    return invalid("The referenced task was not found.")


def other_cluster(theirs: str, ours: str) -> ApiError:
    """The ARN of a task or service names another cluster than the call."""
    return invalid(f"Invalid identifier: Identifier is for cluster {theirs}. Your cluster is {ours}")


def unsupported_type(kind: str) -> ApiError:
    """The ARN is that of another kind of resource."""
    return invalid(f"Unsupported resource type: {kind}")


def too_many(member: str, limit: int) -> ApiError:
    """More ids than one call takes [U]."""
    return invalid(f"{member} can have at most {limit} items.")


def empty(member: str) -> ApiError:
    """No ids at all."""
    return invalid(f"{member} cannot be empty.")


def closing() -> ApiError:
    """The lab ends: what would begin now could not be brought to an end."""
    return ApiError("ServerException", "The lab is closing.", status=500)


def scaling(deployment: str) -> str:
    """Reason of a task that a scale-in or a deployment stops."""
    return f"Scaling activity initiated by (deployment {deployment})"


def secrets_failed(reason: str) -> str:
    """Reason of a task whose secrets cannot be read; the tail is [U]."""
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
        f"unable to retrieve secrets: {reason}"
    )


def _tasks(ids: Iterable[str]) -> str:
    return " ".join(f"(task {task_id})" for task_id in ids)


def started(service: str, ids: list[str]) -> str:
    """Service event: the scheduler has started tasks."""
    return f"(service {service}) has started {len(ids)} tasks: {_tasks(ids)}."


def stopped(service: str, ids: list[str]) -> str:
    """Service event: the scheduler has stopped tasks."""
    return f"(service {service}) has stopped {len(ids)} running tasks: {_tasks(ids)}."


def steady(service: str) -> str:
    """Service event: all is as desired."""
    return f"(service {service}) has reached a steady state."


def registered(service: str, count: int, target_group: str) -> str:
    """Service event: tasks were added to a target group."""
    return f"(service {service}) registered {count} targets in (target-group {target_group})"


def deregistered(service: str, count: int, target_group: str) -> str:
    """Service event: tasks were taken from a target group."""
    return f"(service {service}) deregistered {count} targets in (target-group {target_group})"


def draining(service: str, count: int) -> str:
    """Service event: tasks get no new connections."""
    return f"(service {service}) has begun draining connections on {count} tasks."


def impaired(service: str) -> str:
    """Service event: tasks fail to start again and again."""
    return (
        f"(service {service}) is unable to consistently start tasks successfully. "
        "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
    )


def blocked(service: str) -> str:
    """Service event: the percentages leave no room to replace a task."""
    return (
        f"(service {service}) was unable to stop or start tasks during a deployment because of the service deployment "
        "configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
    )


def deployment_completed(service: str, deployment: str) -> str:
    """Service event: a deployment has ended well."""
    return f"(service {service}) (deployment {deployment}) deployment completed."


def deployment_failed(service: str, deployment: str) -> str:
    """Service event: the circuit breaker has ended a deployment."""
    return f"(service {service}) (deployment {deployment}) deployment failed: tasks failed to start."


def rolling_back(service: str, deployment: str) -> str:
    """Service event: the service returns to an earlier deployment [U]."""
    return f"(service {service}) rolling back to deployment {deployment}."


def rollout_in_progress(deployment: str) -> str:
    """``rolloutStateReason`` of a deployment that is under way."""
    return f"ECS deployment {deployment} in progress."


def rollout_completed(deployment: str) -> str:
    """``rolloutStateReason`` of a deployment that has ended well."""
    return f"ECS deployment {deployment} completed."


def rollback_reason(deployment: str) -> str:
    """``rolloutStateReason`` of the deployment that a rollback returns to."""
    return f"ECS deployment circuit breaker: rolling back to deploymentId {deployment}."
