"""The list of resources, their series, and their map."""

from collections.abc import Mapping

import pytest

from taskscope.clock import SECOND
from taskscope.errors import UsageError
from taskscope.model import container_metrics as names
from taskscope.model.change import EcsChange, Subject
from taskscope.model.resource_usage import Level, ResourceKey, Usage
from taskscope.model.window import Window
from taskscope.query.usage.map import resource_map
from taskscope.query.usage.resources import list_resources
from taskscope.query.usage.series import usage_series
from taskscope.store.engine import Store
from tests.unit.query.usage.fleet import ACCOUNT, START, Measured, keep, tell

_MINUTE = 60 * SECOND
_WINDOW = Window(START, START + 10 * _MINUTE)
_WEB = (Measured("shop", 1, "web"), Measured("shop", 2, "web"))
_ALONE = Measured("shop", 3)
_WAITING = Measured("shop", 4)


def _told(subject: Subject, arn: str, name: str, service: str, document: Mapping[str, object]) -> EcsChange:
    return EcsChange(
        subject, arn, 1, START, f"{ACCOUNT}:cluster/shop", "111122223333", "eu-west-1", "", name, service, document
    )


@pytest.fixture(scope="module")
def shop(store: Store) -> Store:
    """Give a store that knows a service of two tasks, one after the other, a task of none, and one not measured."""
    for task, minutes in ((_WEB[0], range(5)), (_WEB[1], range(5, 10)), (_ALONE, range(10))):
        points = [
            point
            for minute in minutes
            for point in (
                *task.points(START + minute * _MINUTE, {names.TASK_CPU_USAGE: 0.4, names.TASK_CPU_LIMIT: 0.5}),
                *task.points(START + minute * _MINUTE, {names.CPU_USAGE: 0.4}, "app"),
            )
        ]
        keep(store, points, task.id)
    containers = [{"name": "app", "lastStatus": "PENDING", "healthStatus": "UNHEALTHY"}]
    tell(store, [_WAITING.change(1, START, "PENDING", group="service:jobs", containers=containers)], "waiting")
    tell(store, [Measured("shop", 5).change(1, START - _MINUTE, "STOPPED")], "long gone")
    service = f"{ACCOUNT}:service/shop"
    idle = {"serviceName": "idle", "status": "ACTIVE", "desiredCount": 0, "runningCount": 0}
    tell(store, [_told(Subject.SERVICE, f"{service}/idle", "idle", "", idle)], "services")
    alarm = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm"
    alarms = [
        _told(Subject.ALARM, f"{alarm}:web cpu", "ALARM", f"{service}/web", {"StateReason": "over 80"}),
        _told(Subject.ALARM, f"{alarm}:any", "OK", "", {}),
    ]
    tell(store, alarms, "alarms")
    return store


def test_a_service_is_its_tasks_at_one_time(shop: Store) -> None:
    """Two tasks, one after the other, use what one does; what is known and not measured is there without usage."""
    found = {each.key.service: each for each in list_resources(shop, _WINDOW, level="service").resources}

    assert list(found) == ["idle", "jobs", "web"]
    assert (found["web"].usage.cpu, found["web"].usage.cpu_share, found["web"].tasks) == (0.4, 0.8, 2)
    assert (found["idle"].usage, found["idle"].status, found["idle"].measured_by) == (Usage(), "ACTIVE", "")
    assert found["jobs"].tasks == 1


def test_alarms_are_of_what_their_dimensions_name(shop: Store) -> None:
    """Those of a service are not the cluster's."""
    [cluster] = list_resources(shop, _WINDOW, level="cluster").resources
    [web] = list_resources(shop, _WINDOW, level="service", text="WEB").resources

    assert [(each.name, each.state, each.reason) for each in web.alarms] == [("web cpu", "ALARM", "over 80")]
    assert [each.name for each in cluster.alarms] == ["any"]
    assert (cluster.usage.cpu, cluster.arn) == (0.8, f"{ACCOUNT}:cluster/shop")


def test_tasks_and_containers_have_their_state(shop: Store) -> None:
    """Where ECS told it; a task that stopped before the window is not there."""
    tasks = list_resources(shop, _WINDOW, level=Level.TASK, cluster="shop").resources
    containers = list_resources(shop, _WINDOW, level=Level.CONTAINER, service="jobs").resources

    assert [(each.key.service, each.key.task[-1], each.status) for each in tasks] == [
        ("", "3", ""), ("jobs", "4", "PENDING"), ("web", "1", ""), ("web", "2", ""),
    ]  # fmt: skip
    assert [(each.key.container, each.status) for each in containers] == [("app", "PENDING")]


def test_a_list_comes_in_pages(shop: Store) -> None:
    """Each resource on one of them."""
    found, cursor = [], ""
    while True:
        page = list_resources(shop, _WINDOW, level="task", limit=3, cursor=cursor)
        found += [each.key.task for each in page.resources]
        if not (cursor := page.cursor):
            break

    assert found == [each.key.task for each in list_resources(shop, _WINDOW, level="task").resources]
    with pytest.raises(UsageError, match="cursor"):
        list_resources(shop, _WINDOW, level="task", cursor="x")
    with pytest.raises(UsageError, match="level"):
        list_resources(shop, _WINDOW, level="fleet")


def test_a_series_has_gaps_where_nothing_was_measured(shop: Store) -> None:
    """Of a service its tasks follow one another; of a task its own time."""
    service = usage_series(
        shop, _WINDOW, key=ResourceKey(Level.SERVICE, "shop", "web"), step_ns=_MINUTE, now_ns=_WINDOW.end_ns
    )
    task = usage_series(
        shop, _WINDOW, key=ResourceKey(Level.TASK, "", "", _WEB[0].id), step_ns=2 * _MINUTE, now_ns=_WINDOW.end_ns
    )

    assert [(each.start_ns - START) // _MINUTE for each in service.points] == list(range(10))
    assert {each.usage.cpu for each in service.points} == {0.4}
    assert [(each.start_ns - START) // _MINUTE for each in task.points] == [0, 2, 4]


@pytest.mark.parametrize(
    ("key", "step", "said"),
    [
        (ResourceKey(Level.SERVICE, "shop"), 60, "service"),
        (ResourceKey(Level.CONTAINER, "shop", "", "1"), 60, "container"),
        (ResourceKey(Level.CLUSTER, "shop"), 10, "not read together"),
        (ResourceKey(Level.TASK, "", "", "1"), 7, "step"),
    ],
)
def test_a_series_that_makes_no_sense_is_refused(shop: Store, key: ResourceKey, step: int, said: str) -> None:
    """It says why."""
    with pytest.raises(UsageError, match=said):
        usage_series(shop, _WINDOW, key=key, step_ns=step * SECOND, now_ns=_WINDOW.end_ns)


def test_the_map_hangs_each_below_what_it_belongs_to(shop: Store) -> None:
    """A task of no service hangs on its cluster."""
    nodes = resource_map(shop, _WINDOW).nodes
    named = {each.index: each.key.container or each.key.task or each.key.service or each.key.cluster for each in nodes}
    above = [(named.get(each.parent, ""), named[each.index]) for each in nodes]

    assert above == [
        ("", "shop"), ("shop", _ALONE.id), (_ALONE.id, "app"),
        ("shop", "idle"), ("shop", "jobs"), ("jobs", _WAITING.id), (_WAITING.id, "app"),
        ("shop", "web"), ("web", _WEB[0].id), (_WEB[0].id, "app"), ("web", _WEB[1].id), (_WEB[1].id, "app"),
    ]  # fmt: skip
    idle, web = nodes[3], nodes[7]
    assert (idle.desired, idle.running, web.alarms, web.usage.cpu_share) == (0, 0, 1, 0.8)
    assert [each.health for each in nodes[5:7]] == ["UNHEALTHY", "UNHEALTHY"]
