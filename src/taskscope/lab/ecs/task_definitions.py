"""Task definitions: families with revisions that never change, only go INACTIVE."""

from typing import Final

from taskscope.lab.ecs import validation, wording
from taskscope.lab.ecs.arns import short_name
from taskscope.lab.ecs.context import Context
from taskscope.lab.ecs.documents import chosen, without
from taskscope.lab.ecs.paging import page
from taskscope.lab.ecs.state import DefinitionRecord, Region
from taskscope.lab.gateway.service import Call, Document

_COPIED: Final = (
    "family",
    "taskRoleArn",
    "executionRoleArn",
    "requiresCompatibilities",
    "cpu",
    "memory",
    "pidMode",
    "ipcMode",
    "proxyConfiguration",
    "inferenceAccelerators",
    "ephemeralStorage",
    "runtimePlatform",
    "enableFaultInjection",
    "trustedExecutionConfiguration",
)
"""Members that the definition takes from RegisterTaskDefinition as they are."""


def register(context: Context, call: Call) -> Document:
    """RegisterTaskDefinition: the next revision of the family."""
    params, region = call.params, context.region(call.region)
    compatibilities = validation.task_definition(params)
    family = params["family"]
    revision = region.last_revision.get(family, 0) + 1
    document = {
        "taskDefinitionArn": region.names.definition(family, revision),
        "containerDefinitions": [_container(each) for each in params["containerDefinitions"]],
        "revision": revision,
        "networkMode": params.get("networkMode") or "bridge",
        "volumes": chosen(params, "volumes").get("volumes", []),
        "status": "ACTIVE",
        "placementConstraints": chosen(params, "placementConstraints").get("placementConstraints", []),
        "compatibilities": compatibilities,
        "registeredAt": context.now(),
        "registeredBy": region.names.root(),
        **chosen(params, *_COPIED),
    }
    for member in ("cpu", "memory"):
        if (amount := validation.size(document.get(member))) is not None:
            document[member] = str(amount)
    tags = chosen(params, "tags").get("tags", [])
    add(region, DefinitionRecord(document, tags))
    return {"taskDefinition": without(document), "tags": tags}


def add(region: Region, record: DefinitionRecord) -> None:
    """Put a revision into its family."""
    family, revision = record.document["family"], record.document["revision"]
    region.families.setdefault(family, {})[revision] = record
    region.last_revision[family] = max(revision, region.last_revision.get(family, 0))


def _container(given: Document) -> Document:
    empty: Document = {"cpu": 0, "portMappings": [], "essential": True}
    empty |= {"environment": [], "mountPoints": [], "volumesFrom": [], "systemControls": []}
    return empty | without(given)


def find(region: Region, reference: str) -> DefinitionRecord | None:
    """Find ``family`` (its latest ACTIVE revision), ``family:revision`` or an ARN; None if there is none."""
    family, _, number = short_name(reference).partition(":")
    revisions = region.families.get(family, {})
    if number:
        return revisions.get(int(number)) if number.isdecimal() else None
    active = [revision for revision, record in revisions.items() if record.document["status"] == "ACTIVE"]
    return revisions[max(active)] if active else None


def runnable(region: Region, reference: str) -> DefinitionRecord:
    """
    Find the definition that a task or service is to run.

    Raises:
        ApiError: ClientException, if it does not exist or is INACTIVE.
    """
    record = find(region, reference)
    if record is None:
        raise wording.client("TaskDefinition not found.")
    if record.document["status"] != "ACTIVE":
        raise wording.client("TaskDefinition is inactive")
    return record


def deregister(context: Context, call: Call) -> Document:
    """DeregisterTaskDefinition: INACTIVE, still describable, no longer good for new tasks."""
    reference = call.params["taskDefinition"]
    number = short_name(reference).partition(":")[2]
    if not number.isdecimal():
        raise wording.client(f"Invalid revision number. Number: {number or reference}")
    record = find(context.region(call.region), reference)
    if record is None:
        raise wording.client("The specified task definition does not exist.")
    record.document.setdefault("deregisteredAt", context.now())
    record.document["status"] = "INACTIVE"
    return {"taskDefinition": without(record.document)}


def describe(context: Context, call: Call) -> Document:
    """DescribeTaskDefinition, by family, family:revision or ARN."""
    record = find(context.region(call.region), call.params["taskDefinition"])
    if record is None:
        raise wording.client("Unable to describe task definition.")
    found: Document = {"taskDefinition": without(record.document)}
    if "TAGS" in (call.params.get("include") or ()):
        found["tags"] = [dict(tag) for tag in record.tags]
    return found


def list_definitions(context: Context, call: Call) -> Document:
    """ListTaskDefinitions: ``familyPrefix`` is a whole family's name here, as in AWS."""
    family, status = call.params.get("familyPrefix"), call.params.get("status") or "ACTIVE"
    arns = [
        record.document["taskDefinitionArn"]
        for name, revisions in context.region(call.region).families.items()
        if family in {None, name}
        for record in revisions.values()
        if record.document["status"] == status
    ]
    descending = call.params.get("sort") == "DESC"
    return page(arns, call.params, "taskDefinitionArns", key=_order, descending=descending)


def _order(arn: str) -> tuple[str, int]:
    family, _, revision = short_name(arn).partition(":")
    return family, int(revision)


def list_families(context: Context, call: Call) -> Document:
    """ListTaskDefinitionFamilies: those with an ACTIVE revision, those without, or all."""
    prefix, status = call.params.get("familyPrefix") or "", call.params.get("status") or "ALL"
    families = [
        name
        for name, revisions in context.region(call.region).families.items()
        if name.startswith(prefix) and status in {"ALL", _family_status(revisions)}
    ]
    return page(families, call.params, "families")


def _family_status(revisions: dict[int, DefinitionRecord]) -> str:
    active = any(record.document["status"] == "ACTIVE" for record in revisions.values())
    return "ACTIVE" if active else "INACTIVE"


OPERATIONS: Final = {
    "RegisterTaskDefinition": register,
    "DeregisterTaskDefinition": deregister,
    "DescribeTaskDefinition": describe,
    "ListTaskDefinitions": list_definitions,
    "ListTaskDefinitionFamilies": list_families,
}
