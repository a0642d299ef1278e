"""Which clusters are looked at, how often, and what CloudWatch measured of them."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from taskscope.errors import SpoolFullError
from taskscope.sources.watch.performance import PerformanceLook
from taskscope.sources.watch.region import RegionWatch
from taskscope.sources.watch.tools import Tools
from taskscope.sources.watch.watcher import by_region
from tests.unit.sources.watch.conftest import (
    CLUSTER,
    REGION,
    START_MS,
    MemoryAws,
    MemoryHeard,
    MemoryOutlet,
    MemorySchedule,
    Time,
    a_task,
)


class Deaf:
    """Wants to know of no task."""

    def described(self, tasks: Any) -> None:
        """Take no notice."""

    def gone(self, arns: Any) -> None:
        """Take no notice."""


class Told(Deaf):
    """Keeps which tasks it was told are gone."""

    def __init__(self) -> None:
        self.ended: set[str] = set()

    def gone(self, arns: Any) -> None:
        """Keep them."""
        self.ended.update(arns)


def _cluster(name: str, *, insights: str = "disabled", status: str = "ACTIVE") -> dict[str, Any]:
    return {
        "clusterArn": f"{REGION}:cluster/{name}",
        "clusterName": name,
        "status": status,
        "settings": [{"name": "containerInsights", "value": insights}],
    }


def _hold(aws: MemoryAws, *clusters: dict[str, Any]) -> None:
    aws.held_clusters = {each["clusterArn"]: each for each in clusters}


def test_clusters_come_and_go(
    aws: MemoryAws, schedule: MemorySchedule, tools: Tools, caplog: pytest.LogCaptureFixture
) -> None:
    """One that is not there is said once, and looked at when it comes; what is deleted is not looked at."""
    caplog.set_level(logging.WARNING)
    RegionWatch(aws, "", ["prod", "later"], tools, Deaf())
    _hold(aws, _cluster("prod"), _cluster("other"))
    schedule.do_all()
    schedule.do_all()
    assert "the tasks of cluster prod" in schedule.looks
    assert not any("other" in what for what in schedule.looks)
    assert caplog.text.count("cluster later is not there") == 1
    _hold(aws, _cluster("prod", status="INACTIVE"), _cluster("later"))
    schedule.do_all()

    assert "the tasks of cluster later" in schedule.looks
    assert not any(what.endswith("cluster prod") for what in schedule.looks)
    assert "cluster prod is not there" in caplog.text


def test_tasks_of_a_cluster_that_is_gone_are_gone(
    aws: MemoryAws, outlet: MemoryOutlet, schedule: MemorySchedule, tools: Tools
) -> None:
    """Their end was not seen; their log lines are not asked for any more, and they are not said to run for ever."""
    told = Told()
    RegionWatch(aws, "", ["prod"], tools, told)
    _hold(aws, _cluster("prod"))
    aws.held_tasks = {each["taskArn"]: each for each in (a_task(1), a_task(2))}
    schedule.do_all()
    outlet.take()
    aws.held_tasks = {}
    _hold(aws, _cluster("prod", status="INACTIVE"))
    outlet.full = True
    with pytest.raises(SpoolFullError):
        schedule.looks["the clusters"].do()
    outlet.full = False
    schedule.looks["the clusters"].do()

    tasks = [each["detail"] for each in outlet.take() if each["detail"].get("taskArn")]
    assert {each["taskArn"]: each["lastStatus"] for each in tasks} == dict.fromkeys(told.ended, "DELETED")
    assert sorted(told.ended) == sorted(each["taskArn"] for each in (a_task(1), a_task(2)))
    assert "the tasks of cluster prod" not in schedule.looks


def test_a_star_is_all_clusters(aws: MemoryAws, schedule: MemorySchedule, tools: Tools) -> None:
    """None is missing then."""
    RegionWatch(aws, "", ["*"], tools, Deaf())
    _hold(aws, _cluster("prod"), _cluster("other"))
    schedule.do_all()

    assert {"the tasks of cluster prod", "the tasks of cluster other"} <= schedule.looks.keys()


def test_clusters_are_asked_for_in_their_region() -> None:
    """An ARN names it."""
    far = "arn:aws:ecs:us-east-1:123456789012:cluster/far"

    assert by_region(["prod", far, "*"]) == {"": ["prod", "*"], "us-east-1": [far]}


def test_where_eventbridge_tells_tasks_are_looked_at_less_often(
    aws: MemoryAws, schedule: MemorySchedule, tools: Tools, heard: MemoryHeard
) -> None:
    """What it does not tell keeps its pace: services with their counts and history, alarms."""
    RegionWatch(aws, "", ["prod"], tools, Deaf())
    _hold(aws, _cluster("prod"))
    schedule.do_all()

    def paces() -> list[float]:
        names = ("the tasks of cluster prod", "the services of cluster prod", "the alarms")
        return [schedule.looks[name].every() for name in names]

    assert paces() == [10, 20, 60]
    heard.clusters = {CLUSTER}
    assert paces() == [60, 20, 60]


def test_clusters_and_instances_are_given_away_when_they_change(
    aws: MemoryAws, outlet: MemoryOutlet, schedule: MemorySchedule, tools: Tools, time: Time
) -> None:
    """Each at its own time; an instance with its cluster."""
    arn = f"{REGION}:container-instance/prod/1"
    _hold(aws, _cluster("prod"))
    aws.held_instances = {arn: {"containerInstanceArn": arn, "version": 3, "status": "ACTIVE", "runningTasksCount": 1}}
    RegionWatch(aws, "", ["prod"], tools, Deaf())
    schedule.do_all()
    cluster, instance = outlet.take()
    assert (cluster["detail-type"], cluster["detail"]["clusterName"]) == ("ECS Cluster", "prod")
    assert (instance["detail"]["version"], instance["detail"]["clusterArn"]) == (3, CLUSTER)
    time.pass_by(60)
    aws.held_instances[arn] |= {"runningTasksCount": 2}
    schedule.do_all()

    [instance] = outlet.take()
    assert (instance["detail"]["runningTasksCount"], instance["time"]) == (2, "2026-03-01T12:01:00.000Z")


def _event(kind: str, task: int, *, ms: int = START_MS) -> str:
    return json.dumps({"Type": kind, "TaskId": f"{task:032x}", "Timestamp": ms, "CpuUtilized": 1})


def test_performance_events_are_read_where_they_are_enabled(
    aws: MemoryAws, outlet: MemoryOutlet, schedule: MemorySchedule, tools: Tools, heard: MemoryHeard, time: Time
) -> None:
    """Of tasks that nobody else measures, each once; late ones too."""
    _hold(aws, _cluster("prod"))
    RegionWatch(aws, "", ["prod"], tools, Deaf())
    heard.tasks = {a_task(2)["taskArn"]}
    for number in (1, 2):
        aws.say("FargateTelemetry-1", _event("Task", number), START_MS)
    schedule.do_all()
    assert "FilterLogEvents" not in aws.calls
    _hold(aws, _cluster("prod", insights="enhanced"))
    outlet.take()
    schedule.do_all()
    time.pass_by(60)
    aws.say("FargateTelemetry-1", _event("Task", 1, ms=START_MS - 1), START_MS - 1)
    schedule.do_all()

    bodies = [each for each in outlet.take() if "messages" in each]
    assert [each["messages"] for each in bodies] == [[_event("Task", 1)], [_event("Task", 1, ms=START_MS - 1)]]
    assert {each["cluster_arn"] for each in bodies} == {CLUSTER}
    assert {each["group"] for each in aws.asked if "group" in each} == {"/aws/ecs/containerinsights/prod/performance"}
    again = PerformanceLook(aws, CLUSTER, lambda: _cluster("prod", insights="enabled"), tools)
    again.look()
    assert outlet.take() == []


def test_metrics_are_asked_for_by_whole_minutes_once(
    aws: MemoryAws, outlet: MemoryOutlet, schedule: MemorySchedule, tools: Tools, time: Time
) -> None:
    """Of the cluster and each service; the last three minutes are left to settle."""
    arn = f"{REGION}:service/prod/web"
    _hold(aws, _cluster("prod"))
    aws.held_services = {arn: {"serviceArn": arn, "status": "ACTIVE", "clusterArn": CLUSTER, "serviceName": "web"}}
    at = datetime(2026, 3, 1, 11, 50, tzinfo=UTC)
    aws.held_results = [
        {"Id": "m2", "Timestamps": [at], "Values": [41.0]},
        {"Id": "m2", "Timestamps": [at.replace(minute=51)], "Values": [42.0]},
        {"Id": "m3", "Timestamps": [], "Values": []},
    ]
    RegionWatch(aws, "", ["prod"], tools, Deaf())
    schedule.do_all()
    schedule.looks["the services of cluster prod"].do()
    outlet.take()
    outlet.memory.pop(f"metrics {CLUSTER}")
    aws.asked.clear()
    schedule.looks["the metrics of cluster prod"].do()
    schedule.looks["the metrics of cluster prod"].do()
    time.pass_by(90)
    schedule.looks["the metrics of cluster prod"].do()

    first, second = [each for each in aws.asked if "queries" in each]
    assert [each["Id"] for each in first["queries"]] == ["m0", "m1", "m2", "m3"]
    assert (first["start"].hour, first["end"].minute) == (10, 57)
    assert (second["start"], second["end"].minute) == (first["end"], 58)
    body = outlet.take()[0]
    ms = round(at.timestamp() * 1000)
    assert body["results"] == [
        {"metric": "CPUUtilization", "service": "web", "times_ms": [ms, ms + 60_000], "values": [41.0, 42.0]}
    ]
