"""Past and present deployments of a service, and what each of them deployed."""

from typing import Final

from taskscope.lab.ecs import deployments, services, wording
from taskscope.lab.ecs.context import Context
from taskscope.lab.ecs.documents import without
from taskscope.lab.ecs.paging import page
from taskscope.lab.ecs.state import Cluster, ServiceRecord
from taskscope.lab.gateway.service import Call, Document

_MOST_DESCRIBED: Final = 20
_BRIEF: Final = (
    "serviceDeploymentArn",
    "serviceArn",
    "clusterArn",
    "startedAt",
    "createdAt",
    "finishedAt",
    "status",
    "statusReason",
)


def list_deployments(context: Context, call: Call) -> Document:
    """ListServiceDeployments: newest first, by ``status`` and by ``createdAt`` (``after`` and ``before``)."""
    params = call.params
    service = services.find(context.cluster(call), params["service"])
    window = params.get("createdAt") or {}
    found = {
        each["serviceDeploymentArn"]: each
        for each in service.history
        if (not params.get("status") or each["status"] in params["status"])
        and (window.get("after") is None or each["createdAt"] > window["after"])
        and (window.get("before") is None or each["createdAt"] < window["before"])
    }
    order = {each["serviceDeploymentArn"]: index for index, each in enumerate(reversed(service.history))}
    answer = page(list(found), params, "serviceDeployments", key=lambda arn: order.get(arn, -1), descending=True)
    answer["serviceDeployments"] = [_brief(found[arn]) for arn in answer["serviceDeployments"]]
    return answer


def _brief(deployment: Document) -> Document:
    found: Document = {member: deployment[member] for member in _BRIEF if member in deployment}
    found["targetServiceRevisionArn"] = deployment["targetServiceRevision"]["arn"]
    return found


def describe_deployments(context: Context, call: Call) -> Document:
    """DescribeServiceDeployments, by ARN."""
    found, failures = _described(context, call, "serviceDeploymentArns")
    return {"serviceDeployments": found, "failures": failures}


def describe_revisions(context: Context, call: Call) -> Document:
    """DescribeServiceRevisions, by ARN."""
    found, failures = _described(context, call, "serviceRevisionArns")
    return {"serviceRevisions": found, "failures": failures}


def _described(context: Context, call: Call, member: str) -> tuple[list[Document], list[Document]]:
    wanted = call.params[member]
    if len(wanted) > _MOST_DESCRIBED:
        raise wording.too_many(member, _MOST_DESCRIBED)
    known: dict[str, Document] = {}
    for cluster in context.region(call.region).clusters.values():
        for service in cluster.services.values():
            known |= _known(cluster, service, member)
    found = [without(known[arn]) for arn in wanted if arn in known]
    return found, [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known]


def _known(cluster: Cluster, service: ServiceRecord, member: str) -> dict[str, Document]:
    deployments.count(cluster, service)
    if member == "serviceRevisionArns":
        return {each["serviceRevisionArn"]: each for each in service.revisions}
    return {each["serviceDeploymentArn"]: each for each in service.history}


OPERATIONS: Final = {
    "ListServiceDeployments": list_deployments,
    "DescribeServiceDeployments": describe_deployments,
    "DescribeServiceRevisions": describe_revisions,
}
