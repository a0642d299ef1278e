"""A server that is killed or stopped in the middle: every line and every version is there once."""

from collections import Counter

from tests.e2e.collect.collector import Collector
from tests.e2e.watch.conftest import TICKER, Cluster, Watch, stored_lines


def test_a_server_that_is_killed_loses_nothing_and_repeats_nothing(cluster: Cluster, watch: Watch) -> None:
    """With all of its processes, while lines are written all the time."""
    cluster.serve("web", "app", TICKER, count=2)
    server = watch("--watch", cluster.name)
    seen = len(_until_more(server, cluster, 20))
    server.end_by_force()
    server.start()
    _until_more(server, cluster, seen + 10)
    cluster.stop_all()

    _until_all_is_there(server, cluster)


def test_a_watching_process_that_is_killed_goes_on_where_it_was(cluster: Cluster, watch: Watch) -> None:
    """Twice at any moment; what was on its way into the spool is there once as well."""
    cluster.serve("web", "app", TICKER, count=3)
    server = watch("--watch", cluster.name, interval="0.1")
    for _ in range(2):
        seen = len(_until_more(server, cluster, 15))
        before = server.counters()
        server.kill_process("streams")
        server.until_restarted("streams", before)
        _until_more(server, cluster, seen + 10)
    cluster.stop_all()

    _until_all_is_there(server, cluster)


def test_what_does_not_change_is_not_kept_again(cluster: Cluster, watch: Watch) -> None:
    """Eight looks at a quiet cluster, and a restart: not one frame more."""
    cluster.serve("web", "app", "sleep 300", count=1)
    server = watch("--watch", cluster.name, interval="0.1")
    server.until(lambda: ["SERVICE_DEPLOYMENT_COMPLETED"] in server.sql("SELECT Name FROM ecs_deployments"))
    _looks(server, 4)
    frames = server.counters()["received.watch"]
    _looks(server, 8)
    assert server.counters()["received.watch"] == frames

    server.stop()
    server.start()
    _looks(server, 4)

    assert server.counters().get("received.watch", 0) in {0, frames}


def _looks(server: Collector, number: int) -> None:
    """Wait for so many looks at the services."""
    name = "watch.calls.DescribeServices"
    wanted = server.counters().get(name, 0) + number
    server.until(lambda: server.counters().get(name, 0) >= wanted, seconds=40)


def _until_more(server: Collector, cluster: Cluster, least: int) -> list[tuple[str, str]]:
    server.until(lambda: len(stored_lines(server, cluster.group)) >= least, seconds=20)
    return stored_lines(server, cluster.group)


def _until_all_is_there(server: Collector, cluster: Cluster) -> None:
    """Wait until store and CloudWatch Logs have the same lines, as often, and look for repeats."""
    server.until(lambda: not cluster.ecs.list_tasks(cluster=cluster.name)["taskArns"])
    server.until(lambda: stored_lines(server, cluster.group) == cluster.lines(), seconds=20)
    lines = Counter(stored_lines(server, cluster.group))
    assert set(lines.values()) == {1}
    for table, key in (
        ("ecs_tasks", "Arn, Version"),
        ("ecs_service_events", "EventId"),
        ("ecs_deployments", "Arn, Name"),
    ):
        [[rows, distinct]] = server.sql(f"SELECT count(), uniqExact({key}) FROM {table}")  # noqa: S608 (constants)
        assert (table, rows) == (table, distinct)
