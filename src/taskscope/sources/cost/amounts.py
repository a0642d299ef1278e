"""
How many metrics and how many bytes of logs go to CloudWatch in a month. Pure.

Sizes are those of events that this program writes, measured; a test holds them to what the sinks really send.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from taskscope.errors import UsageError

MINUTES: Final = 730 * 60
"""Of AWS's month."""
DAYS: Final = 730 / 24
EVENT_OVERHEAD: Final = 26
"""What CloudWatch Logs counts beside the bytes of an event."""

TASK_EVENT: Final = 1_300
"""Bytes of ``--to container-insights`` for a task and minute."""
CONTAINER_EVENT: Final = 450
_INSIGHTS_METRICS: Final = 10
"""Of a task, with ephemeral storage, which only Fargate has."""

EMF_POINT: Final = 330
"""Bytes of ``--to emf`` for a datapoint whose attributes no other has at that time: the worst case."""
CONTAINER_METRICS: Final = 16
"""Series of a container in awsvpc; one with a network of its own has eight more."""
TASK_METRICS: Final = 20
CONTAINER_READING: Final = 2_000
"""Bytes of ``--to emf,containers=true`` for a container and reading."""
TASK_READING: Final = 3_500
_READINGS: Final = 6
"""A minute."""

AWS_EVENT: Final = 1_000
"""About what a performance event of Container Insights itself has; one a minute of each cluster, service and so on."""
OF_CLUSTER: Final = 13
"""Metrics of Container Insights itself: three counts; CPU and memory used and reserved, network, storage: ten."""
OF_SERVICE: Final = 25
"""Five counts and the ten of the service, and the ten of its task definition family."""
OF_FAMILY: Final = 10
"""Of a family that no service runs."""
OF_TASK: Final = 3
"""With enhanced observability: three shares of the task."""
OF_CONTAINER: Final = 12
"""Likewise, of each container."""

_PER_TASK: Final = frozenset({"aws.ecs.task.id", "aws.ecs.task.arn", "container.id", "aws.ecs.container.arn"})
"""Dimensions that every task has a value of its own of."""


_DIMENSIONS: Final = ("service.name",)
"""Beside those of a datapoint's own, unless ``--to emf`` says others."""


@dataclass(frozen=True, slots=True)
class Load:
    """What there is to send, on average over a month."""

    clusters: int = 1
    services: int = 1
    """Of ECS, each with a task definition family of its own."""
    families: int = 0
    """Of task definitions that no service runs."""
    tasks: float = 0
    containers: float = 0
    """Of all tasks together."""
    log_bytes_a_day: float = 0
    log_lines_a_day: float = 0
    series: int = 0
    """Of metrics that apps send: names by sets of dimensions."""
    points_a_day: float = 0
    """Of those metrics."""

    def validate(self) -> None:
        """
        Check the figures.

        Raises:
            UsageError: One is negative, or there are tasks without containers.
        """
        for name in self.__slots__:
            if getattr(self, name) < 0:
                raise UsageError(f"--{name.replace('_', '-')} {getattr(self, name):g}: it cannot be negative")
        if self.containers < self.tasks:
            raise UsageError(
                f"--containers {self.containers:g} in --tasks {self.tasks:g}: each task has at least one",
                hint="say how many there are in all tasks together",
            )


@dataclass(frozen=True, slots=True)
class Target:
    """A ``--to``, as far as amounts depend on it."""

    name: str
    dimensions: tuple[str, ...] = _DIMENSIONS
    """Of ``emf``."""
    containers: bool = False
    """Likewise."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What a target takes in a month."""

    name: str
    metrics: int = 0
    log_bytes: float = 0
    enhanced: bool = False
    """Whether its metrics have the price of enhanced observability."""


def parse_target(text: str) -> Target:
    r"""
    Read a ``--to`` as ``collect`` and ``serve`` do; ``\,`` is a comma in a value.

    Raises:
        UsageError: No amounts are known of that sink.
    """
    first, *options = (each.replace("\0", ",").strip() for each in text.replace("\\,", "\0").split(","))
    name = first.partition("=")[0].strip().lower()
    if name not in _AMOUNTS:
        known = ", ".join(_AMOUNTS)
        raise UsageError(f"--to {name}: its cost cannot be predicted here", hint=f"choose of {known}")
    given = [(key.strip().lower(), value.strip()) for key, _, value in (each.partition("=") for each in options)]
    dimensions = tuple(value for key, value in given if key == "dimension") or _DIMENSIONS
    return Target(name, dimensions, any(key == "containers" and value == "true" for key, value in given))


def predict(target: Target, load: Load) -> Amount:
    """Return what a target takes."""
    return _AMOUNTS[target.name](target, load)


def container_insights(load: Load) -> Sequence[Amount]:
    """Return what AWS's own Container Insights takes of the same clusters: standard, then enhanced."""
    metrics = OF_CLUSTER * load.clusters + OF_SERVICE * load.services + OF_FAMILY * load.families
    more = round(OF_TASK * load.tasks + OF_CONTAINER * load.containers)
    events = load.clusters + load.services + load.tasks + load.containers
    log_bytes = events * MINUTES * AWS_EVENT
    return (
        Amount("Container Insights, standard", metrics, log_bytes),
        Amount("Container Insights, enhanced", metrics + more, log_bytes, enhanced=True),
    )


def _insights(_target: Target, load: Load) -> Amount:
    """One event a minute of each task and container; metrics by cluster, family and service."""
    sets = load.clusters + 2 * load.services + load.families if load.tasks else 0
    each_minute = load.tasks * (TASK_EVENT + EVENT_OVERHEAD) + load.containers * (CONTAINER_EVENT + EVENT_OVERHEAD)
    return Amount("container-insights", sets * _INSIGHTS_METRICS, each_minute * MINUTES)


def _emf(target: Target, load: Load) -> Amount:
    metrics, log_bytes = load.series, load.points_a_day * DAYS * (EMF_POINT + EVENT_OVERHEAD)
    if target.containers and load.tasks:
        if _PER_TASK.isdisjoint(target.dimensions):
            names = round(load.containers / load.tasks) if "container.name" in target.dimensions else 1
            metrics += (load.services + load.families) * (CONTAINER_METRICS * names + TASK_METRICS)
        else:
            metrics += round(CONTAINER_METRICS * load.containers + TASK_METRICS * load.tasks)
        reading = load.containers * CONTAINER_READING + load.tasks * TASK_READING
        log_bytes += reading * _READINGS * MINUTES
    return Amount("emf", metrics, log_bytes)


def _logs(_target: Target, load: Load) -> Amount:
    return Amount("cloudwatch-logs", 0, (load.log_bytes_a_day + load.log_lines_a_day * EVENT_OVERHEAD) * DAYS)


_AMOUNTS: Final = {"container-insights": _insights, "emf": _emf, "cloudwatch-logs": _logs}
