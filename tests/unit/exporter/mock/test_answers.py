"""What the mock answers."""

import json
from email.message import Message
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from taskscope.aws.task_metadata import TaskMetadata
from taskscope.errors import UsageError
from taskscope.exporter.endpoint import read_endpoint
from taskscope.exporter.mock.answers import MockSite, Recording, recording
from taskscope.exporter.mock.endpoint import mock_endpoint
from taskscope.exporter.server.answer import Answer

_FIXTURES = Path(__file__).parents[3] / "fixtures" / "tmde"


def _document(site: MockSite, path: str) -> Any:
    answer: Answer = site(path, Message())
    return json.loads(answer.body) if answer.status == HTTPStatus.OK else answer.status


def test_paths_of_every_version_lead_to_the_same_task() -> None:
    """With or without a token, as the replaced exporter's mock has it."""
    recorded = recording(None)
    site = MockSite(recorded)

    for path in ("/task", "/v4/mock/task", "/v3/abc/task/", "/v2/metadata"):
        assert _document(site, path) == recorded.task
    for path in ("/task/stats", "/v4/mock/task/stats", "/v3/abc/task/stats", "/v2/stats"):
        assert _document(site, path) == recorded.stats
    assert _document(site, "/v4/mock")["Name"] == "web"
    assert _document(site, "/v4/mock/stats") == next(iter(recorded.stats.values()))
    assert _document(site, "/v5") == HTTPStatus.NOT_FOUND


def test_built_in_task_can_be_read_whole() -> None:
    """Nothing of it is a fault."""
    with mock_endpoint(0, None, flag="--port") as base:
        outcome = read_endpoint(TaskMetadata(base))

    assert outcome.is_complete
    assert outcome.reading is not None
    assert outcome.reading.faults == ()
    assert outcome.reading.task.ephemeral_reserved_bytes == 20496 << 20
    assert [each.restarts for each in outcome.reading.task.containers] == [0, 1]


@pytest.mark.parametrize("name", ["v2", "external", "fargate-just-started"])
def test_recordings_are_answered_as_they_are(name: str) -> None:
    """Both files of a folder."""
    folder = _FIXTURES / name
    with mock_endpoint(0, folder, flag="--port") as base:
        metadata = TaskMetadata(base)
        assert json.loads(metadata.task_answer()) == json.loads((folder / "task.json").read_bytes())
        assert json.loads(metadata.stats_answer()) == json.loads((folder / "stats.json").read_bytes())


def test_a_task_without_containers_is_answered_too() -> None:
    """Its container is an empty object."""
    assert _document(MockSite(Recording({}, {})), "/") == {}


def test_recordings_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """With how to make them."""
    with pytest.raises(UsageError, match=r"task\.json cannot be read: No such file") as raised:
        recording(tmp_path)
    assert "curl" in str(raised.value.hint)
    (tmp_path / "task.json").write_text("{}")
    (tmp_path / "stats.json").write_text("[]")
    with pytest.raises(UsageError, match=r"stats\.json is no JSON object"):
        recording(tmp_path)
    (tmp_path / "stats.json").write_text("{")
    with pytest.raises(UsageError, match=r"stats\.json is no JSON"):
        recording(tmp_path)
