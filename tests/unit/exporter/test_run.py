"""The exporter as a whole, in this process, against an endpoint that can misbehave."""

import gzip
import threading
import time

import pytest

from taskscope.errors import UsageError
from taskscope.exporter.addresses import Address
from tests.unit.exporter import misbehaving
from tests.unit.exporter.conftest import Got, Log, Running, StartExporter
from tests.unit.exporter.misbehaving import STATS, TASK, Behaviour, Endpoint

_OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
_UP = ("ecs_container_exporter_up", "taskscope_exporter_up")


def test_a_scrape_says_what_the_endpoint_says(exporter: Running) -> None:
    """Under both sets of names."""
    got = exporter.get()

    assert got.status == 200
    assert got.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert got.samples['ecs_container_cpu_usage_seconds_total{container_name="web"}'] == 1843.217004512
    assert got.samples['ecs_container_mem_usage_bytes{ContainerName="web"}'] == 338690048
    assert [got.samples[each] for each in _UP] == [1.0, 1.0]


def test_formats_are_negotiated(exporter: Running) -> None:
    """OpenMetrics for who asks for it, gzip for who takes it."""
    plain = exporter.get()
    opened = exporter.get(headers={"Accept": _OPEN_METRICS})
    packed = exporter.get(headers={"Accept-Encoding": "gzip"})

    assert opened.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert opened.body.endswith(b"# EOF\n")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body).partition(b"\n")[0] == plain.body.partition(b"\n")[0]
    assert len(packed.body) < len(plain.body) / 3


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8,*/*;q=0.1", "application/openmetrics-text"),
        ("application/openmetrics-text; version=x", "text/plain"),
        ("text/plain; version=1.a", "text/plain"),
        (";;;==", "text/plain"),
        ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily", "text/plain"),
    ],
)
def test_odd_wishes_get_the_oldest_format(exporter: Running, accept: str, content_type: str) -> None:
    """And never an error."""
    got = exporter.get(headers={"Accept": accept})

    assert got.status == 200
    assert got.headers.get_content_type() == content_type


@pytest.mark.parametrize(
    "behaviour",
    [
        misbehaving.hang_up,
        misbehaving.answer_bytes(b"<html>"),
        misbehaving.half_a_body(TASK),
        misbehaving.answer("later", 429),
        misbehaving.answer("failed", 500),
    ],
    ids=["closed", "garbage", "half", "429", "500"],
)
def test_without_the_task_a_scrape_is_answered_all_the_same(
    exporter: Running, metadata: Endpoint, behaviour: Behaviour
) -> None:
    """With 200, and what is up said to be 0; the next scrape is well again."""
    metadata.behaviours["/task"] = behaviour
    got = exporter.get()
    metadata.behaviours["/task"] = misbehaving.answer(TASK)

    assert got.status == 200
    assert [got.samples[each] for each in _UP] == [0.0, 0.0]
    assert not any(each.startswith("ecs_container_cpu") for each in got.samples)
    assert [exporter.get().samples[each] for each in _UP] == [1.0, 1.0]


def test_refusal_for_a_moment_is_not_seen(exporter: Running, metadata: Endpoint) -> None:
    """The agent throttles all tasks of a host together."""
    metadata.behaviours["/task"] = misbehaving.in_turn(misbehaving.answer("later", 429), misbehaving.answer(TASK))
    metadata.behaviours["/task/stats"] = misbehaving.in_turn(
        misbehaving.answer("failed", 500), misbehaving.answer(STATS)
    )

    assert exporter.get().samples["taskscope_exporter_up"] == 1.0


def test_slow_endpoint_is_waited_for_no_longer_than_the_scraper_waits(exporter: Running, metadata: Endpoint) -> None:
    """Prometheus says how long that is; it gets its answer before."""
    metadata.behaviours["/task"] = misbehaving.silence
    began = time.monotonic()
    got = exporter.get(headers={"X-Prometheus-Scrape-Timeout-Seconds": "1.2"})

    assert time.monotonic() - began < 1.2
    assert got.status == 200
    assert [got.samples[each] for each in _UP] == [0.0, 0.0]
    assert 0.7 <= got.samples["taskscope_exporter_scrape_duration_seconds"] < 1.2


def test_containers_that_disappear_leave_the_others(exporter: Running, metadata: Endpoint) -> None:
    """What is there is exported, and not all is up."""
    [first, *_] = STATS
    metadata.behaviours["/task/stats"] = misbehaving.answer({first: STATS[first]})
    samples = exporter.get().samples

    assert samples['ecs_container_memory_usage_bytes{container_name="web"}'] == 338690048
    assert 'ecs_container_memory_usage_bytes{container_name="cache"}' not in samples
    assert [samples[each] for each in _UP] == [0.0, 0.0]


def test_a_hundred_scrapes_at_once_are_one_question(exporter: Running, metadata: Endpoint) -> None:
    """All are answered alike; the endpoint sees one reading at a time."""
    metadata.behaviours["/task"] = misbehaving.after(0.5, misbehaving.answer(TASK))
    answers: list[Got] = []
    threads = [threading.Thread(target=lambda: answers.append(exporter.get())) for _ in range(100)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert [each.status for each in answers] == [200] * 100
    assert {each.samples["taskscope_exporter_up"] for each in answers} == {1.0}
    assert metadata.most_at_once == 1
    assert len(metadata.asked) < 20  # a slow machine accepts the last connection after the first reading is over


def test_a_connection_serves_many_scrapes(exporter: Running, metadata: Endpoint) -> None:
    """As Prometheus keeps it; its address is looked up once, TLS is made once."""
    connection = exporter.connect()
    kept = []
    for _ in range(3):
        connection.request("GET", "/metrics")
        connection.getresponse().read()
        kept.append(connection.sock)
    connection.close()

    assert kept[0] is kept[1] is kept[2] is not None
    assert metadata.asked == ["/task", "/task/stats"] * 3


def test_exporter_tells_its_own_figures_unless_told_not_to(exporter: Running, start_exporter: StartExporter) -> None:
    """Answers, readings, and its process."""
    exporter.get("/nowhere")
    exporter.get()
    samples = exporter.get().samples
    without = start_exporter(has_own_metrics=False).get().samples

    assert samples['taskscope_exporter_http_requests_total{code="404"}'] == 1
    assert samples['taskscope_exporter_http_requests_total{code="200"}'] == 1
    assert samples['taskscope_exporter_metadata_reads_total{outcome="read"}'] == 2
    assert samples["process_resident_memory_bytes"] > 1_000_000
    assert without.keys() < samples.keys()
    assert not any(each.startswith(("process_", "python_")) for each in without)


def test_sets_and_path_can_be_chosen(start_exporter: StartExporter) -> None:
    """One set alone, elsewhere."""
    exporter = start_exporter(sets=frozenset({"modern"}), telemetry_path="/probe")

    assert not any("ContainerName" in each for each in exporter.get("/probe").samples)
    assert exporter.get("/metrics").status == 404
    assert b'href="/probe"' in exporter.get("/").body


def test_stop_answers_what_is_under_way(start_exporter: StartExporter, metadata: Endpoint, log: Log) -> None:
    """New connections are refused, idle ones are closed, the scrape that goes on gets its answer."""
    metadata.behaviours["/task"] = misbehaving.after(0.7, misbehaving.answer(TASK))
    statuses: list[int] = []
    exporter = start_exporter()
    idle = exporter.connect()
    idle.connect()
    thread = threading.Thread(target=lambda: statuses.append(exporter.get().status))
    thread.start()
    assert misbehaving.eventually(lambda: metadata.asked == ["/task"])
    start_exporter.stop_all()
    thread.join()

    assert statuses == [200]
    assert idle.sock.recv(1) == b""
    idle.close()
    assert "stopping" in log.messages()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"endpoint": "ftp://x"}, "no address of a task metadata endpoint"),
        ({"telemetry_path": "metrics"}, "--web.telemetry-path 'metrics'"),
        ({"telemetry_path": "/a?b"}, "--web.telemetry-path"),
        ({"address": Address("192.0.2.1", 0)}, "cannot be had"),
    ],
)
def test_wrong_settings_end_the_start(start_exporter: StartExporter, settings: dict[str, object], said: str) -> None:
    """And are named."""
    with pytest.raises(UsageError, match=said):
        start_exporter(**settings)


def test_port_in_use_is_said(exporter: Running, start_exporter: StartExporter) -> None:
    """With the flag that chooses another."""
    with pytest.raises(UsageError, match="is in use") as raised:
        start_exporter(address=Address("127.0.0.1", exporter.port))
    assert "--port" in str(raised.value.hint)
