"""While the workshop runs: what its cluster, tasks and containers use, by command and over REST."""

import pytest

from taskscope.client.rest import Rest
from taskscope.lab.client.watch import until
from tests.e2e.workshop.story import CLUSTER, Workshop

pytestmark = pytest.mark.timeout(300)

BUSY, IDLE = "aws-otel-emitter", "aoc-statsd-emitter"
"""The one signs an order a second, a tenth of a second of work; the other sends one datagram."""
LIMITS = {
    "aws-otel-collector": (0.25, 512),
    "aws-otel-emitter": (0.25, 256),
    "nginx": (0.25, 256),
    "visitors": (0.125, 128),
    "aoc-statsd-emitter": (0.0625, 128),
    "taskscope": (1.0, 2048),
}
"""CPUs and MiB, as the definitions say."""
MIB = 1024 * 1024


def test_every_container_is_listed_with_what_it_uses(workshop: Workshop) -> None:
    """Of the limits of the definition; a busy container uses more than an idle one."""
    listed = workshop.document("taskscope", "resources", "--type", "container", "--cluster", CLUSTER)
    found = {each["key"]["container"]: each for each in listed}
    usage = {name: each["usage"] for name, each in found.items()}

    assert {name: (each["cpu_limit"], each["memory_limit_bytes"] / MIB) for name, each in usage.items()} == LIMITS
    assert all(each["cpu_share"] == pytest.approx(each["cpu"] / each["cpu_limit"]) for each in usage.values())
    assert usage[BUSY]["cpu"] > 10 * usage[IDLE]["cpu"]
    assert usage[BUSY]["cpu"] > usage["visitors"]["cpu"] > usage[IDLE]["cpu"]
    assert all(MIB < each["memory_bytes"] <= each["memory_limit_bytes"] for each in usage.values())
    assert {each["measured_by"] for each in listed} == {"taskscope"}


def test_the_status_is_what_ecs_says(workshop: Workshop) -> None:
    """As of the server's last look at the cluster, every 10 s."""

    def statuses() -> set[str]:
        return {each["status"] for each in workshop.document("taskscope", "resources", "--type", "container")}

    assert until(lambda: statuses() == {"RUNNING"}, at_most=40, pause=1), statuses()


def test_the_cluster_has_both_tasks(workshop: Workshop) -> None:
    """With the limits of their definitions: those of the one, and those of the other."""
    ours, server = (each["taskArn"].rpartition("/")[2] for each in workshop.tasks())
    listed = workshop.document("taskscope", "resources")
    tasks = {each["key"]["task"]: each["usage"] for each in listed if each["key"]["level"] == "task"}
    [cluster] = [each for each in listed if each["key"]["level"] == "cluster"]

    assert (cluster["key"]["cluster"], cluster["tasks"]) == (CLUSTER, 2)
    assert {name: (each["cpu_limit"], each["memory_limit_bytes"] / MIB) for name, each in tasks.items()} == {
        ours: (1.0, 1536),
        server: (1.0, 2048),
    }


def test_top_shows_both_tasks_with_their_containers(workshop: Workshop) -> None:
    """As a document and as a table: a task uses what its containers do; health is that of the checks there are."""
    view = workshop.document("taskscope", "top", CLUSTER, "--once")
    [server, ours] = sorted(view["tasks"], key=lambda each: len(each["containers"]))
    text = workshop.ask("taskscope", "top", CLUSTER, "--once").stdout

    assert (ours["family"], ours["launch_type"].upper(), ours["health"]) == ("otel-workshop", "EXTERNAL", "HEALTHY")
    assert {each["name"] for each in [*ours["containers"], *server["containers"]]} == set(LIMITS)
    assert all(name in text for name in LIMITS)
    for task in (server, ours):
        containers = [each["usage"] for each in task["containers"]]
        assert task["usage"]["cpu"] == pytest.approx(sum(each["cpu"] for each in containers))
        assert task["usage"]["memory_bytes"] == sum(each["memory_bytes"] for each in containers)
    health = {each["name"]: each["health"] for each in ours["containers"]}
    assert (health["aws-otel-collector"], health["nginx"]) == ("HEALTHY", "")


def test_series_of_each_level_are_there_for_dashboards(workshop: Workshop) -> None:
    """CPU and memory of cluster, task and container over time, and the map from which one drills down."""
    server = Rest(workshop.environment["TASKSCOPE_SERVER"])
    task = workshop.tasks()[0]["taskArn"].rpartition("/")[2]
    places = {
        "cluster": f"cluster={CLUSTER}",
        "task": f"cluster={CLUSTER}&task={task}",
        "container": f"cluster={CLUSTER}&task={task}&container={BUSY}",
    }
    for level, place in places.items():
        points = server.get(f"/api/resources/series?level={level}&{place}&start=-10m&step=1m")["points"]
        assert any(each["usage"]["cpu"] and each["usage"]["memory_bytes"] for each in points), level

    nodes = server.get("/api/resources/map?start=-10m")["nodes"]
    parents = {node["index"]: node["parent"] for node in nodes}
    [busy] = [node for node in nodes if node["key"]["container"] == BUSY]
    above = parents[busy["index"]]
    assert (nodes[above]["key"]["task"], nodes[parents[above]]["key"]["cluster"]) == (task, CLUSTER)
