"""Services: create, update, delete, describe, list. What they then do is the scheduler's."""

from typing import Final

from taskscope.lab.ecs import deployments, new_service, new_task, task_definitions, wording
from taskscope.lab.ecs.context import Context, Scheduling
from taskscope.lab.ecs.documents import answer, chosen
from taskscope.lab.ecs.paging import page
from taskscope.lab.ecs.references import name_in
from taskscope.lab.ecs.scheduler import Scheduler
from taskscope.lab.ecs.state import Cluster, ServiceRecord
from taskscope.lab.gateway.service import Call, Document

_MOST_DESCRIBED: Final = 10
_DEPLOYED: Final = ("networkConfiguration", "platformVersion", "capacityProviderStrategy", "loadBalancers")
"""Members whose change makes a new deployment, beside the task definition."""
_SETTINGS: Final = (
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
    "availabilityZoneRebalancing",
    "enableExecuteCommand",
    "enableECSManagedTags",
    "propagateTags",
    "serviceRegistries",
)


def create(context: Context, call: Call) -> Document:
    """CreateService: its first deployment begins at once."""
    context.check_open()
    params, cluster, region = call.params, context.cluster(call), context.region(call.region)
    existing = cluster.services.get(params["serviceName"])
    if existing and existing.document["status"] == "ACTIVE":
        raise wording.invalid("Creation of service was not idempotent.")
    if existing and existing.document["status"] == "DRAINING":
        raise wording.invalid("Unable to Start a service that is still Draining.")
    if not params.get("taskDefinition"):
        raise wording.invalid("TaskDefinition can not be blank.")
    definition = task_definitions.runnable(region, params["taskDefinition"]).document
    service = ServiceRecord(new_service.document(region.names, cluster, definition, params, context.now()))
    cluster.services[service.name] = service
    scheduler = Scheduler(context, call.region, cluster, service)
    context.schedulers[service.document["serviceArn"]] = scheduler
    _deploy(context, call.region, scheduler, definition)
    deployments.count(cluster, service)
    context.spawn(scheduler.run())
    return {"service": answer(service.document, ("TAGS",))}


def _deploy(context: Context, region: str, scheduler: Scheduling, definition: Document) -> None:
    rollout = deployments.begin(context, context.region(region).names, scheduler.service, definition)
    scheduler.events.deployment("SERVICE_DEPLOYMENT_IN_PROGRESS", rollout)


def update(context: Context, call: Call) -> Document:
    """UpdateService: a new deployment only if something changes that its tasks are made of, or by force."""
    params, cluster, region = call.params, context.cluster(call), context.region(call.region)
    service = find(cluster, params["service"])
    if service.document["status"] != "ACTIVE":
        raise wording.service_not_active()
    _refuse_recorded(service)
    document, scheduler = service.document, context.schedulers[service.document["serviceArn"]]
    definition = _new_definition(context, call, document)
    candidate = document | chosen(params, *_DEPLOYED)
    if params.get("capacityProviderStrategy"):
        candidate.pop("launchType", None)  # a service has one or the other
    new_task.check(definition, candidate)
    configuration = new_service.configuration(params, document["deploymentConfiguration"])
    if params.get("desiredCount") is not None:
        desired = new_service.desired_count(params, document["schedulingStrategy"])
    else:
        desired = document["desiredCount"]
    changed = any(candidate.get(each) != document.get(each) for each in _DEPLOYED)
    changed |= definition["taskDefinitionArn"] != document["taskDefinition"]
    if scaled := desired != document["desiredCount"]:
        scheduler.events.action("INFO", "SERVICE_DESIRED_COUNT_UPDATED", desiredCount=desired)
    if "launchType" not in candidate:
        document.pop("launchType", None)
    document |= chosen(params, *_DEPLOYED, *_SETTINGS)
    document |= {"deploymentConfiguration": configuration, "desiredCount": desired}
    if changed or params.get("forceNewDeployment"):
        _deploy(context, region.names.region, scheduler, definition)
    if changed or scaled or params.get("forceNewDeployment"):
        scheduler.unsettle()
    scheduler.wake()
    deployments.count(cluster, service)
    return {"service": answer(document, ("TAGS",))}


def _new_definition(context: Context, call: Call, document: Document) -> Document:
    region = context.region(call.region)
    if reference := call.params.get("taskDefinition"):
        return task_definitions.runnable(region, reference).document
    present = task_definitions.find(region, document["taskDefinition"])
    if present is None:
        raise wording.client("TaskDefinition not found.")
    return present.document


def delete(context: Context, call: Call) -> Document:
    """DeleteService: refused while it is scaled above 0, unless by force; DRAINING until its tasks have stopped."""
    cluster = context.cluster(call)
    service = find(cluster, call.params["service"])
    document = service.document
    if document["status"] == "INACTIVE":
        raise wording.service_not_found()
    _refuse_recorded(service)
    if document["desiredCount"] and document["schedulingStrategy"] != "DAEMON" and not call.params.get("force"):
        raise wording.invalid("The service cannot be stopped while it is scaled above 0.")
    document |= {"status": "DRAINING", "desiredCount": 0}
    context.schedulers[document["serviceArn"]].wake()
    deployments.count(cluster, service)
    return {"service": answer(document, ("TAGS",))}


def _refuse_recorded(service: ServiceRecord) -> None:
    if service.loaded:
        raise wording.invalid(f"The service {service.name} is a recorded state of the lab and cannot be changed.")


def find(cluster: Cluster, reference: str) -> ServiceRecord:
    """
    Find a service by name or ARN.

    Raises:
        ApiError: ServiceNotFoundException; InvalidParameterException, as ``references.name_in`` says.
    """
    found = _look_up(cluster, reference)
    if found is None:
        raise wording.service_not_found()
    return found


def _look_up(cluster: Cluster, reference: str) -> ServiceRecord | None:
    found = cluster.services.get(name_in(cluster, "service", reference))
    if found is not None and reference.startswith("arn:") and found.document["serviceArn"] != reference:
        return None
    return found


def describe(context: Context, call: Call) -> Document:
    """DescribeServices: at most ten; deleted ones are INACTIVE, unknown ones are failures."""
    cluster, wanted = context.cluster(call), call.params["services"]
    if not wanted:
        raise wording.empty("Services")
    if len(wanted) > _MOST_DESCRIBED:
        raise wording.too_many("services", _MOST_DESCRIBED)
    names, include = context.region(call.region).names, call.params.get("include") or ()
    found: dict[str, Document] = {}
    failures = []
    for reference in wanted:
        service = _look_up(cluster, reference)
        if service is None:
            arn = reference if reference.startswith("arn:") else names.service(cluster.name, reference)
            failures.append({"arn": arn, "reason": "MISSING"})
            continue
        deployments.count(cluster, service)
        found[service.name] = answer(service.document, include)
    return {"services": list(found.values()), "failures": failures}


def list_services(context: Context, call: Call) -> Document:
    """ListServices: ten a page unless more are asked for."""
    params = call.params
    arns = [
        service.document["serviceArn"]
        for service in context.cluster(call).services.values()
        if service.document["status"] != "INACTIVE"
        and params.get("launchType") in {None, service.document.get("launchType")}
        and params.get("schedulingStrategy") in {None, service.document.get("schedulingStrategy", "REPLICA")}
    ]
    return page(arns, params, "serviceArns", default=10)


OPERATIONS: Final = {
    "CreateService": create,
    "UpdateService": update,
    "DeleteService": delete,
    "DescribeServices": describe,
    "ListServices": list_services,
}
