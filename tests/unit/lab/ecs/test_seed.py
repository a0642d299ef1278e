import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taskscope.errors import UsageError
from taskscope.lab.ecs.seed import read
from taskscope.lab.gateway.encode import dump
from taskscope.lab.gateway.models import service_model
from taskscope.lab.gateway.service import ApiError

Play = Callable[..., None]
GOLDEN = Path(__file__).parents[3] / "fixtures" / "golden"
STATES = ("nginx-scale-in", "image-pull-typo")
REGION = "ap-northeast-1"


def state(name: str) -> Any:
    """Parse a recorded state."""
    return json.loads((GOLDEN / name / "state.json").read_text(encoding="utf-8"))


def on_the_wire(shape: str, document: Any) -> Any:
    """Encode a document as the gateway does."""
    return dump(service_model("ecs").shape_for(shape), document)


@pytest.mark.parametrize("name", STATES)
def test_a_recorded_state_is_read_back_equal(play: Play, name: str) -> None:
    """Task, service and definition come out of the API as they were recorded, to the millisecond."""

    async def story(plane: Any) -> None:
        recorded = state(name)
        plane.service.load(recorded)
        task = plane.call("DescribeTasks", region=REGION, tasks=[recorded["taskId"]], include=["TAGS"])["tasks"][0]
        assert on_the_wire("Task", task) == on_the_wire("Task", read("task", recorded["task"]))
        assert {**recorded["task"], **{k: v.isoformat(timespec="milliseconds").replace("+00:00", "Z")
                for k, v in task.items() if k.endswith("At")}} == recorded["task"]  # fmt: skip
        arn = recorded["task"]["taskDefinitionArn"]
        found = plane.call("DescribeTaskDefinition", region=REGION, taskDefinition=arn)["taskDefinition"]
        assert found == read("taskDefinition", recorded["taskDefinition"])
        if recorded["service"]:
            service = recorded["service"]["serviceName"]
            answer = plane.call("DescribeServices", region=REGION, services=[service])["services"][0]
            assert answer == read("service", recorded["service"])

    play(story)


def test_a_recorded_task_never_disappears(play: Play) -> None:
    """However long ago it stopped, it is listed, also by its service."""

    async def story(plane: Any) -> None:
        for name in STATES:
            plane.service.load(state(name))
        plane.now += 30 * 86_400 * 10**9
        listed = plane.call("ListTasks", region=REGION, desiredStatus="STOPPED")["taskArns"]
        assert len(listed) == 2
        by_service = {"serviceName": "nginx-local", "desiredStatus": "STOPPED"}
        assert len(plane.call("ListTasks", region=REGION, **by_service)["taskArns"]) == 1
        by_family = {"family": "nginx-local", "desiredStatus": "STOPPED"}
        assert len(plane.call("ListTasks", region=REGION, **by_family)["taskArns"]) == 2
        [cluster] = plane.call("ListClusters", region=REGION)["clusterArns"]
        assert cluster == "arn:aws:ecs:ap-northeast-1:314472643515:cluster/default"
        assert len(plane.call("ListTasks", region=REGION, cluster=cluster, desiredStatus="STOPPED")["taskArns"]) == 2

    play(story)


def test_a_recorded_service_is_not_scheduled(play: Play) -> None:
    """Its counts stay as recorded, and it cannot be changed."""

    async def story(plane: Any) -> None:
        plane.service.load(state("nginx-scale-in"))
        for operation, more in (("UpdateService", {"desiredCount": 3}), ("DeleteService", {"force": True})):
            with pytest.raises(ApiError, match="recorded state"):
                plane.call(operation, region=REGION, service="nginx-local", **more)
        service = plane.call("DescribeServices", region=REGION, services=["nginx-local"])["services"][0]
        assert service["runningCount"] == 1
        assert len(service["events"]) == 10

    play(story)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("format",), 2, "format 2"),
        (("region",), None, "lacks region"),
        (("task",), None, "lacks task"),
        (("task", "taskArn"), None, r"lacks task\.taskArn"),
        (("task", "startedat"), "x", r"task\.startedat .* no member of Task"),
        (("task", "startedAt"), "noon", r"task\.startedAt .* 'noon', no time"),
        (("task", "containers"), {}, r"task\.containers .* not of type list"),
        (("task", "clusterArn"), 17, r"task\.clusterArn .* 17, not of type str"),
        (("task", "createdAt"), None, r"lacks task\.createdAt"),
        (("task", "enableExecuteCommand"), 1, r"enableExecuteCommand .* not of type bool"),
        (("task", "containers", 0, "exitCode"), "0", r"task\.containers\[0\]\.exitCode .* not of type int"),
        (("task", "containers", 0, "exitCode"), True, r"task\.containers\[0\]\.exitCode .* not of type int"),
        (("task", "containers", 0, "name"), None, r"lacks task\.containers\[0\]\.name"),
        (("service", "events", 0, "message"), None, r"lacks service\.events\[0\]\.message"),
        (("service", "events"), None, r"lacks service\.events"),
        (("service", "events", 0, "createdAt"), "noon", r"service\.events\[0\]\.createdAt"),
        (("taskDefinition", "family"), None, r"lacks taskDefinition\.family"),
        (("taskDefinition",), [], "taskDefinition in the state is no object"),
    ],
)
def test_a_state_out_of_format_is_refused_with_the_member(play: Play, path: Any, value: Any, message: str) -> None:
    """A UsageError names the place."""

    async def story(plane: Any) -> None:
        broken = place = copy.deepcopy(state("nginx-scale-in"))
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        with pytest.raises(UsageError, match=message):
            plane.service.load(broken)
        assert plane.call("ListTasks", region=REGION, desiredStatus="STOPPED")["taskArns"] == []

    play(story)
