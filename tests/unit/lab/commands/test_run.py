"""``taskscope lab run`` against a running embedded AWS."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from taskscope.errors import TaskscopeError, UnreachableError, UsageError
from taskscope.lab.commands import lab
from taskscope.lab.threaded import ThreadedAws


@pytest.fixture
def taskdef(tmp_path: Path) -> Any:
    """Give a function that writes a task definition with a shell command and returns its file."""

    def write(command: str, **more: Any) -> str:
        container = {"name": "app", "image": "busybox", "memory": 64, "command": ["sh", "-c", command], **more}
        file = tmp_path / "task.json"
        file.write_text(json.dumps({"family": "job", "containerDefinitions": [container]}))
        return str(file)

    return write


def run(aws: ThreadedAws, *arguments: str) -> Result:
    """Call the command as the front door does: errors come out as they are."""
    return CliRunner().invoke(lab, ["run", *arguments, "--endpoint-url", aws.url])


def ids(result: Result, cluster: str) -> list[str]:
    """Return the task ids in the commands that were printed."""
    start = f"taskscope trace {cluster} "
    assert all(line.startswith(start) for line in result.stdout.splitlines()), result.stdout
    return [line.removeprefix(start) for line in result.stdout.splitlines()]


def test_tasks_are_run_and_waited_for(aws: ThreadedAws, taskdef: Any) -> None:
    """Stdout has one command for each task, stderr tells what goes on, and the end is 0."""
    result = run(aws, taskdef("exit 0"), "--cluster", "run-wait", "--count", "2", "--wait")

    assert result.exit_code == 0, result.stderr
    tasks = aws.client("ecs").describe_tasks(cluster="run-wait", tasks=ids(result, "run-wait"))["tasks"]
    assert [task["lastStatus"] for task in tasks] == ["STOPPED"] * 2
    assert "cluster run-wait created" in result.stderr
    assert "app exit code 0" in result.stderr


def test_a_container_that_fails_makes_the_command_fail(aws: ThreadedAws, taskdef: Any) -> None:
    """The error names the container and the task."""
    result = run(aws, taskdef("exit 3"), "--cluster", "run-fail", "--wait")

    assert isinstance(result.exception, TaskscopeError)
    [task] = ids(result, "run-fail")
    assert result.exception.message == f"not ended with exit code 0: app of task {task}"
    assert "app exit code 3" in result.stderr


def test_a_container_that_is_not_essential_may_fail(aws: ThreadedAws, tmp_path: Path) -> None:
    """Only essential containers count."""
    containers = [
        {"name": "side", "image": "x", "memory": 32, "essential": False, "command": ["false"]},
        {"name": "main", "image": "x", "memory": 32, "command": ["sleep", "0.3"]},
    ]
    (tmp_path / "task.json").write_text(json.dumps({"family": "two", "containerDefinitions": containers}))

    result = run(aws, str(tmp_path / "task.json"), "--cluster", "run-side", "--wait")

    assert result.exit_code == 0, result.exception


def test_without_wait_it_returns_while_the_task_runs(aws: ThreadedAws, taskdef: Any) -> None:
    """The task goes on."""
    result = run(aws, taskdef("sleep 60"), "--cluster", "run-on")

    [task] = ids(result, "run-on")
    assert aws.client("ecs").stop_task(cluster="run-on", task=task)["task"]["desiredStatus"] == "STOPPED"


def test_a_service_is_created_then_updated(aws: ThreadedAws, taskdef: Any) -> None:
    """The second time the same name gets the new count, and waiting ends when it is steady."""
    ecs = aws.client("ecs")
    where = ("--cluster", "run-service", "--service", "web")

    first = run(aws, taskdef("trap 'exit 0' TERM; while :; do sleep 0.1; done"), *where)
    second = run(aws, taskdef("trap 'exit 0' TERM; while :; do sleep 0.1; done"), *where, "--count", "2", "--wait")

    assert (first.exit_code, second.exit_code) == (0, 0), second.exception
    assert "service web created" in first.stderr
    assert "service web updated" in second.stderr
    assert len(ids(second, "run-service")) == 2
    [service] = ecs.describe_services(cluster="run-service", services=["web"])["services"]
    assert (service["runningCount"], service["desiredCount"]) == (2, 2)
    ecs.delete_service(cluster="run-service", service="web", force=True)


def test_waiting_for_a_service_that_cannot_start_ends_with_an_error(aws: ThreadedAws, taskdef: Any) -> None:
    """The command does not wait for ever."""
    result = run(aws, taskdef("exit 1"), "--cluster", "run-loop", "--service", "loop", "--wait")

    assert isinstance(result.exception, TaskscopeError)
    assert "loop" in result.exception.message
    aws.client("ecs").delete_service(cluster="run-loop", service="loop", force=True)


def test_the_output_of_describe_task_definition_can_be_run(aws: ThreadedAws, taskdef: Any, tmp_path: Path) -> None:
    """Members that only AWS sets are left out when it is registered again."""
    run(aws, taskdef("exit 0"), "--cluster", "run-again")
    described = aws.client("ecs").describe_task_definition(taskDefinition="job")
    (tmp_path / "described.json").write_text(json.dumps(described, default=str))

    result = run(aws, str(tmp_path / "described.json"), "--cluster", "run-again", "--wait")

    assert result.exit_code == 0, result.exception


def test_a_definition_that_does_not_fit_the_model_is_explained(aws: ThreadedAws, taskdef: Any) -> None:
    """The place of the mistake is botocore's, in one line."""
    result = run(aws, taskdef("exit 0", essental=False))

    assert isinstance(result.exception, UsageError)
    assert 'Unknown parameter in containerDefinitions[0]: "essental"' in result.exception.message
    assert "\n" not in result.exception.message


def test_what_ecs_refuses_is_said(aws: ThreadedAws, taskdef: Any) -> None:
    """AWS's own code and text come through."""
    result = run(aws, taskdef("exit 0", dependsOn=[{"containerName": "nobody", "condition": "START"}]))

    assert isinstance(result.exception, UsageError), "a wrong input file ends with 2"
    assert result.exception.message.startswith("RegisterTaskDefinition: ClientException: ")


def test_without_a_lab_the_way_to_start_one_is_said(taskdef: Any) -> None:
    """Nothing answers at this port."""
    result = CliRunner().invoke(lab, ["run", taskdef("exit 0"), "--endpoint-url", "http://127.0.0.1:1"])

    assert isinstance(result.exception, UnreachableError)
    assert result.exception.hint == "start a lab with `taskscope lab up`"
