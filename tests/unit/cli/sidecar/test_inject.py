"""``taskscope inject``."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from taskscope.cli.sidecar.definition import Sidecar
from taskscope.cli.sidecar.definition import inject as add_sidecar
from taskscope.cli.sidecar.inject import inject
from taskscope.errors import UsageError
from taskscope.lab.threaded import ThreadedAws

_ROLE = "arn:aws:iam::123456789012:role/shop"
_IMAGE = ("--image", "repository/taskscope:1")


def _definition(family: str = "inject-shop") -> dict[str, Any]:
    app = {"name": "app", "image": "shop", "memory": 128, "essential": True}
    return {"family": family, "taskRoleArn": _ROLE, "containerDefinitions": [app]}


def _run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(inject, arguments, input=given, catch_exceptions=False)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file of a task definition; the region is that of the variable."""
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    file = tmp_path / "task.json"
    file.write_text(json.dumps(_definition()))
    return file


def test_result_is_printed_and_notices_are_not_in_it(path: Path) -> None:
    """Stdout is the input of RegisterTaskDefinition, whatever there is to say."""
    document = _definition()
    del document["taskRoleArn"]
    path.write_text(json.dumps(document))

    done = _run(str(path), *_IMAGE, "--to", "emf", "--memory", "200", "--cpu", "64")

    expected = add_sidecar(document, Sidecar("repository/taskscope:1", ("emf",), 64, 200, "us-east-1"))
    assert json.loads(done.stdout) == expected.document
    assert done.stderr == "".join(f"note: {notice}\n" for notice in expected.notices)
    assert done.stderr


def test_a_task_becomes_larger_unless_that_is_not_wanted(path: Path) -> None:
    """What the sidecar needs, and what is done about it, is on stderr."""
    path.write_text(json.dumps(_definition() | {"memory": "128"}))
    raised = _run(str(path), *_IMAGE, "--memory", "100")
    kept = _run(str(path), *_IMAGE, "--memory", "100", "--no-resize")

    assert (json.loads(raised.stdout)["memory"], json.loads(kept.stdout)["memory"]) == ("228", "128")
    assert "note: the containers reserve 228 of the task's 128 MiB of memory: the task is raised" in raised.stderr
    assert "ECS refuses that" in kept.stderr


def test_stdin_is_read(path: Path) -> None:
    """So it fits behind aws ecs describe-task-definition; the second time changes nothing."""
    once = _run("-", *_IMAGE, given=path.read_text()).stdout

    assert _run("-", given=once).stdout == once


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be read: No such file"), ("{", "is no JSON"), ("[]", "is no JSON object")]
)
def test_wrong_files_are_refused(path: Path, content: str | None, message: str) -> None:
    """In one line, with the file's name."""
    path.unlink() if content is None else path.write_text(content)

    with pytest.raises(UsageError, match=message):
        _run(str(path), *_IMAGE)


@pytest.fixture
def lab(aws: ThreadedAws, monkeypatch: pytest.MonkeyPatch) -> ThreadedAws:
    """Give the embedded AWS, with the environment pointing at it."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    return aws


def _revisions(lab: ThreadedAws) -> list[str]:
    arns: list[str] = lab.client("ecs").list_task_definitions(familyPrefix="inject-shop")["taskDefinitionArns"]
    return arns


def test_register_asks_first(path: Path, lab: ThreadedAws) -> None:
    """No means that nothing happens."""
    before = _revisions(lab)

    refused = _run(str(path), *_IMAGE, "--register", given="n\n")

    assert refused.exit_code == 1
    assert "Register this as a new revision of inject-shop?" in refused.stderr
    assert _revisions(lab) == before


@pytest.mark.parametrize(("options", "answer"), [((), "y\n"), (("--yes",), None)])
def test_register_makes_a_revision(path: Path, lab: ThreadedAws, options: tuple[str, ...], answer: str | None) -> None:
    """With the sidecar in it; its name is told beside the result."""
    done = _run(str(path), *_IMAGE, "--register", *options, given=answer)

    arn = done.stderr.split()[-1]
    found = lab.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    assert [each["name"] for each in found["containerDefinitions"]] == ["app", "taskscope"]
    assert json.loads(done.stdout)["family"] == "inject-shop"


def test_answer_of_aws_is_taken_and_changes_nothing_any_more(path: Path, lab: ThreadedAws) -> None:
    """What was registered and described again has the sidecar already."""
    arn = _run(str(path), *_IMAGE, "--register", "--yes").stderr.split()[-1]
    answer = lab.client("ecs").describe_task_definition(taskDefinition=arn)
    del answer["ResponseMetadata"]
    described = json.dumps(answer, default=str)

    document = json.loads(_run("-", given=described).stdout)

    assert document == {name: answer["taskDefinition"][name] for name in document}


def test_nobody_can_be_asked_over_stdin(path: Path) -> None:
    """It is the task definition already."""
    with pytest.raises(UsageError, match="--yes"):
        _run("-", *_IMAGE, "--register", given=path.read_text())


@pytest.mark.parametrize("to", ["nope", "otlp", "nope=x,y=z"])
def test_a_sink_that_the_sidecar_would_refuse_is_refused_here(to: str, tmp_path: Path) -> None:
    """ECS would start such a sidecar again and again."""
    definition = tmp_path / "taskdef.json"
    definition.write_text('{"family": "f", "containerDefinitions": [{"name": "a", "image": "b"}]}')

    result = CliRunner().invoke(inject, [str(definition), "--image", "x", "--to", to])

    assert isinstance(result.exception, UsageError)
    assert result.stdout == ""


def test_an_environment_that_is_no_list_of_objects_is_no_task_definition(tmp_path: Path) -> None:
    """What is not shaped as ECS has it is refused in a line."""
    definition = tmp_path / "taskdef.json"
    definition.write_text('{"family": "f", "containerDefinitions": [{"name": "a", "image": "b", "environment": "z"}]}')

    result = CliRunner().invoke(inject, [str(definition), "--image", "x"])

    assert isinstance(result.exception, UsageError)
