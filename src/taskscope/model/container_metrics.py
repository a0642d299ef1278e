"""
The metrics of containers and tasks as they are in the store: their names, units and kinds.

OpenTelemetry's names where it has them (``container.*``), and the same words under ``ecs.task`` for what belongs to a
task. A container's points have the resource of the task with ``container.name`` and ``container.id``; a task's have no
``container.name``. Counters are cumulative since the container's start, gauges are of the moment of reading.

Where a task's counter adds up containers, each of them is a series of its own, with ``container.name`` among the
attributes of its points: a total of several containers would fall when one of them ends, which looks as if it had begun
anew. Rates of the series add up to the task's.
"""

from typing import Final

from taskscope.model.metric import Metric, MetricKind, Temporality


def _gauge(name: str, unit: str, description: str) -> Metric:
    return Metric(name, MetricKind.GAUGE, unit, description)


def _counter(name: str, unit: str, description: str) -> Metric:
    return Metric(name, MetricKind.SUM, unit, description, Temporality.CUMULATIVE, is_monotonic=True)


CPU_TIME: Final = _counter("container.cpu.time", "s", "Processor time")
CPU_USAGE: Final = _gauge("container.cpu.usage", "{cpu}", "CPUs in use, over the agent's last interval")
CPU_RESERVED: Final = _gauge("container.cpu.reserved", "{cpu}", "CPUs that the definition reserves")
CPU_PERIODS: Final = _counter("container.cpu.periods", "{period}", "Periods in which the container could run")
CPU_THROTTLED_PERIODS: Final = _counter("container.cpu.throttled.periods", "{period}", "Periods with throttling")
CPU_THROTTLED_TIME: Final = _counter("container.cpu.throttled.time", "s", "Time throttled")
MEMORY_USAGE: Final = _gauge("container.memory.usage", "By", "Memory in use, with page cache")
MEMORY_WORKING_SET: Final = _gauge("container.memory.working_set", "By", "Memory without inactive file pages")
MEMORY_CACHE: Final = _gauge("container.memory.cache", "By", "Page cache")
MEMORY_LIMIT: Final = _gauge("container.memory.limit", "By", "What the container may use: its own limit, or its task's")
DISK_IO: Final = _counter("container.disk.io", "By", "Block I/O")
DISK_OPERATIONS: Final = _counter("container.disk.operations", "{operation}", "Block I/O operations")
NETWORK_IO: Final = _counter("container.network.io", "By", "Network traffic of a namespace of its own (bridge)")
NETWORK_PACKETS: Final = _counter("container.network.packets", "{packet}", "Packets, likewise")
NETWORK_ERRORS: Final = _counter("container.network.errors", "{error}", "Errors, likewise")
NETWORK_DROPPED: Final = _counter("container.network.dropped", "{packet}", "Packets dropped, likewise")
PIDS: Final = _gauge("container.pids", "{process}", "Processes and threads")
UPTIME: Final = _gauge("container.uptime", "s", "Time since the container's start")
RESTARTS: Final = _counter("container.restarts", "{restart}", "Restarts by the restart policy")
HEALTH: Final = _gauge("container.health", "1", "1 healthy, 0 unhealthy; absent while unknown")

TASK_CPU_USAGE: Final = _gauge("ecs.task.cpu.usage", "{cpu}", "CPUs in use by all containers")
TASK_CPU_LIMIT: Final = _gauge("ecs.task.cpu.limit", "{cpu}", "CPUs of the task")
TASK_MEMORY_USAGE: Final = _gauge("ecs.task.memory.usage", "By", "Memory in use by all containers, with page cache")
TASK_MEMORY_WORKING_SET: Final = _gauge("ecs.task.memory.working_set", "By", "Likewise, without inactive file pages")
TASK_MEMORY_LIMIT: Final = _gauge("ecs.task.memory.limit", "By", "Memory of the task")
TASK_DISK_IO: Final = _counter("ecs.task.disk.io", "By", "Block I/O of all containers")
TASK_NETWORK_IO: Final = _counter("ecs.task.network.io", "By", "Network traffic; shared interfaces count once")
TASK_NETWORK_PACKETS: Final = _counter("ecs.task.network.packets", "{packet}", "Packets, likewise")
TASK_NETWORK_ERRORS: Final = _counter("ecs.task.network.errors", "{error}", "Errors, likewise")
TASK_NETWORK_DROPPED: Final = _counter("ecs.task.network.dropped", "{packet}", "Packets dropped, likewise")
TASK_EPHEMERAL_USAGE: Final = _gauge("ecs.task.ephemeral_storage.usage", "By", "Ephemeral storage in use (Fargate)")
TASK_EPHEMERAL_LIMIT: Final = _gauge("ecs.task.ephemeral_storage.limit", "By", "Ephemeral storage of the task")
TASK_CLOCK_ERROR: Final = _gauge("ecs.task.clock.error", "s", "Bound of the clock's error (Fargate)")

NAMES: Final = frozenset(each.name for each in vars().copy().values() if isinstance(each, Metric))
"""Of all metrics above."""

NETWORK_RATE: Final = _gauge("container.network.rate", "By/s", "Network traffic, where AWS tells no counter of it")
TASK_NETWORK_RATE: Final = _gauge("ecs.task.network.rate", "By/s", "Network traffic, likewise")
SERVICE_CPU_UTILIZATION: Final = _gauge("aws.ecs.service.cpu.utilization", "1", "Of what the service's tasks reserve")
SERVICE_MEMORY_UTILIZATION: Final = _gauge("aws.ecs.service.memory.utilization", "1", "Likewise, of memory")
CLUSTER_CPU_UTILIZATION: Final = _gauge("aws.ecs.cluster.cpu.utilization", "1", "Of what the cluster's tasks reserve")
CLUSTER_MEMORY_UTILIZATION: Final = _gauge("aws.ecs.cluster.memory.utilization", "1", "Likewise, of memory")
"""These six are never of our own measuring: Container Insights tells rates, CloudWatch shares."""

DIRECTION_OF_DISK: Final = "disk.io.direction"
"""``read`` or ``write``."""
DIRECTION_OF_NETWORK: Final = "network.io.direction"
"""``receive`` or ``transmit``."""
INTERFACE: Final = "network.interface.name"

CONTAINER_NAME: Final = "container.name"
CLUSTER_ARN: Final = "aws.ecs.cluster.arn"
TASK_ARN: Final = "aws.ecs.task.arn"
TASK_FAMILY: Final = "aws.ecs.task.family"
SERVICE: Final = "aws.ecs.service.name"
"""Resource attribute of the ECS service, where it is known; ``service.name`` is it too, else the family."""
MEASURED_BY: Final = "taskscope.measured_by"
"""Resource attribute: ``container-insights`` or ``cloudwatch`` where AWS measured; absent where we did."""
