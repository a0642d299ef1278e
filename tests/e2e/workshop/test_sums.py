"""When the workshop's task has ended: exactly what was sent has been kept."""

import json

import pytest

from taskscope.clock import SECOND
from taskscope.lab.client.watch import until
from taskscope.lab.scenarios.workshop import METRIC
from tests.e2e.workshop.story import CLUSTER, Workshop

pytestmark = pytest.mark.timeout(300)

LINE = "statsdTestMetric:1|c number "
STEP = 10
"""Seconds for which the collector adds up StatsD."""
EDGE = 0.3
"""Seconds by which a line's time and that of its arrival may differ, on a busy machine; there is a line a second."""


def test_every_trace_that_was_sent_is_found(ended: Workshop) -> None:
    """No more and no less, each with both spans' outcome: the calls that failed are faults."""
    sent = ended.sent_traces()
    listed = ended.document("taskscope", "traces", "--limit", "10000")
    faults = ended.document("taskscope", "traces", "--limit", "10000", "fault = true")

    assert len(sent) >= 10
    assert {each["trace_id"] for each in listed} == set(sent)
    assert {each["trace_id"] for each in faults} == {trace for trace, status in sent.items() if status == 404}


def test_the_map_has_the_call_and_as_many_of_them(ended: Workshop) -> None:
    """The app calls the web server, once for each trace; every tenth is an error."""
    drawn = ended.document("taskscope", "map")
    statuses = list(ended.sent_traces().values())
    names = {each["index"]: each["key"]["name"] for each in drawn["nodes"]}
    called = {(names[each["source"]], names[each["target"]]): each["statistics"]["tally"] for each in drawn["edges"]}

    assert called["aws-otel-emitter", "web"]["ok"] == statuses.count(200)
    assert called["aws-otel-emitter", "web"]["errors"] == statuses.count(404)


def test_the_counter_says_what_was_sent(ended: Workshop) -> None:
    """In each interval as many as the emitter printed then; in the end all of them, as the last window is delivered."""
    sent = ended.sent_counts()
    [series] = ended.document("taskscope", "metrics", METRIC, "--agg", "increase", "--step", "10s")["series"]
    points = {each["start_ns"] // SECOND: each["value"] for each in series["points"]}

    assert sum(points.values()) == len(sent) >= 10
    for start, value in points.items():
        certain = sum(start + EDGE <= at < start + STEP - EDGE for at in sent)
        possible = sum(start - EDGE <= at < start + STEP + EDGE for at in sent)
        assert certain <= value <= possible


def test_every_line_of_a_container_is_in_the_store_once(ended: Workshop) -> None:
    """The server reads the log groups of the cluster that it watches; what a task says last is there soon after."""
    sent = [f"{LINE}{number}" for number in range(1, len(ended.sent_counts()) + 1)]

    def kept() -> list[str]:
        group = f"/ecs/{CLUSTER}/statsd-emitter"
        lines = ended.ask("taskscope", "logs", group, "--from", "store", "--since", "30m").stdout.splitlines()
        return sorted((line[line.index(LINE) :] for line in lines if LINE in line), key=sent.index)

    assert until(lambda: len(kept()) >= len(sent), at_most=60, pause=1)
    assert kept() == sent


def test_container_insights_own_events_are_in_its_log_group(ended: Workshop) -> None:
    """As of the workshop's collector: events of the task and of each container, by Container Insights' names."""
    group = f"/aws/ecs/containerinsights/{CLUSTER}/performance"
    pages = ended.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    events = [json.loads(event["message"]) for page in pages for event in page["events"]]
    used = {
        each["ContainerName"]: each["CpuUtilized"] for each in events if each.get("CpuUtilized") and "Image" in each
    }

    assert {each["Type"] for each in events} == {"Task", "Container"}
    assert {each["ClusterName"] for each in events} == {CLUSTER}
    assert used["aws-otel-emitter"] > used["aoc-statsd-emitter"]
