import json
from pathlib import Path
from typing import Any

import pytest

from taskscope.errors import UsageError
from taskscope.lab.client.launch import failed_containers, read_definition

DEFINITION: dict[str, Any] = {
    "family": "web",
    "containerDefinitions": [{"name": "app"}, {"name": "b", "essential": False}],
}


def test_a_bare_definition_is_read(tmp_path: Path) -> None:
    """RegisterTaskDefinition's input is taken as it is."""
    file = tmp_path / "web.json"
    file.write_text(json.dumps(DEFINITION))

    assert read_definition(file) == DEFINITION


def test_the_output_of_describe_task_definition_is_read(tmp_path: Path) -> None:
    """Its tags, which AWS gives beside the definition, are kept."""
    file = tmp_path / "web.json"
    file.write_text(json.dumps({"taskDefinition": DEFINITION, "tags": [{"key": "a", "value": "b"}]}))

    assert read_definition(file) == DEFINITION | {"tags": [{"key": "a", "value": "b"}]}


@pytest.mark.parametrize("text", ["[]", "{}", "null", '"web"'])
def test_other_json_is_refused(text: str, tmp_path: Path) -> None:
    """The error says what is needed."""
    (tmp_path / "x.json").write_text(text)

    with pytest.raises(UsageError, match="holds no task definition"):
        read_definition(tmp_path / "x.json")


def test_broken_json_is_refused(tmp_path: Path) -> None:
    """The place of the mistake is given."""
    (tmp_path / "x.json").write_text("{,}")

    with pytest.raises(UsageError, match=r"is no JSON: .*column 2"):
        read_definition(tmp_path / "x.json")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The system's reason is given."""
    with pytest.raises(UsageError, match="No such file"):
        read_definition(tmp_path / "x.json")


@pytest.mark.parametrize(("app", "failed"), [({"exitCode": 0}, []), ({"exitCode": 1}, ["app"]), ({}, ["app"])])
def test_only_essential_containers_make_a_task_fail(app: dict[str, int], failed: list[str]) -> None:
    """A container that never started has failed too."""
    task = {"containers": [{"name": "app"} | app, {"name": "b", "exitCode": 3}]}

    assert failed_containers(task, DEFINITION) == failed
