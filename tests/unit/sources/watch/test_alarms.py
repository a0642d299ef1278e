"""Alarms whose dimensions name a watched cluster."""

from datetime import timedelta
from typing import Any

from taskscope.sources.watch.alarms import AlarmsLook
from tests.unit.sources.watch.conftest import CLUSTER, START, MemoryAws, MemoryOutlet, Time


def _alarm(name: str, *, state: str = "OK", cluster: str = "prod", service: str = "") -> dict[str, Any]:
    dimensions = [{"Name": "ClusterName", "Value": cluster}]
    dimensions += [{"Name": "ServiceName", "Value": service}] if service else []
    return {
        "AlarmName": name,
        "AlarmArn": f"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{name}",
        "StateValue": state,
        "StateUpdatedTimestamp": START + timedelta(seconds=len(state)),
        "Dimensions": dimensions,
    }


def _states(outlet: MemoryOutlet) -> list[tuple[str, str]]:
    return [(each["detail"]["AlarmName"], each["detail"]["StateValue"]) for each in outlet.take()]


def test_changes_of_alarms_are_given_away(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """Of those that concern the cluster, also by a metric of an expression; one that is deleted is said to be."""
    by_metric = _alarm("math") | {"Dimensions": []}
    by_metric["Metrics"] = [{"Id": "m", "MetricStat": {"Metric": {"Dimensions": _alarm("x")["Dimensions"]}}}]
    aws.held_alarms = [_alarm("cpu", service="web"), _alarm("other", cluster="dev"), by_metric]
    look = AlarmsLook(aws, "", lambda: [CLUSTER], outlet, time)
    look.look()
    assert _states(outlet) == [("cpu", "OK"), ("math", "OK")]
    look.look()
    assert _states(outlet) == []
    aws.held_alarms = [_alarm("cpu", state="ALARM", service="web")]
    AlarmsLook(aws, "", lambda: [CLUSTER], outlet, time).look()

    assert _states(outlet) == [("cpu", "ALARM"), ("math", "DELETED")]


def test_alarms_of_a_cluster_that_is_watched_no_more_are_not_said_to_be_deleted(
    aws: MemoryAws, outlet: MemoryOutlet, time: Time
) -> None:
    """Nobody has looked."""
    aws.held_alarms = [_alarm("cpu")]
    clusters = [CLUSTER]
    look = AlarmsLook(aws, "", lambda: clusters, outlet, time)
    look.look()
    outlet.take()
    clusters[:] = [CLUSTER.replace("prod", "dev")]
    look.look()

    assert _states(outlet) == []


def test_without_clusters_nothing_is_asked(aws: MemoryAws, outlet: MemoryOutlet, time: Time) -> None:
    """They may not have been found yet."""
    AlarmsLook(aws, "", list, outlet, time).look()

    assert aws.calls == []
