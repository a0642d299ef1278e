"""Calls as command lines: what awscli is given, and what takes its place where there is none."""

import json
import shutil
import sys
import uuid
from pathlib import Path

import pytest

from taskscope.errors import TaskscopeError
from taskscope.lab.client.connection import Lab
from taskscope.lab.scenarios.awscli import AwsCli, Commands, InProcess, arguments, find_commands
from taskscope.lab.threaded import ThreadedAws

AWS = Path(sys.executable).parent / "aws"


@pytest.mark.parametrize(
    ("parameters", "line"),
    [
        ({"clusterName": "shop", "count": 2}, ["--cluster-name", "shop", "--count", "2"]),
        ({"tasks": ["a", "b"]}, ["--tasks", "a", "b"]),
        ({"settings": [{"name": "x", "value": "y"}]}, ["--settings", "name=x,value=y"]),
        ({"overrides": {"a": [{"b": "c"}]}}, ["--overrides", '{"a":[{"b":"c"}]}']),
        ({"tasks": []}, ["--tasks"]),
    ],
)
def test_parameters_are_arguments(parameters: dict[str, object], line: list[str]) -> None:
    """Texts and numbers as they are, lists one after the other, flat objects in awscli's shorthand, others as JSON."""
    assert arguments(None, parameters) == line


def test_a_file_is_the_whole_input(tmp_path: Path) -> None:
    """As awscli reads it."""
    assert arguments(tmp_path / "x.json", {}) == ["--cli-input-json", f"file://{tmp_path}/x.json"]


@pytest.mark.parametrize("kind", ["awscli", "botocore"])
def test_both_do_the_same_calls(aws: ThreadedAws, tmp_path: Path, kind: str) -> None:
    """A definition from a file, a setting, an answer; each is said as the command line that it is."""
    said: list[str] = []
    lab = Lab(aws.url, aws.region)
    calls: Commands = AwsCli(str(AWS), lab, said.append) if kind == "awscli" else InProcess(lab, said.append)
    name = f"calls-{uuid.uuid4().hex[:8]}"
    file = tmp_path / "task.json"
    container = {"name": "app", "image": "x", "memory": 64, "command": ["true"]}
    file.write_text(json.dumps({"family": name, "containerDefinitions": [container]}))

    calls.call("create-cluster", clusterName=name)
    insights = [{"name": "containerInsights", "value": "enabled"}]
    answer = calls.call("update-cluster-settings", cluster=name, settings=insights)
    registered = calls.call("register-task-definition", file=file)["taskDefinition"]

    assert answer["cluster"]["settings"] == insights
    assert (registered["family"], registered["revision"]) == (name, 1)
    assert said[0].endswith(f"$ aws ecs create-cluster --cluster-name {name}")
    assert said[1].endswith("--settings name=containerInsights,value=enabled")
    assert all(line.startswith("(by botocore) ") for line in said) is (kind == "botocore")
    with pytest.raises(TaskscopeError, match="ClusterNotFoundException"):
        calls.call("list-tasks", cluster="calls-nothing")


def _awscli(folder: Path, version: str) -> None:
    program = folder / "aws"
    program.write_text(f"#!/bin/sh\necho '{version}' >&2\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("aws-cli/2.9.19 Python/3.11", "aws-cli/2.9, which does not read AWS_ENDPOINT_URL"),
        ("aws-cli/1.28.9 Python/3.11", "aws-cli/1.28, which does not read AWS_ENDPOINT_URL"),
        ("none", "does not say its version"),
        ("", "awscli is not installed"),
    ],
)
def test_an_awscli_that_would_not_find_the_lab_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, why: str
) -> None:
    """It would ask the real AWS. That botocore takes its place is said."""
    said: list[str] = []
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    if version:
        _awscli(tmp_path, version)

    assert isinstance(find_commands(Lab("http://127.0.0.1:1", "us-east-1"), said.append), InProcess)
    assert why in said[0]
    assert "NOT run, botocore makes the same calls" in said[0]


@pytest.mark.parametrize("version", ["aws-cli/1.29.0 x", "aws-cli/2.13.0 x", "aws-cli/3.0.0 x"])
def test_a_newer_awscli_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """The one beside our Python first, then that of PATH."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    _awscli(tmp_path, version)

    found = find_commands(Lab("http://127.0.0.1:1", "us-east-1"), print)
    assert isinstance(found, AwsCli)
    assert found.program == shutil.which("aws", path=str(tmp_path))
