"""Clusters, ECS services and tasks out of the store, by both engines."""

import time
from typing import Any

import pytest

from taskscope.errors import NotFoundError, UsageError
from taskscope.model.change import EcsChange, Subject
from taskscope.query.ecs import find_task, list_clusters, list_services, list_tasks
from taskscope.store.columns.changes import change_columns
from taskscope.store.engine import Store
from tests.contract.store.rows import START

_CLUSTER = "arn:aws:ecs:eu-west-1:111122223333:cluster/shop"
_SERVICE = "arn:aws:ecs:eu-west-1:111122223333:service/shop/web"


def _change(subject: Subject, arn: str, version: int, name: str, document: dict[str, Any], **more: str) -> EcsChange:
    return EcsChange(
        subject, arn, version, START + version * 10**9, more.get("cluster", _CLUSTER), "111122223333", "eu-west-1", "",
        name, more.get("service", ""), document,
    )  # fmt: skip


def _task(number: int) -> str:
    return f"arn:aws:ecs:eu-west-1:111122223333:task/shop/{number:032x}"


@pytest.fixture(scope="module")
def ecs(store: Store) -> Store:
    """Give a store that has heard of two clusters."""
    stopped = {"group": "service:web", "stopCode": "EssentialContainerExited", "stoppedAt": "2026-09-21T14:13:20Z"}
    stopped["containers"] = [{"name": "app", "lastStatus": "STOPPED", "exitCode": 137, "reason": "OutOfMemoryError"}]  # type: ignore[assignment]
    tasks = [
        _change(Subject.TASK, _task(1), 1, "PENDING", {"group": "service:web"}, service=_SERVICE),
        _change(Subject.TASK, _task(1), 5, "STOPPED", stopped, service=_SERVICE),
        _change(Subject.TASK, _task(1), 3, "RUNNING", {}, service=_SERVICE),
        _change(Subject.TASK, _task(2), 2, "RUNNING", {"group": "family:cron"}),
        _change(Subject.TASK, _task(3), 4, "PROVISIONING", {"group": "service:web"}, cluster=f"{_CLUSTER}2"),
    ]
    services = [
        _change(Subject.SERVICE, _SERVICE, 1, "web", {"desiredCount": 1}),
        _change(Subject.SERVICE, _SERVICE, 2, "web", {"serviceName": "web", "desiredCount": 3, "runningCount": 2}),
    ]
    store.insert_columns("ecs_tasks", change_columns(tasks), token="tasks")
    store.insert_columns("ecs_services", change_columns(services), token="services")
    return store


def test_clusters_are_known_by_what_runs_in_them(ecs: Store) -> None:
    """Each object counts once, in the state that was heard of last."""
    page = list_clusters(ecs)

    assert [
        (each.name, each.services, each.running_tasks, each.pending_tasks, each.stopped_tasks) for each in page.clusters
    ] == [("shop", 1, 1, 0, 1), ("shop2", 0, 0, 1, 0)]
    assert page.clusters[0].changed_ns == START + 5 * 10**9
    assert page.cursor == ""


def test_lists_come_in_pages(ecs: Store) -> None:
    """Each thing on one of them."""
    first = list_tasks(ecs, limit=2)
    second = list_tasks(ecs, limit=2, cursor=first.cursor)

    assert [each.arn for each in (*first.tasks, *second.tasks)] == [_task(1), _task(3), _task(2)]
    assert second.cursor == ""
    clusters = list_clusters(ecs, limit=1)
    assert [each.name for each in list_clusters(ecs, limit=1, cursor=clusters.cursor).clusters] == ["shop2"]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"cluster": "shop"}, [1, 2]),
        ({"cluster": _CLUSTER}, [1, 2]),
        ({"service": "web"}, [1, 3]),
        ({"service": _SERVICE}, [1]),
        ({"status": "running"}, [2]),
        ({"cluster": "shop", "service": "web", "status": "STOPPED"}, [1]),
        ({"cluster": "none"}, []),
    ],
)
def test_tasks_are_chosen_by_cluster_service_and_status(ecs: Store, asked: dict[str, Any], numbers: list[int]) -> None:
    """By name or ARN; the status is the last one."""
    assert sorted(each.arn for each in list_tasks(ecs, **asked).tasks) == [_task(number) for number in numbers]


def test_services_have_their_newest_counts(ecs: Store) -> None:
    """Of one cluster, or all."""
    [found] = list_services(ecs).services

    assert (found.name, found.desired_count, found.running_count, found.pending_count) == ("web", 3, 2, 0)
    assert list_services(ecs, cluster="shop").services == (found,)
    assert list_services(ecs, cluster="other").services == ()


@pytest.mark.parametrize("asked", [_task(1), f"{1:032x}"])
def test_a_task_is_found_by_arn_or_id(ecs: Store, asked: str) -> None:
    """With its containers, and all that ECS said."""
    found = find_task(ecs, asked)

    assert (found.last_status, found.stop_code, found.stopped_ns) == (
        "STOPPED",
        "EssentialContainerExited",
        1_790_000_000_000_000_000,
    )
    assert (found.containers[0].exit_code, found.containers[0].reason) == (137, "OutOfMemoryError")
    assert found.document["group"] == "service:web"
    with pytest.raises(NotFoundError):
        find_task(ecs, asked[:-1])


@pytest.mark.parametrize("cursor", ["x", "7", "x:arn", f"{1 << 63}:arn"])
def test_a_cursor_of_another_kind_is_refused(ecs: Store, cursor: str) -> None:
    """As a mistake of the one who asks."""
    with pytest.raises(UsageError, match="cursor"):
        list_tasks(ecs, cursor=cursor)


def test_what_was_polled_counts_as_what_was_told(ecs: Store) -> None:
    """A cluster with nothing in it is there; of two documents of one version the later one counts."""
    empty, arn = f"{_CLUSTER}-empty", f"{_SERVICE}-gone"
    told = _change(Subject.TASK, _task(9), 7, "RUNNING", {"version": 7}, cluster=f"{_CLUSTER}-polled")
    seen = told._replace(event_id="watch:9@7", document={"containers": [{"name": "app", "healthStatus": "HEALTHY"}]})
    gone = _change(Subject.SERVICE, arn, 1, "INACTIVE", {"status": "INACTIVE"}, cluster=f"{_CLUSTER}-polled")
    cluster = _change(Subject.CLUSTER, empty, 1, "ACTIVE", {"clusterName": "shop-empty"}, cluster=empty)
    for table, changes in (("tasks", [told]), ("services", [gone]), ("clusters", [cluster])):
        ecs.insert_columns(f"ecs_{table}", change_columns(changes), token=f"polled {table}")
    time.sleep(1.1)  # the store tells rows of one version apart by the second of their arrival
    ecs.insert_columns("ecs_tasks", change_columns([seen]), token="polled later")

    found = {each.name: (each.services, each.running_tasks) for each in list_clusters(ecs).clusters}
    assert (found["shop-empty"], found["shop-polled"]) == ((0, 0), (0, 1))
    assert find_task(ecs, _task(9)).containers[0].health == "HEALTHY"
    assert [each.containers[0].health for each in list_tasks(ecs, cluster="shop-polled").tasks] == ["HEALTHY"]
