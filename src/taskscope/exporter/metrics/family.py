"""One metric family and its samples."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

from taskscope.clock import SECOND
from taskscope.model.task_metadata import NORMAL, TaskContainer, TaskInfo

Sample: TypeAlias = tuple[Sequence[str], float | None]
"""Label values, and a value; None for none."""


def family(name: str, text: str, labels: Sequence[str], samples: Iterable[Sample]) -> Iterator[Metric]:
    """Yield a counter where the name ends in ``_total``, else a gauge; nothing where no sample has a value."""
    made = (CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily)(name, text, labels=labels)
    for values, value in samples:
        if value is not None:
            made.add_metric(values, value)
    if made.samples:
        yield made


def single(name: str, text: str, value: float | None) -> Iterator[Metric]:
    """Yield a family of one sample without labels; nothing where it has no value."""
    return family(name, text, (), [((), value)])


def info(name: str, text: str, rows: Iterable[dict[str, str]]) -> Iterator[Metric]:
    """Yield the family ``NAME_info``, 1 for each row of labels; nothing without rows."""
    made = InfoMetricFamily(name, text, labels=())
    for row in rows:
        made.add_metric((), row)
    if made.samples:
        yield made


def seconds(nanoseconds: int | None) -> float | None:
    """Return a duration, or a time, in seconds."""
    return None if nanoseconds is None else nanoseconds / SECOND


def shown(task: TaskInfo) -> tuple[TaskContainer, ...]:
    """
    Return the containers of the task's definition, by name, since no series may appear twice.

    The agent's own, such as the pause container, are left out.
    """
    return tuple({each.name: each for each in task.containers if each.type == NORMAL}.values())
