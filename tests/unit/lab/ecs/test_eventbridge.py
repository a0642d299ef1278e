import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

Play = Callable[..., None]
FIXTURES = Path(__file__).parents[3] / "fixtures" / "ecs"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def run_to_the_end(play: Play) -> tuple[list[Any], str]:
    """Run a task on Fargate until it has exited; return its events and its ARN."""
    seen: list[Any] = []
    arns: list[str] = []

    async def story(plane: Any) -> None:
        plane.call(
            "RegisterTaskDefinition", family="far", networkMode="awsvpc", cpu="256", memory="512",
            containerDefinitions=[{"name": "app", "image": "exits"}, {"name": "sidecar", "image": "s", "cpu": 64}],
        )  # fmt: skip
        network = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
        [task] = plane.call("RunTask", taskDefinition="far", networkConfiguration=network, startedBy="me")["tasks"]
        await plane.ended(task["taskArn"])
        seen.extend(plane.events)
        arns.append(task["taskArn"])

    play(story)
    return seen, arns[0]


def test_task_events_have_the_shape_of_the_recorded_ones(play: Play) -> None:
    """The same envelope, and no member of a recorded detail or container is missing or of another type."""
    events, arn = run_to_the_end(play)
    recorded = json.loads((FIXTURES / "task_state_change_synthetic.json").read_text(encoding="utf-8"))[-1]
    last = json.loads(json.dumps(events[-1]))
    assert {name: type(value) for name, value in last.items()} == {n: type(v) for n, v in recorded.items()}
    assert last["resources"] == [arn]
    assert (last["version"], last["source"], last["region"]) == ("0", "aws.ecs", "eu-west-1")
    only_when = {"group", "reason"}
    for name, value in recorded["detail"].items():
        assert type(last["detail"][name]) is type(value), name
    for name, value in recorded["detail"]["containers"][0].items():
        if name not in only_when:
            assert type(last["detail"]["containers"][0][name]) is type(value), name
    assert "healthStatus" not in last["detail"]
    assert "healthStatus" not in last["detail"]["containers"][0]


def test_times_are_text(play: Play) -> None:
    """Milliseconds in the detail, whole seconds outside."""
    events, _ = run_to_the_end(play)
    for event in events:
        assert SECOND.fullmatch(event["time"])
        assert all(TIME.fullmatch(value) for name, value in event["detail"].items() if name.endswith("At"))


def test_the_version_grows_with_each_event(play: Play) -> None:
    """One event for each version, without a gap; the first is 1."""
    events, _ = run_to_the_end(play)
    assert [event["detail"]["version"] for event in events] == list(range(1, len(events) + 1))
    assert len({event["id"] for event in events}) == len(events)


def test_the_interface_is_an_eni_in_events(play: Play) -> None:
    """ElasticNetworkInterface is the API's name only."""
    events, _ = run_to_the_end(play)
    assert {each["type"] for event in events for each in event["detail"]["attachments"]} == {"eni"}


def test_events_do_not_change_afterwards(play: Play) -> None:
    """Each envelope keeps the state of its moment."""
    events, _ = run_to_the_end(play)
    assert events[0]["detail"]["lastStatus"] == "PROVISIONING"
    assert events[0]["detail"]["containers"][0]["lastStatus"] == "PENDING"
    assert events[-1]["detail"]["containers"][0]["exitCode"] == 1
