"""What the store hears of, by way of a file; its SQL is tried on a real store in tests/e2e/watch."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from taskscope.app.delivery import heard
from taskscope.app.delivery.heard import Heard, write_down
from taskscope.clock import SECOND, system_clock
from taskscope.store.api import Result


class Store:
    """A store that has heard of a cluster and a task."""

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None, **bounds: Any) -> Result:
        """Answer what is asked."""
        assert parameters
        assert bounds["timeout_seconds"] <= 30
        return Result((), (), [["cluster"]] if "ecs_tasks" in sql else [["task"]], truncated=False)


def test_what_is_written_down_is_heard(tmp_path: Path) -> None:
    """And nothing else."""
    write_down(Store(), tmp_path / "heard.json")
    said = Heard(tmp_path / "heard.json")

    assert said.tells("cluster")
    assert not said.tells("another")
    assert said.measures("task")
    assert not said.measures("cluster")


@pytest.mark.parametrize("text", ["", "{", "[]", json.dumps({"time_ns": 5, "clusters": ["cluster"], "tasks": []})])
def test_what_cannot_be_read_or_is_old_says_nothing(text: str, tmp_path: Path) -> None:
    """Then AWS is asked."""
    path = tmp_path / "heard.json"
    path.write_text(text)

    assert not Heard(path).tells("cluster")
    assert not Heard(tmp_path / "none").tells("cluster")


def test_the_file_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at each question."""
    path = tmp_path / "heard.json"
    said = Heard(path)
    assert [said.tells("cluster")] == [False]
    path.write_text(json.dumps({"time_ns": system_clock() - SECOND, "clusters": ["cluster"], "tasks": []}))
    assert [said.tells("cluster")] == [False]
    monkeypatch.setattr(heard, "_READ_AGAIN_SECONDS", 0)

    assert said.tells("cluster")
