"""What was used, as the store adds it up, is what a plain evaluator makes of the same points."""

import random
import uuid
from collections.abc import Collection, Sequence
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskscope.clock import SECOND
from taskscope.model import container_metrics as names
from taskscope.model.metric import Datapoint, Metric
from taskscope.model.resource_usage import Level, Usage
from taskscope.model.window import Window
from taskscope.query.usage.figures import WHOLE, Chosen, Figures, read_figures
from taskscope.store.engine import Store
from tests.unit.query.usage.evaluator import Evaluator, Values
from tests.unit.query.usage.fleet import START, Measured, keep

_MINUTE: Final = 60 * SECOND
_WINDOW: Final = Window(START, START + 6 * _MINUTE)


class _Fleets:
    """Makes points by chance; the seed says which, so that a failing example is one number."""

    def __init__(self, seed: int) -> None:
        self._any = random.Random(seed)  # noqa: S311 (no secret)

    def points(self, cluster: str) -> list[Datapoint]:
        """Return the points of up to three tasks."""
        return [point for number in range(self._any.randint(1, 3)) for point in self._task(cluster, number)]

    def _task(self, cluster: str, number: int) -> list[Datapoint]:
        task = Measured(cluster, number, self._any.choice(["", "web", "jobs"]))
        containers = self._some("app", "log", "proxy")
        points = self._series(task, "", (names.TASK_CPU_USAGE, names.TASK_DISK_IO), disk="read")
        is_ours = self._any.random() < 0.5
        for name in containers:
            disk = self._series(task, name, (names.CPU_USAGE, names.DISK_IO), disk="write")
            points += _as_ours(task, name, disk) if is_ours else disk
        for name in containers if self._any.random() < 0.5 else ():  # bridge: networks of their own
            points += self._network(task, name, "receive", "eth0")
            points += self._network(task, "", "receive", "eth0", of=name)
        for interface in self._some("eth0", "eth1"):
            points += self._network(task, "", "transmit", interface)
        if is_ours:
            points = [each for each in points if not _is_double(each)]
        return points + self._limits(task, containers, {point.time_ns for point in points})

    def _network(self, task: Measured, container: str, direction: str, interface: str, **of: str) -> list[Datapoint]:
        metrics = (names.MEMORY_WORKING_SET, names.NETWORK_IO)
        if not container:
            metrics = (names.TASK_MEMORY_WORKING_SET, names.TASK_NETWORK_IO)
        return self._series(task, container, metrics, **{"direction": direction, "interface": interface, **of})

    def _series(
        self, task: Measured, container: str, metrics: tuple[Metric, Metric], **attributes: str
    ) -> list[Datapoint]:
        """Return readings some ten seconds apart: some are missing, and counters begin anew now and then."""
        gauge, counter = metrics
        time = START + self._any.randint(-400, 200) * SECOND
        value, points = 0.0, list[Datapoint]()
        for _ in range(self._any.randint(1, 30)):
            time += 10 * SECOND + self._any.randint(0, 3)
            value = 700.0 if self._any.random() < 0.1 else value + 1024.0 * self._any.randint(0, 5)
            if self._any.random() < 0.8:
                points += task.points(time, {counter: value}, container, **attributes)
            if self._any.random() < 0.8:
                points += task.points(time, {gauge: self._any.randint(0, 4) / 4}, container)
        return points

    def _limits(self, task: Measured, containers: Sequence[str], times: Collection[int]) -> list[Datapoint]:
        of_task = {names.TASK_CPU_LIMIT: 0.5, names.TASK_MEMORY_LIMIT: 2.0} if self._any.random() < 0.5 else {}
        own = {names.CPU_RESERVED: 0.25, names.MEMORY_LIMIT: 1.5} if self._any.random() < 0.5 else {}
        points = [point for time in times for point in task.points(time, of_task)]
        return points + [point for time in times for name in containers for point in task.points(time, own, name)]

    def _some(self, *choices: str) -> list[str]:
        return [each for each in choices if self._any.random() < 0.6]


def _as_ours(task: Measured, container: str, points: Sequence[Datapoint]) -> list[Datapoint]:
    """Say the disk I/O of a container of its task too, as the collector does."""
    found = [each for each in points if each.metric == names.DISK_IO]
    found += [each._replace(attributes={names.DIRECTION_OF_DISK: "read"}) for each in found]
    own = [
        each._replace(
            metric=names.TASK_DISK_IO,
            attributes={**each.attributes, names.CONTAINER_NAME: container},
            resource=task.resource(),
        )
        for each in found
    ]
    return [*found, *own]


def _is_double(point: Datapoint) -> bool:
    """Whether a point would say of a container what its task does not, or of a task what its containers do."""
    if point.metric == names.TASK_DISK_IO:
        return names.CONTAINER_NAME not in point.attributes
    return point.metric in {names.CPU_USAGE, names.MEMORY_WORKING_SET, names.NETWORK_IO}


@pytest.mark.parametrize("step", [10, 60, 180, WHOLE])
@settings(max_examples=5)
@given(seed=st.integers(0, 1 << 32), batches=st.integers(1, 3))
def test_the_store_adds_up_as_the_evaluator_does(store: Store, step: int, seed: int, batches: int) -> None:
    """Whatever is missing, begins anew, comes in other batches, or has networks of its own."""
    cluster = uuid.uuid4().hex
    points = _Fleets(seed).points(cluster)
    for number in range(batches):  # which have nothing to do with times
        keep(store, points[number::batches], f"{cluster} {number}")
    bucket = min(step, 60)
    plain = Evaluator(points, start_ns=_WINDOW.start_ns, end_ns=_WINDOW.end_ns, bucket_ns=bucket * SECOND)

    for levels in ([Level.CLUSTER, Level.SERVICE, Level.TASK], [Level.CONTAINER]):
        found = read_figures(store, _WINDOW, levels=levels, chosen=Chosen(cluster), step_seconds=step)
        for level in levels:
            expected = plain.answer(level, 0 if step == WHOLE else step * SECOND)
            assert {_place(each): _values(each.usage) for each in found if each.level == level} == {
                place: pytest.approx(_rounded(values)) for place, values in expected.items()
            }


def _place(each: Figures) -> object:
    return (each.cluster_arn, each.service, each.task_arn, each.container), each.start_ns


def _values(usage: Usage) -> Values:
    told = {
        "cpu": usage.cpu, "cpu_limit": usage.cpu_limit, "cpu_share": usage.cpu_share,
        "memory": usage.memory_bytes, "memory_limit": usage.memory_limit_bytes, "memory_share": usage.memory_share,
        "rx": usage.network_rx, "tx": usage.network_tx, "read": usage.storage_read, "write": usage.storage_write,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def _rounded(values: Values) -> Values:
    return {name: round(value) if name in {"memory", "memory_limit"} else value for name, value in values.items()}
