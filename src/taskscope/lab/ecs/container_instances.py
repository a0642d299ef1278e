"""Container instances: this machine is the one of each cluster, for the launch types EC2 and EXTERNAL."""

import os
from typing import Final

from taskscope.lab.ecs import wording
from taskscope.lab.ecs.arns import hexadecimal, short_name
from taskscope.lab.ecs.context import Context
from taskscope.lab.ecs.paging import MOST, page
from taskscope.lab.ecs.state import Cluster, TaskRecord
from taskscope.lab.gateway.service import Call, Document

_CPU_UNITS: Final = 1024
_MEBIBYTE: Final = 1024 * 1024
_INSTANCE_ID: Final = f"i-{hexadecimal(17)}"
"""Made once for each run of the lab."""


def list_instances(context: Context, call: Call) -> Document:
    """ListContainerInstances. Query expressions (``filter``) are refused, not ignored."""
    if call.params.get("filter"):
        raise wording.invalid("The lab does not read the cluster query language of filter.")
    cluster = context.cluster(call)
    arns = [context.region(call.region).names.container_instance(cluster.name)]
    active = call.params.get("status") in {None, "ACTIVE"}
    return page(arns if active else [], call.params, "containerInstanceArns")


def describe(context: Context, call: Call) -> Document:
    """DescribeContainerInstances."""
    cluster, wanted = context.cluster(call), call.params["containerInstances"]
    if not wanted:
        raise wording.empty("Container instance")
    if len(wanted) > MOST:
        raise wording.too_many("containerInstances", MOST)
    arn = context.region(call.region).names.container_instance(cluster.name)
    failures = [{"arn": each, "reason": "MISSING"} for each in wanted if short_name(each) != short_name(arn)]
    known = len(failures) < len(wanted)
    return {"containerInstances": [_instance(cluster, arn)] if known else [], "failures": failures}


def _instance(cluster: Cluster, arn: str) -> Document:
    mine = [task for task in cluster.tasks.values() if task.document.get("containerInstanceArn") == arn]
    live = [task for task in mine if task.status != "STOPPED"]
    running = sum(task.status == "RUNNING" for task in live)
    cpu = (os.cpu_count() or 1) * _CPU_UNITS
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MEBIBYTE
    return {
        "containerInstanceArn": arn,
        "ec2InstanceId": _INSTANCE_ID,
        "version": len(mine) + 1,
        "versionInfo": {"agentVersion": "1.105.1", "dockerVersion": "none"},
        "remainingResources": _resources(cpu - _used(live, "cpu"), memory - _used(live, "memory")),
        "registeredResources": _resources(cpu, memory),
        "status": "ACTIVE",
        "agentConnected": True,
        "runningTasksCount": running,
        "pendingTasksCount": sum(task.wanted for task in live) - sum(t.wanted and t.status == "RUNNING" for t in live),
        "attributes": [{"name": "ecs.os-type", "value": "linux"}],
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
