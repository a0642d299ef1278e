import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from taskscope.errors import UsageError
from taskscope.lab.state_file import read_state

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"


@pytest.fixture
def state() -> dict[str, Any]:
    """Give the smaller recorded state as JSON."""
    document: dict[str, Any] = json.loads((GOLDEN / "image-pull-typo" / "state.json").read_text())
    return document


def refusal(tmp_path: Path, document: Any) -> str:
    """Write a state that cannot be read, and return what is said about it, without the file's name."""
    file = tmp_path / "state.json"
    file.write_text(json.dumps(document))
    with pytest.raises(UsageError) as caught:
        read_state(file)
    assert str(file) in caught.value.message
    return caught.value.message.partition("no recorded state: ")[2]


def test_the_recorded_service_task_is_read() -> None:
    """ECS times become aware datetimes, log times stay epoch milliseconds, every event is there."""
    state = read_state(GOLDEN / "nginx-scale-in" / "state.json")

    assert (state.cluster, state.region, state.account) == ("default", "ap-northeast-1", "314472643515")
    assert state.task["createdAt"] == datetime(2021, 12, 3, 2, 6, 21, 633000, UTC)
    assert state.service is not None
    assert len(state.service["events"]) == 10
    assert [len(stream.events) for group in state.log_groups for stream in group.streams] == [201, 1]
    assert state.log_groups[0].streams[0].events[0]["timestamp"] == 1638497206746


def test_a_standalone_task_has_no_service() -> None:
    """``"service": null`` is right, and a group may have no stream."""
    state = read_state(GOLDEN / "image-pull-typo" / "state.json")

    assert state.service is None
    assert [group.streams for group in state.log_groups] == [[]]


@pytest.mark.parametrize(
    "name", ["format", "region", "account", "cluster", "taskId", "clock", "task", "taskDefinition"]
)
def test_a_missing_member_is_named(name: str, state: dict[str, Any], tmp_path: Path) -> None:
    """The error says which member the lab cannot do without."""
    del state[name]

    assert refusal(tmp_path, state) == f"member {name} is missing"


def test_a_missing_inner_member_is_named_with_its_path(state: dict[str, Any], tmp_path: Path) -> None:
    """The path leads to the place in the file."""
    del state["task"]["lastStatus"]
    assert refusal(tmp_path, state) == "member task.lastStatus is missing"


def test_log_groups_are_checked_to_the_single_event(state: dict[str, Any], tmp_path: Path) -> None:
    """An event without a message is found among many."""
    state["logGroups"] = [{"logGroupName": "g", "logStreams": [{"logStreamName": "s", "events": [{"timestamp": 1}]}]}]
    assert refusal(tmp_path, state) == "member logGroups[0].logStreams[0].events[0].message is missing"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "format 2 is unknown, this version reads format 1"),
        ({"region": 1}, "region: 1 is no str"),
        ({"clock": "yesterday"}, "clock: 'yesterday' is no ISO-8601 time"),
        ({"clock": "2021-01-01T00:00:00"}, "clock: '2021-01-01T00:00:00' has no offset from UTC"),
        ({"task": []}, "task: [] is no structure"),
        ({"logGroups": [[]]}, "logGroups[0] is no object"),
    ],
)
def test_a_wrong_member_is_shown(change: dict[str, Any], said: str, state: dict[str, Any], tmp_path: Path) -> None:
    """The value and what it should be are in the error."""
    assert refusal(tmp_path, state | change) == said


def test_members_that_aws_does_not_have_are_refused(state: dict[str, Any], tmp_path: Path) -> None:
    """A slip of the pen in a recorded document is found when it is loaded, not when it is looked for."""
    state["task"]["startedat"] = "2021-11-26T17:29:15Z"

    assert refusal(tmp_path, state) == "task: AWS's Task has no member startedat"


def test_wrong_types_inside_documents_are_shown(state: dict[str, Any], tmp_path: Path) -> None:
    """Values are checked against AWS's model."""
    state["task"]["version"] = "4"

    assert refusal(tmp_path, state) == "task.version: '4' is no long"


def test_a_document_that_is_no_object_is_refused(tmp_path: Path) -> None:
    """A JSON list is no state."""
    assert refusal(tmp_path, []) == "the document is no object"


def test_what_is_no_json_is_refused(tmp_path: Path) -> None:
    """The place of the mistake is given."""
    file = tmp_path / "x.json"
    file.write_text("{")

    with pytest.raises(UsageError, match=r"is no JSON: .*line 1"):
        read_state(file)


def test_a_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """The system's reason is given."""
    with pytest.raises(UsageError, match=r"nothing\.json: No such file"):
        read_state(tmp_path / "nothing.json")
