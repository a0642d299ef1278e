"""The task definitions of ``deploy/ecs``: AWS takes them, and they are what ``taskscope inject`` makes."""

import json
from pathlib import Path
from typing import Any

import pytest

from taskscope.cli.sidecar.definition import NAME, Sidecar, inject
from taskscope.lab.threaded import ThreadedAws

_FOLDER = Path(__file__).parents[2] / "deploy" / "ecs"
_FILES = sorted(_FOLDER.glob("*.json"))


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def test_each_launch_type_has_one() -> None:
    """Fargate, EC2, ECS Anywhere, and Fargate with a FireLens router."""
    assert [path.stem for path in _FILES] == ["ec2", "external", "fargate", "firelens"]


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_definition_can_be_registered(path: Path, aws: ThreadedAws) -> None:
    """As it is."""
    document = _read(path) | {"family": f"deploy-{path.stem}"}

    registered = aws.client("ecs").register_task_definition(**document)["taskDefinition"]

    assert set(document["requiresCompatibilities"]) <= set(registered["compatibilities"])


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_definition_is_what_the_command_makes(path: Path) -> None:
    """Without its sidecar, the file is made again; with it, it stays as it is."""
    document = _read(path)
    sidecar = next(each for each in document["containerDefinitions"] if each["name"] == NAME)
    bare = document | {
        "containerDefinitions": [_bare(each) for each in document["containerDefinitions"] if each is not sidecar]
    }
    del bare["volumes"]
    sinks = tuple(sidecar["command"][2::2])

    made = inject(bare, Sidecar(sidecar["image"], sinks, region="eu-west-1")).document

    assert made == document
    assert inject(document, Sidecar()).document == document


def _bare(container: dict[str, Any]) -> dict[str, Any]:
    if "firelensConfiguration" in container:
        return container
    return {name: value for name, value in container.items() if name not in {"environment", "dependsOn", "links"}}


def test_readme_names_each_file() -> None:
    """And nothing that is not there."""
    text = (_FOLDER / "README.md").read_text(encoding="utf-8")

    assert all(f"`{path.name}`" in text for path in _FILES)
