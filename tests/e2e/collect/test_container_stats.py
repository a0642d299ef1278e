"""Containers are measured by the collector beside them: their figures are the kernel's, each is stored once."""

import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

from taskscope.lab.client.watch import until
from taskscope.lab.threaded import ThreadedAws
from tests.e2e.collect.collector import Collector
from tests.e2e.collect.conftest import StartCollector, missing
from tests.e2e.collect.metadata_endpoint import EACH_SECOND, Endpoint, serving
from tests.e2e.collect.test_memory import MOST_KB, memory_kb

_WORKER: Final = """
import sys, time, urllib.request
held = bytearray(b"x" * (64 << 20))
while True:
    until = time.monotonic() + 0.05
    while time.monotonic() < until:
        pass
    time.sleep(0.05)
    if len(sys.argv) > 2:
        try:
            urllib.request.urlopen(sys.argv[2]).read()
        except OSError:
            pass
"""
"""Holds 64 MiB, keeps half a CPU busy, and asks an address that it may be given."""
_COLLECT: Final = (
    "collect", "--receivers", "xray", "--xray-port", "0", "--health-port", "0",
)  # fmt: skip
_LAST: Final = """
SELECT ResourceAttributes['container.name'] AS container, argMax(Value, TimeUnix), max(TimeUnix) - min(TimeUnix)
FROM {table} WHERE MetricName = {{name:String}} AND ResourceAttributes['aws.ecs.task.arn'] = {{task:String}}
GROUP BY container ORDER BY container
"""


_RATE: Final = """
SELECT (max(Value) - min(Value)) / (max(TimeUnix) - min(TimeUnix)) FROM otel_metrics_sum
WHERE MetricName = 'container.cpu.time'
    AND ResourceAttributes['aws.ecs.task.arn'] = {task:String} AND ResourceAttributes['container.name'] = 'worker'
"""
_AVERAGE: Final = """
SELECT avg(Value) FROM otel_metrics_gauge
WHERE MetricName = 'container.cpu.usage'
    AND ResourceAttributes['aws.ecs.task.arn'] = {task:String} AND ResourceAttributes['container.name'] = 'worker'
"""


def _definition(family: str, mark: str, collector: list[str], **more: Any) -> dict[str, Any]:
    """Return a task of a worker, whose process can be told by a mark, and a collector beside it."""
    asked = ["$AWS_ENDPOINT_URL"] if more.get("networkMode") == "awsvpc" else []
    worker = " ".join(["exec", "python3", "-c", '"$PROGRAM"', mark, *asked])
    return {
        "family": family,
        "containerDefinitions": [
            {
                "name": "worker", "image": "shop/worker:7", "cpu": 128, "memory": 200,
                "command": ["sh", "-c", worker], "environment": [{"name": "PROGRAM", "value": _WORKER}],
            },
            {
                "name": "taskscope", "image": "taskscope", "memory": 2000, "command": ["taskscope", *collector],
                "environment": [{"name": name, "value": value} for name, value in EACH_SECOND.items()],
            },
        ],
        **more,
    }  # fmt: skip


@contextmanager
def _running(aws: ThreadedAws, definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Run a task until the block ends; give it as ECS describes it when it runs."""
    ecs = aws.client("ecs")
    ecs.create_cluster(clusterName="measured")
    family = ecs.register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"]
    network = {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}}
    more = network if definition.get("networkMode") == "awsvpc" else {}
    [task] = ecs.run_task(cluster="measured", taskDefinition=family, **more)["tasks"]
    arn = task["taskArn"]

    def describe() -> dict[str, Any]:
        found: dict[str, Any] = ecs.describe_tasks(cluster="measured", tasks=[arn])["tasks"][0]
        return found

    try:
        assert until(lambda: describe()["lastStatus"] == "RUNNING", at_most=30)
        yield describe()
    finally:
        ecs.stop_task(cluster="measured", task=arn)
        assert until(lambda: describe()["lastStatus"] == "STOPPED", at_most=60)


def _process(mark: str) -> psutil.Process:
    """Wait for the program that a shell becomes, and return it."""
    found: list[psutil.Process] = []

    def is_there() -> bool:
        found[:] = [each for each in psutil.process_iter(["cmdline"]) if mark in (each.info["cmdline"] or ())[3:]]
        return bool(found)

    assert until(is_there, at_most=20)
    return found[0]


def _last(server: Collector, name: str, task: str, table: str = "otel_metrics_gauge") -> dict[str, list[Any]]:
    rows = server.sql(_LAST.format(table=table), name=name, task=task)
    return {container: values for container, *values in rows}


def test_the_figures_of_a_task_are_those_of_its_processes(aws: ThreadedAws, server: Collector) -> None:
    """CPU time, use and memory through ``collect --to otlp`` agree with /proc; the task's are the sum and more."""
    mark = f"measured-{time.time_ns()}"
    forward = [*_COLLECT, "--to", f"otlp=http://127.0.0.1:{server.ports['http']}"]
    with _running(aws, _definition("measured", mark, forward, cpu="512", memory="3000")) as task:
        arn = task["taskArn"]
        process = _process(mark)
        began, before = time.monotonic(), sum(process.cpu_times()[:2])
        server.until(lambda: _last(server, "container.cpu.usage", arn).get("worker", [0, 0])[1] >= 5, seconds=30)
        [cpu_time, _] = _last(server, "container.cpu.time", arn, "otel_metrics_sum")["worker"]
        rate = server.sql(_RATE, task=arn)[0][0]
        cpus = server.sql(_AVERAGE, task=arn)[0][0]
        [memory, _] = _last(server, "container.memory.working_set", arn)["worker"]
        limits = _last(server, "container.memory.limit", arn)
        together = _last(server, "ecs.task.memory.working_set", arn)[""][0]
        used = sum(process.cpu_times()[:2])
        kernel_rate = (used - before) / (time.monotonic() - began)
        resident = process.memory_info().rss

    assert 0.2 * used < cpu_time < used + 0.5  # read up to 2 s before, and a shell began it
    assert rate == pytest.approx(kernel_rate, rel=0.5)  # over somewhat other seconds, on a machine that others use
    assert cpus == pytest.approx(rate, rel=0.3)
    assert resident * 0.8 < memory < resident * 1.2 + (16 << 20)
    assert limits["worker"][0] == 200 << 20
    assert together >= memory + (30 << 20)
    assert _last(server, "ecs.task.cpu.limit", arn)[""][0] == 0.5
    attributes = server.sql(
        "SELECT DISTINCT ServiceName, ResourceAttributes['container.image.name'] FROM otel_metrics_gauge"
        " WHERE ResourceAttributes['aws.ecs.task.arn'] = {task:String}"
        " AND ResourceAttributes['container.name'] = 'worker'",
        task=arn,
    )
    assert attributes == [["measured", "shop/worker"]]


def test_a_server_in_a_task_measures_its_network(aws: ThreadedAws) -> None:
    """``serve`` as a sidecar in awsvpc: one interface, of the task and of no container, and no bytes twice."""
    mark = f"networked-{time.time_ns()}"
    serve = ["serve", "--listen", "0.0.0.0", "--insecure", "--receivers", "otlp"]  # noqa: S104 (a namespace of its own)
    definition = _definition("networked", mark, serve, networkMode="awsvpc", memory="4000", cpu="1024")
    with _running(aws, definition) as task:
        details = {each["name"]: each["value"] for each in task["attachments"][0]["details"]}
        address = details.get("privateIPv4Address", "127.0.0.1")
        if address.startswith("127."):
            missing.append("NO NETWORK NAMESPACES: a task's own interface was not measured")
            pytest.skip(missing[-1])
        pid = _process(mark).pid
        server = _Remote(address)
        statement = (
            "SELECT Attributes['network.interface.name'], Attributes['network.io.direction'], max(Value), count(),"
            " ResourceAttributes['container.name'] FROM otel_metrics_sum"
            " WHERE MetricName = 'ecs.task.network.io' GROUP BY 1, 2, 5 ORDER BY 1, 2"
        )
        assert until(lambda: [row[3] >= 3 for row in server.sql(statement)] == [True, True], at_most=60)
        rows = server.sql(statement)
        [interface, received] = _interface_bytes(pid)
        foreign = server.sql("SELECT count() FROM otel_metrics_sum WHERE MetricName = 'container.network.io'")

    assert [row[:2] for row in rows] == [[interface, "receive"], [interface, "transmit"]]
    assert {row[4] for row in rows} == {""}
    assert 0.2 * received < rows[0][2] <= received
    assert foreign == [[0]]


class _Remote:
    """The store of a server elsewhere."""

    def __init__(self, address: str) -> None:
        self._url = f"http://{address}:8275/api/store/sql"

    def sql(self, statement: str) -> list[list[Any]]:
        """Ask it; nothing while it is not there yet."""
        request = urllib.request.Request(  # noqa: S310 (our own)
            self._url, data=json.dumps({"sql": statement}).encode(), headers={"content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 (our own)
                rows: list[list[Any]] = json.load(answer)["rows"]
        except OSError:
            return []
        return rows


def _interface_bytes(pid: int) -> list[Any]:
    """Return the interface of a process's namespace and what came in there, as the kernel counts it."""
    lines = [line.split() for line in Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]]
    [[name, received]] = [[line[0].rstrip(":"), int(line[1])] for line in lines if line[0] != "lo:"]
    return [name, received]


def test_kills_cost_no_reading_and_double_none(collector: StartCollector) -> None:
    """What was received before a kill is stored, each reading once; what came after it as well, if it is another."""
    times = "SELECT Value, count() FROM otel_metrics_sum WHERE MetricName = 'container.cpu.time' GROUP BY Value"
    with serving(endpoint := Endpoint(renewed_seconds=3)) as address:
        running = collector(env=EACH_SECOND | {"ECS_CONTAINER_METADATA_URI_V4": address})
        for number, name in enumerate(("streams", "store"), start=1):
            running.until(lambda: running.counters().get("received.container_stats", 0) >= number)  # noqa: B023 (at once)
            before = running.counters()
            running.kill_process(name)
            running.until_restarted(name, before, seconds=40)
        running.kill()
        running.start()
        running.until(lambda: running.counters().get("received.container_stats", 0) >= 1)
        running.drained()
        stored = dict(running.sql(times))

    assert set(stored.values()) == {1}
    assert len(stored) >= 3
    assert max(stored) <= endpoint.given


def test_trouble_of_the_endpoint_is_said_and_ends_nothing(collector: StartCollector) -> None:
    """A task whose endpoint is away is still served."""
    running = collector(env=EACH_SECOND | {"ECS_CONTAINER_METADATA_URI_V4": "http://127.0.0.1:9/v4/token"})
    running.until(lambda: running.counters().get("failed.container_stats", 0) >= 2, seconds=20)

    assert running.health()["status"] == "ok"
    assert running.log().count("containers are not measured for now") == 1


def test_a_sidecar_that_measures_takes_little_memory(collector: StartCollector, server: Collector) -> None:
    """``collect`` with every receiver, and readings that go on to another collector: at most 90 MB together."""
    with serving(Endpoint()) as address:
        sidecar = collector(
            "--to", f"otlp=http://127.0.0.1:{server.ports['http']}", "--statsd-interval-seconds", "1",
            command="collect", env=EACH_SECOND | {"ECS_CONTAINER_METADATA_URI_V4": address},
        )  # fmt: skip
        sidecar.until(lambda: sidecar.counters().get("forwarded.otlp.metrics", 0) > 5)

        assert memory_kb(sidecar) < MOST_KB


def test_readings_of_a_minute_become_one_event(collector: StartCollector, aws: ThreadedAws) -> None:
    """``collect --to container-insights``: what came in a minute goes out at its end, or when the sidecar stops."""
    endpoint = Endpoint(cluster="insights")
    with serving(endpoint) as address:
        sidecar = collector(
            "--to", "container-insights", command="collect",
            env=aws.environment | EACH_SECOND | {"ECS_CONTAINER_METADATA_URI_V4": address},
        )  # fmt: skip
        sidecar.until(lambda: sidecar.counters().get("received.container_stats", 0) >= 4)
        counted = sidecar.stop()

    group = "/aws/ecs/containerinsights/insights/performance"
    answer = aws.client("logs").filter_log_events(logGroupName=group, logStreamNames=["taskscope-killed"])
    events = [json.loads(each["message"]) for each in answer["events"]]
    of_type = {kind: [each for each in events if each["Type"] == kind] for kind in ("Container", "Task")}
    assert [1 <= len(found) <= 2 for found in of_type.values()] == [True, True]  # two where a minute ended meanwhile
    assert {each["ContainerName"] for each in of_type["Container"]} == {"app"}
    assert counted["forwarded.container-insights.metrics"] >= 4
    assert not sidecar.left_in_spool
