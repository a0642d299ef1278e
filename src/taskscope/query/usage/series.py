"""What a resource used over time."""

from typing import Final

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model.resource_usage import Level, ResourceKey, UsagePoint, UsageSeries
from taskscope.model.window import Window
from taskscope.query.series import check_step
from taskscope.query.usage.figures import MINUTE_SECONDS, Chosen, read_figures
from taskscope.store.api import Reader

_NEEDED: Final = {
    Level.CLUSTER: ("cluster",),
    Level.SERVICE: ("cluster", "service"),
    Level.TASK: ("task",),
    Level.CONTAINER: ("task", "container"),
}


def usage_series(reader: Reader, window: Window, *, key: ResourceKey, step_ns: int, now_ns: int) -> UsageSeries:
    """
    Return the usage of a resource in steps: they begin at multiples of their length, and those at the ends are whole.

    Clusters may be named by their ARN, tasks too; a task is known without its cluster and service.

    Raises:
        UsageError: The key lacks a name; a step has another length than it may, or is too short for the window.
        TaskscopeError: The store does not answer.
    """
    for name in _NEEDED[key.level]:
        if not getattr(key, name):
            raise UsageError(f"a {key.level} is named by its {' and '.join(_NEEDED[key.level])}", hint=f"add {name}")
    check_step(step_ns, window)
    step = step_ns // SECOND
    if step < MINUTE_SECONDS and key.level in {Level.CLUSTER, Level.SERVICE}:
        raise UsageError(
            f"steps of {step} s are for tasks and containers: the tasks of a {key.level} are not read together",
            hint="take steps of a minute",
        )
    until = Window(window.start_ns, max(window.start_ns + 1, min(window.end_ns, now_ns)))
    chosen = Chosen(
        key.cluster,
        "" if key.level == Level.CLUSTER else key.service,
        "" if key.level in {Level.CLUSTER, Level.SERVICE} else key.task,
        key.container if key.level == Level.CONTAINER else "",
    )
    figures = read_figures(reader, until, levels=[key.level], chosen=chosen, step_seconds=step)
    return UsageSeries(key, step_ns, tuple(UsagePoint(each.start_ns, each.usage) for each in figures))
