"""What runs now: last readings, rates between the last two, what ECS told."""

from collections.abc import Iterable

import pytest

from taskscope.clock import SECOND
from taskscope.model import container_metrics as names
from taskscope.model.metric import Datapoint
from taskscope.query.usage.live import live
from taskscope.store.engine import Store
from tests.unit.query.usage.fleet import START, Measured, keep, tell

_NOW = START + 600 * SECOND


def _ago(seconds: int) -> int:
    return _NOW - seconds * SECOND


def _disk(task: Measured, container: str, values: Iterable[tuple[int, float]], **of: str) -> Iterable[Datapoint]:
    metric = names.DISK_IO if container else names.TASK_DISK_IO
    for seconds, value in values:
        yield from task.points(_ago(seconds), {metric: value}, container, disk="write", **of)


def _received(task: Measured, container: str, values: Iterable[tuple[int, float]], **of: str) -> Iterable[Datapoint]:
    metric = names.NETWORK_IO if container else names.TASK_NETWORK_IO
    for seconds, value in values:
        yield from task.points(_ago(seconds), {metric: value}, container, direction="receive", **of)


def test_a_task_is_shown_with_its_last_readings(store: Store) -> None:
    """Usage of its limit, history, and what the endpoint said of it."""
    task = Measured("last", 1, "web")
    points = [
        *(each for ten in range(3) for each in task.points(_ago(20 - 10 * ten), {names.TASK_CPU_USAGE: ten / 4})),
        *task.points(_ago(0), {names.TASK_CPU_LIMIT: 0.5}),
        *task.points(_ago(0), {names.TASK_MEMORY_WORKING_SET: 100, names.TASK_MEMORY_LIMIT: 400}),
        *task.points(_ago(0), {names.CPU_USAGE: 0.5, names.UPTIME: 60, names.RESTARTS: 3, names.HEALTH: 0}, "app"),
    ]  # fmt: skip
    keep(store, points, "last")

    [found] = live(store, cluster="last", now_ns=_NOW).tasks

    assert (found.usage.cpu, found.usage.cpu_share, found.usage.memory_share) == (0.5, 1.0, 0.25)
    assert found.cpu_history == (0.0, 0.25, 0.5)
    assert (found.family, found.revision, found.launch_type) == ("web", "7", "fargate")
    assert (found.status, found.health, found.restarts) == ("RUNNING", "UNHEALTHY", 3)
    assert (found.started_ns, found.read_ns) == (_ago(60), _ago(0))
    assert [each.name for each in found.containers] == ["app"]


def test_rates_are_between_the_last_two_readings(store: Store) -> None:
    """A counter that began anew counts from zero; a reading that is missing makes the time longer."""
    task = Measured("rates", 1)
    keep(store, _disk(task, "app", [(40, 9000), (30, 50_000), (10, 400)]), "rates 1")
    keep(store, _disk(task, "log", [(40, 1000), (10, 1600)]), "rates 2")

    [found] = live(store, cluster="rates", now_ns=_NOW).tasks

    assert [each.usage.storage_write for each in found.containers] == [20.0, 20.0]
    assert found.usage.storage_write == 40.0
    assert found.usage.storage_read is None


def test_a_network_that_is_shared_counts_once(store: Store) -> None:
    """In awsvpc it is the task's alone."""
    task = Measured("awsvpc", 1)
    shared = _received(task, "", [(10, 0), (0, 1000)], interface="eth0")
    keep(
        store,
        [*shared, *task.points(_ago(0), {names.CPU_USAGE: 1}, "a"), *task.points(_ago(0), {names.CPU_USAGE: 1}, "b")],
        "awsvpc",
    )

    [found] = live(store, cluster="awsvpc", now_ns=_NOW).tasks

    assert found.usage.network_rx == 100.0
    assert [each.usage.network_rx for each in found.containers] == [None, None]
    assert found.usage.cpu == 2.0


def test_networks_of_their_own_add_up(store: Store) -> None:
    """In bridge mode each container has one; one that begins anew disturbs no other."""
    task = Measured("bridge", 1)
    points = []
    for name, values in {"a": [(10, 5000), (0, 6000)], "b": [(10, 9000), (0, 500)]}.items():
        points += [
            *_received(task, name, values, interface="eth0"),
            *_received(task, "", values, interface="eth0", of=name),
        ]
    keep(store, points, "bridge")

    [found] = live(store, cluster="bridge", now_ns=_NOW).tasks

    assert [each.usage.network_rx for each in found.containers] == [100.0, 50.0]
    assert found.usage.network_rx == 150.0


def test_what_ecs_told_is_there(store: Store) -> None:
    """The service, which Fargate's endpoint does not tell; and that a task stopped."""
    task = Measured("told", 1)
    keep(store, task.points(_ago(90), {names.CPU_USAGE: 1}, "app"), "told")
    containers = [{"name": "app", "lastStatus": "STOPPED", "healthStatus": "UNKNOWN"}]
    tell(store, [task.change(1, _ago(500), "RUNNING", group="service:web"),
                 task.change(2, _ago(80), "STOPPED", group="service:web", containers=containers)], "told")  # fmt: skip

    [found] = live(store, cluster="told", service="web", now_ns=_NOW).tasks

    assert (found.key.service, found.status) == ("web", "STOPPED")
    assert (found.containers[0].status, found.containers[0].health) == ("STOPPED", "")
    assert live(store, cluster="told", service="other", now_ns=_NOW).tasks == ()


@pytest.mark.parametrize(("seconds", "status"), [(30, "RUNNING"), (90, ""), (290, "")])
def test_nothing_is_known_of_what_is_not_measured_any_more(store: Store, seconds: int, status: str) -> None:
    """It is shown for five minutes."""
    task = Measured(f"stale{seconds}", 1)
    keep(store, task.points(_ago(seconds), {names.CPU_USAGE: 1}, "app"), task.cluster)

    [found] = live(store, cluster=task.cluster, now_ns=_NOW).tasks

    assert found.status == status
    assert live(store, cluster=task.cluster, now_ns=_NOW + 400 * SECOND).tasks == ()


def test_what_is_read_once_a_minute_counts_for_three(store: Store) -> None:
    """So Container Insights does, whose events come a minute or two late; who reads each ten seconds has a minute."""
    slow, quick = Measured("slow", 1, source="container-insights"), Measured("quick", 1)
    for task, apart in ((slow, 60), (quick, 10)):
        read = [100 + apart * number for number in range(3)]
        points = [each for seconds in read for each in task.points(_ago(seconds), {names.CPU_USAGE: 1}, "app")]
        keep(store, points, task.cluster)

    [late], [gone] = (live(store, cluster=each, now_ns=_NOW).tasks for each in ("slow", "quick"))

    assert (late.status, late.interval_ns, late.containers[0].status) == ("RUNNING", 60 * SECOND, "RUNNING")
    assert (gone.status, gone.interval_ns, gone.containers[0].status) == ("", 10 * SECOND, "")


def test_a_container_that_reserves_nothing_may_use_what_its_task_may(store: Store) -> None:
    """On Fargate most definitions give CPU to the task alone; memory's limit comes with the point."""
    task = Measured("shares", 1)
    points = [
        *task.points(_ago(0), {names.TASK_CPU_USAGE: 0.3, names.TASK_CPU_LIMIT: 0.5}),
        *task.points(_ago(0), {names.CPU_USAGE: 0.25}, "app"),
        *task.points(_ago(0), {names.CPU_USAGE: 0.05, names.CPU_RESERVED: 0.1}, "log"),
    ]
    keep(store, points, "shares")

    [found] = live(store, cluster="shares", now_ns=_NOW).tasks

    assert [each.usage.cpu_share for each in found.containers] == [0.5, 0.5]
    assert [each.usage.cpu_limit for each in found.containers] == [0.5, 0.1]


def test_our_own_measuring_goes_before_that_of_aws(store: Store) -> None:
    """They are never added up; rates that AWS tells stand where there are no counters."""
    ours, theirs = Measured("both", 1), Measured("both", 1, source="container-insights")
    keep(
        store,
        [*ours.points(_ago(0), {names.TASK_CPU_USAGE: 1}), *theirs.points(_ago(0), {names.TASK_CPU_USAGE: 5})],
        "both",
    )
    keep(store, Measured("theirs", 1, source="container-insights").points(
        _ago(0), {names.TASK_NETWORK_RATE: 70.0}, direction="receive"), "theirs")  # fmt: skip

    assert [each.usage.cpu for each in live(store, cluster="both", now_ns=_NOW).tasks] == [1.0]
    assert [each.usage.network_rx for each in live(store, cluster="theirs", now_ns=_NOW).tasks] == [70.0]


def test_more_tasks_than_asked_for_are_counted(store: Store) -> None:
    """By cluster, service and id."""
    for number in (3, 1, 2):
        task = Measured("many", number, "web")
        keep(store, task.points(_ago(0), {names.TASK_CPU_USAGE: 1}), f"many {number}")

    view = live(store, cluster=Measured("many", 1).cluster_arn, now_ns=_NOW, limit=2)

    assert ([each.key.task for each in view.tasks], view.left_out) == ([f"{1:032x}", f"{2:032x}"], 1)
