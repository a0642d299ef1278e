"""
Container instances: this machine is in each cluster twice, for the launch types EC2 and EXTERNAL.

Both have all of its CPUs and memory, which the tasks of the other one do not lessen.
"""

import os
from typing import Final

from taskscope.lab.ecs import wording
from taskscope.lab.ecs.arns import Names, short_name
from taskscope.lab.ecs.context import Context
from taskscope.lab.ecs.paging import MOST, page
from taskscope.lab.ecs.state import Cluster, TaskRecord
from taskscope.lab.gateway.service import Call, Document
from taskscope.lab.machines.machine import AGENT_VERSION, INSTANCE_ID, MANAGED_ID

_CPU_UNITS: Final = 1024
_MEBIBYTE: Final = 1024 * 1024


def arns(names: Names, cluster: Cluster) -> tuple[str, str]:
    """Return the ARNs of this machine in a cluster: as a machine of EC2, and as one of ECS Anywhere."""
    return names.container_instance(cluster.name), names.container_instance(cluster.name, external=True)


def list_instances(context: Context, call: Call) -> Document:
    """ListContainerInstances. Query expressions (``filter``) are refused, not ignored."""
    if call.params.get("filter"):
        raise wording.invalid("The lab does not read the cluster query language of filter.")
    cluster = context.cluster(call)
    active = call.params.get("status") in {None, "ACTIVE"}
    found = list(arns(context.region(call.region).names, cluster))
    return page(found if active else [], call.params, "containerInstanceArns")


def describe(context: Context, call: Call) -> Document:
    """DescribeContainerInstances."""
    cluster, wanted = context.cluster(call), call.params["containerInstances"]
    if not wanted:
        raise wording.empty("Container instance")
    if len(wanted) > MOST:
        raise wording.too_many("containerInstances", MOST)
    known = {short_name(each): each for each in arns(context.region(call.region).names, cluster)}
    failures = [{"arn": each, "reason": "MISSING"} for each in wanted if short_name(each) not in known]
    found = [known[each] for each in dict.fromkeys(map(short_name, wanted)) if each in known]
    external = context.region(call.region).names.container_instance(cluster.name, external=True)
    return {
        "containerInstances": [_instance(cluster, each, external=each == external) for each in found],
        "failures": failures,
    }


def _instance(cluster: Cluster, arn: str, *, external: bool) -> Document:
    mine = [task for task in cluster.tasks.values() if task.document.get("containerInstanceArn") == arn]
    live = [task for task in mine if task.status != "STOPPED"]
    running = sum(task.status == "RUNNING" for task in live)
    cpu = (os.cpu_count() or 1) * _CPU_UNITS
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MEBIBYTE
    return {
        "containerInstanceArn": arn,
        "ec2InstanceId": MANAGED_ID if external else INSTANCE_ID,
        "version": len(mine) + 1,
        "versionInfo": {"agentVersion": AGENT_VERSION, "dockerVersion": "none"},
        "remainingResources": _resources(cpu - _used(live, "cpu"), memory - _used(live, "memory")),
        "registeredResources": _resources(cpu, memory),
        "status": "ACTIVE",
        "agentConnected": True,
        "runningTasksCount": running,
        "pendingTasksCount": sum(task.wanted for task in live) - sum(t.wanted and t.status == "RUNNING" for t in live),
        "attributes": [
            {"name": "ecs.os-type", "value": "linux"},
            *([{"name": "ecs.capability.external"}] if external else []),
        ],
        "attachments": [],
        "tags": [],
    }


def _used(tasks: list[TaskRecord], member: str) -> int:
    return sum(int(task.document.get(member) or 0) for task in tasks)


def _resources(cpu: int, memory: int) -> list[Document]:
    amounts = {"CPU": cpu, "MEMORY": memory}
    return [
        {"name": name, "type": "INTEGER", "doubleValue": 0.0, "longValue": 0, "integerValue": max(0, amount)}
        for name, amount in amounts.items()
    ]


OPERATIONS: Final = {
    "ListContainerInstances": list_instances,
    "DescribeContainerInstances": describe,
}
