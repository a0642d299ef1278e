"""Frames of container statistics, from answers as platforms give them."""

import json
from pathlib import Path
from typing import Any

import pytest

from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Signal
from taskscope.model.metric import Datapoint
from taskscope.pipeline.readers.container_stats import read_container_stats
from taskscope.spool.frame import Frame, Kind

_FIXTURES = Path(__file__).parents[3] / "fixtures" / "tmde"
_RECORDED = sorted(each.parent for each in _FIXTURES.glob("*/stats.json"))
_STATISTICS: dict[str, Any] = {
    "read": "2026-03-12T21:00:10Z",
    "preread": "0001-01-01T00:00:00Z",
    "cpu_stats": {"cpu_usage": {"total_usage": 2_000_000_000}},
    "memory_stats": {"usage": 1000},
}
_CONTAINERS = [{"DockerId": "a", "Name": "web"}, {"DockerId": "b", "Name": "helper"}]
_TASK = {"TaskARN": "arn:aws:ecs:eu-west-1:1:task/shop/1", "Family": "api", "Containers": _CONTAINERS}


def _read(body: bytes) -> tuple[list[Datapoint], list[str]]:
    [contents] = read_container_stats(Frame(Kind.CONTAINER_STATS, 7, body), body)
    assert contents.signal is Signal.METRICS
    return [row for row in contents.rows if isinstance(row, Datapoint)], list(contents.invalid)


@pytest.mark.parametrize("folder", _RECORDED, ids=lambda each: each.name)
def test_what_platforms_answer_is_read(folder: Path) -> None:
    """EC2, Fargate and ECS Anywhere, versions 2 to 4, both cgroups: each point of the task that it is of."""
    task, stats = (folder / "task.json").read_bytes(), (folder / "stats.json").read_bytes()
    points, _ = _read(b'{"task":%b,"stats":%b}' % (task, stats))

    assert {each.resource.attributes["aws.ecs.task.arn"] for each in points} <= {json.loads(task)["TaskARN"]}
    assert bool(points) == any(json.loads(stats).values())


def test_bad_statistics_of_a_container_cost_the_others_nothing() -> None:
    """They are counted as invalid."""
    stats = {"a": _STATISTICS, "b": {"read": "yesterday"}}
    points, invalid = _read(json.dumps({"task": _TASK, "stats": stats}).encode())

    assert {each.resource.attributes.get("container.name") for each in points} == {"web", None}
    assert len(invalid) == 1
    assert "helper" in invalid[0]


def test_statistics_that_were_seen_before_are_told_of_once() -> None:
    """The task's own sums are told of all the same."""
    body = {"task": _TASK, "stats": {"a": _STATISTICS}, "seen": ["a"]}
    points, _ = _read(json.dumps(body).encode())

    assert {each.resource.attributes.get("container.name") for each in points} == {None}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"task": {}, "stats": {}}', b'{"task": 7, "stats": {}}', b"[" * 100_000]
)
def test_anything_else_goes_to_quarantine(body: bytes) -> None:
    """A body without a task is nobody's."""
    with pytest.raises(MalformedPayloadError):
        _read(body)
