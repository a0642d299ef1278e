"""What runs in clusters now, as ECS counts it."""

from collections.abc import Sequence
from dataclasses import replace

from taskscope.aws.ecs import Ecs
from taskscope.model.ecs import name_of
from taskscope.sources.cost.amounts import Load


def running_load(ecs: Ecs, clusters: Sequence[str]) -> Load:
    """
    Count services, families that no service runs, running tasks and their containers.

    Asks ListServices, ListTasks and DescribeTasks, through all their pages.

    Raises:
        TaskscopeError: AWS does not answer, or does not know a cluster.
    """
    load = Load(clusters=len(clusters), services=0)
    for cluster in clusters:
        tasks = [each for each in ecs.tasks(cluster, list(ecs.task_arns(cluster))) if each.last_status == "RUNNING"]
        alone = {name_of(each.definition_arn).partition(":")[0] for each in tasks if each.service is None}
        load = replace(
            load,
            services=load.services + len(ecs.services(cluster)),
            families=load.families + len(alone),
            tasks=load.tasks + len(tasks),
            containers=load.containers + sum(len(each.containers) for each in tasks),
        )
    return load
