"""Both answers together: whatever comes, nothing but MalformedPayloadError is raised, and one fault costs one thing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskscope.errors import MalformedPayloadError
from taskscope.model.task_metadata import TaskReading
from taskscope.wire.task_metadata.decode import read

_FIXTURES = Path(__file__).parents[3] / "fixtures" / "tmde"
_NAMES = ("ec2-awsvpc-cgroup-v2", "ec2-bridge-cgroup-v1", "fargate-linux-x86-64")
_ANSWERS = {
    name: ((_FIXTURES / name / "task.json").read_bytes(), (_FIXTURES / name / "stats.json").read_bytes())
    for name in _NAMES
}
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to each member of a document, and to the document itself."""
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from _paths(member, (*path, name))


def _changed(document: Any, path: tuple[str | int, ...], value: object) -> Any:
    if not path:
        return value
    inside = document
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    return document


_TASK_PATHS = {name: list(_paths(json.loads(task))) for name, (task, _stats) in _ANSWERS.items()}
_STATS_PATHS = {name: list(_paths(json.loads(stats))) for name, (_task, stats) in _ANSWERS.items()}


@settings(max_examples=300)
@given(st.data(), st.sampled_from(_NAMES), _ANY)
def test_any_member_of_the_task_may_be_anything(data: st.DataObject, name: str, value: object) -> None:
    """It is read, or refused as malformed."""
    task, stats = _ANSWERS[name]
    path = data.draw(st.sampled_from(_TASK_PATHS[name]))
    try:
        reading = read(json.dumps(_changed(json.loads(task), path, value)).encode(), stats)
    except MalformedPayloadError:
        assert len(path) <= 1
    else:
        assert isinstance(reading, TaskReading)
        repr(reading).encode()


@settings(max_examples=300)
@given(st.data(), st.sampled_from(_NAMES), _ANY)
def test_any_member_of_one_containers_statistics_may_be_anything(data: st.DataObject, name: str, value: object) -> None:
    """It never costs another container its statistics, and a container without says why, or has nothing to say."""
    task, stats = _ANSWERS[name]
    path = data.draw(st.sampled_from(_STATS_PATHS[name]))
    whole = read(task, stats)
    reading = read(task, json.dumps(_changed(json.loads(stats), path, value)).encode())

    assert reading.task == whole.task
    if path:
        others = {each for each in whole.stats if each != path[0]}
        assert {each: reading.stats[each] for each in others} == {each: whole.stats[each] for each in others}
        assert len(reading.faults) <= 1


@given(st.binary(max_size=40))
def test_any_bytes_may_come(body: bytes) -> None:
    """As the task they are malformed; as statistics they are a fault, and the task is there."""
    task, stats = _ANSWERS["fargate-linux-x86-64"]
    with pytest.raises(MalformedPayloadError):
        read(body, stats)

    reading = read(task, body)
    assert reading.task == read(task, stats).task
    assert reading.faults or not any(reading.stats.values())


@pytest.mark.parametrize("cut", [0, 1, 100, -1, -3])
def test_half_an_answer_is_none(cut: int) -> None:
    """Of the task it is malformed; of the statistics a fault that says so."""
    task, stats = _ANSWERS["ec2-bridge-cgroup-v1"]
    with pytest.raises(MalformedPayloadError, match="are no JSON"):
        read(task.rstrip()[:cut], stats)

    [fault] = read(task, stats.rstrip()[:cut]).faults
    assert fault.startswith("the statistics are no JSON: ")


def test_depth_without_end_is_no_json() -> None:
    """It is refused, not followed."""
    with pytest.raises(MalformedPayloadError, match="nests too deep"):
        read(b"[" * 200_000, b"{}")


def test_one_bad_statistic() -> None:
    """The recorded case: a text for a number."""
    folder = _FIXTURES / "ec2-bad-stats-of-one"
    reading = read((folder / "task.json").read_bytes(), (folder / "stats.json").read_bytes())
    web, cache = reading.task.containers

    assert reading.stats[web.id] is None
    assert reading.stats[cache.id] is not None
    assert reading.faults == ("the statistics of container web cannot be read: memory_stats.usage is no count",)
