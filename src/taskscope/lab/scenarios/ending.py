"""Whether a scenario has come to its ending: pure, over what the ECS API says."""

from collections.abc import Sequence

from taskscope.lab.scenarios.scenario import Document, Ending


def unmet(ending: Ending, *, tasks: Sequence[Document], service: Document | None, first_definition: str) -> list[str]:
    """Return what is still missing, one text for each thing; empty at the ending."""
    missing = _unmet_by_tasks(ending, tasks)
    if service is not None:
        missing += _unmet_by_service(ending, service, first_definition)
    return missing


def fits(ending: Ending, task: Document) -> bool:
    """Tell whether a task has stopped in the way that the scenario is about."""
    exits = {container["name"]: container.get("exitCode") for container in task["containers"]}
    return (
        task["lastStatus"] == "STOPPED"
        and ending.stop_code in {"", task.get("stopCode")}
        and ending.reason.lower() in task.get("stoppedReason", "").lower()
        and all(exits.get(name) in codes for name, codes in ending.exit_codes.items())
    )


def _unmet_by_tasks(ending: Ending, tasks: Sequence[Document]) -> list[str]:
    missing = []
    running = [task for task in tasks if task["lastStatus"] == "RUNNING"]
    if len(running) < ending.running:
        missing.append(f"{ending.running} running, now {len(running)}")
    if ending.healthy and (ill := [task for task in running if task.get("healthStatus") != "HEALTHY"]):
        missing.append(f"all of them HEALTHY, {len(ill)} not yet")
    if (stopped := sum(fits(ending, task) for task in tasks)) < ending.stopped:
        missing.append(f"{ending.stopped} stopped as expected, now {stopped}")
    return missing


def _unmet_by_service(ending: Ending, service: Document, first_definition: str) -> list[str]:
    messages = [event["message"] for event in service["events"]]
    missing = [f"event {part!r}" for part in ending.events if not any(part in message for message in messages)]
    if ending.rolled_back:
        primary = next(item for item in service["deployments"] if item["status"] == "PRIMARY")
        if primary["taskDefinition"] != first_definition or primary.get("rolloutState") != "COMPLETED":
            missing.append(f"back to {first_definition.rpartition('/')[2]}")
    return missing
