"""RunTask, StopTask, DescribeTasks, ListTasks."""

from collections.abc import Callable
from typing import Final

from taskscope.lab.ecs import container_instances, new_task, task_definitions, wording
from taskscope.lab.ecs.arns import resource_type, short_name
from taskscope.lab.ecs.context import Context
from taskscope.lab.ecs.documents import answer
from taskscope.lab.ecs.paging import MOST, page
from taskscope.lab.ecs.references import name_in
from taskscope.lab.ecs.state import Cluster, DefinitionRecord, TaskRecord
from taskscope.lab.ecs.task_life import TaskLife
from taskscope.lab.gateway.service import ApiError, Call, Document

_MOST_AT_ONCE: Final = 10
"""Tasks that one RunTask starts at most."""
_MOST_STARTED_BY: Final = 128


def launch(
    context: Context,
    region: str,
    cluster: Cluster,
    definition: DefinitionRecord,
    params: Document,
    *,
    changed: Callable[[TaskRecord], None] | None = None,
) -> TaskRecord:
    """
    Accept a task and let it live; ``changed`` hears of each change.

    Raises:
        ApiError: InvalidParameterException, as ``new_task.document`` says.
    """
    names = context.region(region).names
    document = new_task.document(names, cluster, definition, params, context.now())
    record = TaskRecord(document, definition.document)
    cluster.tasks[record.id] = record
    life = context.lives[record.arn] = TaskLife(context, names, record, changed=changed)
    life.accepted()
    context.spawn(life.live())
    return record


def run(context: Context, call: Call) -> Document:
    """RunTask: up to ten tasks of one definition."""
    context.check_open()
    params, cluster = call.params, context.cluster(call)
    if again := _asked_before(cluster, params):
        return {"tasks": [answer(task.document, ("TAGS",)) for task in again], "failures": []}
    definition = task_definitions.runnable(context.region(call.region), params["taskDefinition"])
    count = 1 if params.get("count") is None else params["count"]
    if not 1 <= count <= _MOST_AT_ONCE:
        raise wording.invalid(f"count should be between 1 and {_MOST_AT_ONCE}.")
    if len(params.get("startedBy") or "") > _MOST_STARTED_BY:
        raise wording.invalid(f"startedBy can have at most {_MOST_STARTED_BY} characters.")
    if (params.get("group") or "").startswith("service:"):
        raise wording.invalid("Invalid namespace for group.")
    new_task.check(definition.document, params)
    tasks = [launch(context, call.region, cluster, definition, params) for _ in range(count)]
    for task in tasks:
        task.request = dict(params)
    return {"tasks": [answer(task.document, ("TAGS",)) for task in tasks], "failures": []}


def _asked_before(cluster: Cluster, params: Document) -> list[TaskRecord]:
    """
    Find the tasks of an earlier call with the same ``clientToken``: SDKs repeat a call whose answer was lost.

    Raises:
        ApiError: ConflictException, if that call asked for something else.
    """
    token = params.get("clientToken")
    found = [task for task in cluster.tasks.values() if token and task.request.get("clientToken") == token]
    if found and found[0].request != params:
        raise ApiError("ConflictException", "The client token was used with other parameters before.")
    return found


def stop(context: Context, call: Call) -> Document:
    """StopTask: a task that is stopping or has stopped is answered as it is."""
    cluster = context.cluster(call)
    record = find(cluster, call.params["task"])
    if record is None:
        raise wording.task_not_found()
    if record.loaded and record.wanted:
        raise wording.invalid(f"The task {record.id} is a recorded state of the lab and cannot be stopped.")
    if life := context.lives.get(record.arn):
        life.stop("UserInitiated", call.params.get("reason") or wording.STOPPED_BY_USER)
    return {"task": answer(record.document, ("TAGS",))}


def find(cluster: Cluster, reference: str) -> TaskRecord | None:
    """
    Find a task by id or ARN; None if it is unknown here.

    Raises:
        ApiError: InvalidParameterException, as ``references.name_in`` says.
    """
    record = cluster.tasks.get(name_in(cluster, "task", reference))
    if record is not None and reference.startswith("arn:") and reference != record.arn:
        return None
    return record


def describe(context: Context, call: Call) -> Document:
    """DescribeTasks: unknown tasks are failures, not errors."""
    wanted = call.params["tasks"]
    cluster = context.cluster(call)
    if not wanted:
        raise wording.empty("Tasks")
    if len(wanted) > MOST:
        raise wording.too_many("tasks", MOST)
    names, include = context.region(call.region).names, call.params.get("include") or ()
    found: dict[str, Document] = {}
    failures = []
    for reference in wanted:
        record = find(cluster, reference)
        if record is not None:
            found[record.arn] = answer(record.document, include)
        else:
            arn = reference if reference.startswith("arn:") else names.task(cluster.name, reference)
            failures.append({"arn": arn, "reason": "MISSING"})
    return {"tasks": list(found.values()), "failures": failures}


def list_tasks(context: Context, call: Call) -> Document:
    """
    ListTasks: by default those with the desired status RUNNING.

    No task ever has the desired status PENDING, so that filter finds nothing. With ``startedBy`` no family,
    service or container instance may be given (ListTasks, ``startedBy``).
    """
    params, cluster = call.params, context.cluster(call)
    if params.get("startedBy") and any(params.get(each) for each in ("family", "serviceName", "containerInstance")):
        raise wording.invalid("startedBy cannot be combined with other filters.")
    wanted = _filters(context, cluster, call)
    arns = [
        task.arn
        for task in cluster.tasks.values()
        if all(task.document.get(member) == value for member, value in wanted.items())
        and (not params.get("family") or task.definition.get("family") == params["family"])
    ]
    return page(arns, params, "taskArns")


def _filters(context: Context, cluster: Cluster, call: Call) -> Document:
    params = call.params
    wanted: Document = {"desiredStatus": params.get("desiredStatus") or "RUNNING"}
    wanted |= {member: params[member] for member in ("startedBy", "launchType") if params.get(member)}
    if service := params.get("serviceName"):
        name = name_in(cluster, "service", service)
        if name not in cluster.services:
            raise wording.service_not_found()
        wanted["group"] = f"service:{name}"
    if instance := params.get("containerInstance"):
        arns = container_instances.arns(context.region(call.region).names, cluster)
        found = [each for each in arns if short_name(each) == short_name(instance)]
        if not found or resource_type(instance) not in {"", "container-instance"}:
            raise wording.invalid("The referenced container instance was not found.")
        wanted["containerInstanceArn"] = found[0]
    return wanted


OPERATIONS: Final = {
    "RunTask": run,
    "StopTask": stop,
    "DescribeTasks": describe,
    "ListTasks": list_tasks,
}
