"""Clusters and their counts."""

from typing import Final

from taskscope.lab.ecs import settings, validation, wording
from taskscope.lab.ecs.context import Context
from taskscope.lab.ecs.documents import chosen, new_cluster, without
from taskscope.lab.ecs.paging import MOST, page
from taskscope.lab.ecs.references import find_cluster
from taskscope.lab.ecs.state import Cluster
from taskscope.lab.gateway.service import ApiError, Call, Document

_OPTIONAL: Final = {
    "ATTACHMENTS": ("attachments", "attachmentsStatus"),
    "CONFIGURATIONS": ("configuration",),
    "SETTINGS": ("settings",),
    "STATISTICS": ("statistics",),
    "TAGS": ("tags",),
}
"""Members of a cluster that DescribeClusters shows only if ``include`` names them."""


def create(context: Context, call: Call) -> Document:
    """CreateCluster: an existing cluster of this name is answered as it is."""
    region = context.region(call.region)
    name = call.params.get("clusterName") or "default"
    validation.name("Cluster name", name)
    found = region.clusters.get(name)
    if found is None or found.document["status"] != "ACTIVE":
        found = Cluster(new_cluster(region.names, name))
        found.document["settings"][0]["value"] = settings.effective(region, "containerInsights")
        region.clusters[name] = found
        given = ("tags", "configuration", "capacityProviders", "defaultCapacityProviderStrategy")
        found.document.update(chosen(call.params, *given, "serviceConnectDefaults"))
        _set(found, call.params.get("settings") or [])
    return {"cluster": counted(found)}


def counted(cluster: Cluster) -> Document:
    """Copy a cluster's document with its counts as they are now."""
    tasks = [task for task in cluster.tasks.values() if task.status != "STOPPED"]
    running = [task for task in tasks if task.status == "RUNNING"]
    pending = [task for task in tasks if task.status in {"PROVISIONING", "PENDING", "ACTIVATING"}]
    services = [each for each in cluster.services.values() if each.document["status"] != "INACTIVE"]
    return without(cluster.document) | {
        "registeredContainerInstancesCount": int(cluster.document["status"] == "ACTIVE"),
        "runningTasksCount": len(running),
        "pendingTasksCount": len(pending),
        "activeServicesCount": len(services),
        "statistics": _statistics(cluster),
    }


def _statistics(cluster: Cluster) -> list[Document]:
    found = []
    for launch_type, label in (("EC2", "EC2"), ("FARGATE", "Fargate")):
        statuses = [task.status for task in cluster.tasks.values() if task.document.get("launchType") == launch_type]
        services = [
            each.document for each in cluster.services.values() if each.document.get("launchType") == launch_type
        ]
        counts = {
            f"running{label}TasksCount": statuses.count("RUNNING"),
            f"pending{label}TasksCount": sum(
                statuses.count(each) for each in ("PROVISIONING", "PENDING", "ACTIVATING")
            ),
            f"active{label}ServiceCount": sum(each["status"] == "ACTIVE" for each in services),
            f"draining{label}ServiceCount": sum(each["status"] == "DRAINING" for each in services),
        }
        found += [{"name": name, "value": str(count)} for name, count in counts.items()]
    return found


def describe(context: Context, call: Call) -> Document:
    """DescribeClusters: deleted clusters are INACTIVE, unknown ones are failures."""
    wanted = call.params.get("clusters") or ["default"]
    if len(wanted) > MOST:
        raise wording.too_many("clusters", MOST)
    include = call.params.get("include") or ()
    hidden = [member for option, members in _OPTIONAL.items() if option not in include for member in members]
    region, found, failures = context.region(call.region), [], []
    for reference in wanted:
        cluster = find_cluster(region, reference)
        if cluster is None:
            arn = reference if reference.startswith("arn:") else region.names.cluster(reference)
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            # Members that are not asked for are empty, as in AWS, except those that an answer has only if set.
            lists: Document = {member: [] for member in hidden if member in {"settings", "statistics", "tags"}}
            found.append(without(counted(cluster), *hidden) | lists)
    return {"clusters": found, "failures": failures}


def list_clusters(context: Context, call: Call) -> Document:
    """ListClusters: the active ones."""
    clusters = context.region(call.region).clusters.values()
    arns = [each.document["clusterArn"] for each in clusters if each.document["status"] == "ACTIVE"]
    return page(arns, call.params, "clusterArns")


def update(context: Context, call: Call) -> Document:
    """UpdateCluster and UpdateClusterSettings."""
    cluster = context.cluster(call)
    cluster.document.update(chosen(call.params, "configuration", "serviceConnectDefaults"))
    _set(cluster, call.params.get("settings") or [])
    return {"cluster": counted(cluster)}


def _set(cluster: Cluster, given: list[Document]) -> None:
    for setting in given:
        if setting.get("name") != "containerInsights" or setting.get("value") not in settings.INSIGHTS:
            raise wording.invalid(f"Invalid value for the setting {setting.get('name')}: {setting.get('value')}")
    values = {each["name"]: each["value"] for each in [*cluster.document["settings"], *given]}
    cluster.document["settings"] = [{"name": name, "value": value} for name, value in values.items()]


def delete(context: Context, call: Call) -> Document:
    """DeleteCluster: refused while services or tasks are in it."""
    cluster = context.cluster(call)
    if any(each.document["status"] == "ACTIVE" for each in cluster.services.values()):
        message = "The Cluster cannot be deleted while Services are active."
        raise ApiError("ClusterContainsServicesException", message)
    if any(task.status != "STOPPED" for task in cluster.tasks.values()):
        raise ApiError("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
    cluster.document["status"] = "INACTIVE"
    return {"cluster": counted(cluster)}


OPERATIONS: Final = {
    "CreateCluster": create,
    "DeleteCluster": delete,
    "DescribeClusters": describe,
    "ListClusters": list_clusters,
    "UpdateCluster": update,
    "UpdateClusterSettings": update,
}
