"""Tags of clusters, services, tasks and task definitions, by the ARN of the resource."""

from typing import Final

from taskscope.lab.ecs import task_definitions, wording
from taskscope.lab.ecs.arns import cluster_of, resource_type, short_name
from taskscope.lab.ecs.context import Context
from taskscope.lab.gateway.service import ApiError, Call, Document

_MOST: Final = 50
_RESERVED: Final = "aws:"


def tag(context: Context, call: Call) -> Document:
    """TagResource: a tag that exists gets the new value."""
    tags = _tags(context, call)
    for each in call.params["tags"]:
        if each.get("key", "").lower().startswith(_RESERVED):
            raise wording.invalid("Tag keys that begin with 'aws:' are reserved for system use.")
    values = {each["key"]: each.get("value", "") for each in [*tags, *call.params["tags"]]}
    if len(values) > _MOST:
        raise wording.invalid(f"A resource can have at most {_MOST} tags.")
    tags[:] = [{"key": key, "value": value} for key, value in values.items()]
    return {}


def untag(context: Context, call: Call) -> Document:
    """UntagResource: keys that are not there are ignored."""
    tags = _tags(context, call)
    tags[:] = [each for each in tags if each["key"] not in call.params["tagKeys"]]
    return {}


def list_tags(context: Context, call: Call) -> Document:
    """ListTagsForResource."""
    return {"tags": [dict(each) for each in _tags(context, call)]}


def _tags(context: Context, call: Call) -> list[Document]:
    arn = call.params["resourceArn"]
    kind, region = resource_type(arn), context.region(call.region)
    if not kind:
        raise wording.invalid("Invalid ARN.")
    document: Document | None = None
    if kind == "task-definition":
        if record := task_definitions.find(region, arn):
            return record.tags
    elif kind == "cluster":
        document = context.cluster_named(call.region, arn).document
    elif kind in {"task", "service"}:
        cluster = context.cluster_named(call.region, cluster_of(arn) or "default")
        found = cluster.tasks.get(short_name(arn)) if kind == "task" else cluster.services.get(short_name(arn))
        document = found.document if found else None
    if document is None:
        raise ApiError("ResourceNotFoundException", "The specified resource wasn't found.")
    tags: list[Document] = document.setdefault("tags", [])
    return tags


OPERATIONS: Final = {
    "TagResource": tag,
    "UntagResource": untag,
    "ListTagsForResource": list_tags,
}
