"""Health of a task, from the health checks of its essential containers."""

from datetime import datetime, timedelta

from taskscope.lab.ecs.state import TaskRecord


def checked(record: TaskRecord) -> set[str]:
    """Names of the essential containers that have a health check; the others do not count."""
    return {
        each["name"]
        for each in record.definition["containerDefinitions"]
        if each.get("essential", True) and each.get("healthCheck") and each["healthCheck"].get("command") != ["NONE"]
    }


def task_health(record: TaskRecord) -> str:
    """UNHEALTHY if one is, HEALTHY if all are, else UNKNOWN (Task, ``healthStatus``)."""
    names = checked(record)
    states = [each.get("healthStatus") for each in record.document["containers"] if each["name"] in names]
    if "UNHEALTHY" in states:
        return "UNHEALTHY"
    return "HEALTHY" if states and set(states) == {"HEALTHY"} else "UNKNOWN"


def proven(record: TaskRecord, now: datetime, proving: float) -> bool:
    """Whether the service scheduler counts on the task: RUNNING for a while, and HEALTHY where it can tell."""
    if (
        record.status != "RUNNING"
        or not record.wanted
        or now - record.document["startedAt"] < timedelta(seconds=proving)
    ):
        return False
    return not checked(record) or record.document["healthStatus"] == "HEALTHY"
