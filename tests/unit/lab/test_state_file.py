import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from taskscope.clock import system_clock
from taskscope.errors import UsageError
from taskscope.lab.ecs.service import EcsService
from taskscope.lab.idle_agent import IdleAgent
from taskscope.lab.logs.service import LogsService
from taskscope.lab.state_file import load_state, read_state

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"


@pytest.fixture
def state() -> dict[str, Any]:
    """Give the smaller recorded state as JSON."""
    document: dict[str, Any] = json.loads((GOLDEN / "image-pull-typo" / "state.json").read_text())
    return document


def write(tmp_path: Path, document: Any) -> Path:
    """Write a document as a state file."""
    file = tmp_path / "state.json"
    file.write_text(json.dumps(document))
    return file


def refusal(tmp_path: Path, document: Any) -> str:
    """Read a state that is wrong, and return what is said about it after the name of the file."""
    file = write(tmp_path, document)
    with pytest.raises(UsageError) as caught:
        read_state(file)
    assert caught.value.hint is not None
    name, _, reason = caught.value.message.partition(" is no recorded state: ")
    assert name == str(file)
    return reason


def load(file: Path) -> None:
    """Load a state into control planes of its own."""

    async def in_a_loop() -> None:
        ecs = EcsService(agent=IdleAgent(), clock=system_clock, account="123456789012", emit=lambda _event: None)
        load_state(read_state(file), ecs=ecs, logs=LogsService(clock=system_clock))

    asyncio.run(in_a_loop())


def test_what_people_are_told_is_read() -> None:
    """The recording's clock is an aware time."""
    state = read_state(GOLDEN / "nginx-scale-in" / "state.json")

    assert (state.cluster, state.region, state.task_id) == (
        "default", "ap-northeast-1", "834a5628bef14f2dbb81c7bc0b272160",
    )  # fmt: skip
    assert state.clock == datetime(2021, 12, 3, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["region", "account", "cluster", "taskId", "clock", "task", "taskDefinition", "logGroups"]
)
def test_a_missing_member_is_named(name: str, state: dict[str, Any], tmp_path: Path) -> None:
    """The error says which member the lab cannot do without."""
    del state[name]

    assert refusal(tmp_path, state) == f"member {name} is missing"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "format is 2, this version reads 1"),
        ({"region": 1}, "member region is no string"),
        ({"task": []}, "member task is no object"),
        ({"logGroups": {}}, "member logGroups is no list"),
        ({"clock": "yesterday"}, "clock is 'yesterday', no ISO 8601 time with an offset"),
        ({"clock": "2021-01-01T00:00:00"}, "clock is '2021-01-01T00:00:00', no ISO 8601 time with an offset"),
    ],
)
def test_a_wrong_member_is_shown(change: dict[str, Any], said: str, state: dict[str, Any], tmp_path: Path) -> None:
    """The value and what it should be are in the error."""
    assert refusal(tmp_path, state | change) == said


def test_a_document_that_is_no_object_is_refused(tmp_path: Path) -> None:
    """A JSON list is no state."""
    assert refusal(tmp_path, []) == "it is no JSON object"


@pytest.mark.parametrize(
    ("place", "member", "value"),
    [
        (("task",), "lastStatus", None),
        (("task",), "startedat", "2021-11-26T17:29:15Z"),
        (("task",), "createdAt", "yesterday"),
        (("logGroups", 0), "logStreams", [{"logStreamName": "s", "events": [{"timestamp": 1}]}]),
    ],
)
def test_inner_members_are_checked_when_they_are_loaded(
    place: tuple[Any, ...], member: str, value: Any, state: dict[str, Any], tmp_path: Path
) -> None:
    """What is missing, unknown to AWS or of another type is named together with the file."""
    inner = state
    for step in place:
        inner = inner[step]
    inner[member] = value
    file = write(tmp_path, state)

    with pytest.raises(UsageError) as caught:
        load(file)

    assert caught.value.message.startswith(f"{file} is no recorded state: ")
    assert member in caught.value.message


@pytest.mark.parametrize("name", ["nginx-scale-in", "image-pull-typo"])
def test_the_golden_states_are_loaded(name: str) -> None:
    """Both recordings fit the models of AWS."""
    load(GOLDEN / name / "state.json")


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
