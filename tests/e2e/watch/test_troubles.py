"""A short budget, throttling, missing permissions, credentials that expire, clusters that are not there."""

import time

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.collect.collector import Collector
from tests.e2e.watch.conftest import TICKER, Cluster, Watch, ask, stored_lines
from tests.e2e.watch.gate import ANY, Gate

_BURST = 10
"""Requests that a budget of 60 a minute lets pass at once."""


def test_the_budget_is_kept_and_told(cluster: Cluster, gate: Gate, watch: Watch) -> None:
    """60 requests a minute for looks that would take 300: counted where they arrive, said once, in the status."""
    cluster.serve("web", "app", TICKER, count=1)
    server = watch("--watch", cluster.name, url=gate.url, budget=60)
    server.until(lambda: len(gate.calls) > _BURST)
    time.sleep(6)  # what is measured: requests over a time

    calls = list(gate.calls)
    took = calls[-1][0] - calls[0][0]
    assert 0.7 * took < len(calls) <= _BURST + took + 1
    assert server.log().count("AWS may be asked too rarely") == 1
    spent = {name.removeprefix("calls."): each for name, each in ask(server, "/api/status")["watch"].items()}
    assert sum(spent.values()) >= len(calls)
    assert spent.keys() == gate.count().keys()
    assert stored_lines(server, cluster.group)


def test_what_all_looks_meet_is_told_once_and_over_later(cluster: Cluster, gate: Gate, watch: Watch) -> None:
    """While AWS throttles, less is asked; credentials that expire are waited for. Then all goes on, nothing is lost."""
    cluster.serve("web", "app", TICKER, count=1)
    server = watch("--watch", cluster.name, url=gate.url)
    server.until(lambda: stored_lines(server, cluster.group))
    gate.refuse[ANY] = "ThrottlingException", "Rate exceeded"
    before = len(gate.calls)
    time.sleep(2)  # what is measured: requests over a time
    assert len(gate.calls) - before < 20
    gate.refuse.clear()
    server.until(lambda: "AWS does not throttle it any more" in server.log(), seconds=30)
    gate.refuse[ANY] = "ExpiredTokenException", "The security token included in the request is expired"
    server.until(lambda: "watching waits" in server.log())
    calls = len(gate.calls)
    server.until(lambda: len(gate.calls) > calls + 6)
    gate.refuse.clear()
    server.until(lambda: "the AWS credentials work again" in server.log(), seconds=30)

    assert server.log().count("AWS throttles the requests (Rate exceeded)") == 1
    assert server.log().count("credentials have expired") == 1
    cluster.stop_all()
    server.until(lambda: stored_lines(server, cluster.group) == cluster.lines(), seconds=30)


def test_a_missing_permission_costs_only_what_needs_it(cluster: Cluster, gate: Gate, watch: Watch) -> None:
    """It is named, once; services and tasks are watched without alarms and lines."""
    cluster.serve("web", "app", TICKER, count=1)
    for operation, service in (("DescribeAlarms", "cloudwatch"), ("FilterLogEvents", "logs")):
        message = f"User: arn:aws:iam::123456789012:user/x is not authorized to perform: {service}:{operation}"
        gate.refuse[operation] = "AccessDeniedException", message
    server = watch("--watch", cluster.name, url=gate.url)
    server.until(lambda: ask(server, f"/api/tasks?cluster={cluster.name}&status=RUNNING")["tasks"])
    server.until(lambda: gate.count()["FilterLogEvents"] > 1)

    for permission in ("cloudwatch:DescribeAlarms", "logs:FilterLogEvents"):
        assert server.log().count(f"the permission {permission} is missing") == 1
    gate.refuse.clear()

    server.until(lambda: stored_lines(server, cluster.group), seconds=30)
    assert f"log group {cluster.group}: watched again" in server.log()


def test_a_cluster_that_is_not_there_is_waited_for(aws: ThreadedAws, watch: Watch) -> None:
    """The server runs, says so once, and watches the cluster when it comes."""
    server = watch("--watch", "not-yet", "--watch", "nor-this")
    server.until(lambda: "cluster not-yet is not there" in server.log())
    arn = aws.client("ecs").create_cluster(clusterName="not-yet")["cluster"]["clusterArn"]

    server.until(lambda: arn in _clusters(server), seconds=20)

    assert "cluster not-yet is there: it is watched" in server.log()
    assert server.log().count("cluster nor-this is not there") == 1


def _clusters(server: Collector) -> set[str]:
    return {each["arn"] for each in ask(server, "/api/clusters")["clusters"]}
