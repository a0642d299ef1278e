"""Installing Taskscope's own Lambda function in a lab, as its user does on AWS: role, function, rule, permission."""

import json
import subprocess
import sys
from typing import Any, Final

from taskscope.errors import TaskscopeError
from taskscope.lab.client.connection import Lab, plain_errors
from taskscope.lab.client.watch import Say
from taskscope.lab.temporary import temporary_folder

HANDLER: Final = "taskscope.handler.task_stopped"
RULE: Final = "taskscope-stopped-tasks"

_PATTERN: Final = {
    "source": ["aws.ecs"],
    "detail-type": ["ECS Task State Change"],
    "detail": {"lastStatus": ["STOPPED"]},
}
_TRUST: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
_RUNTIME: Final = f"python3.{sys.version_info.minor}"
_PACKAGE_SECONDS: Final = 60


def install_function(lab: Lab, name: str, say: Say) -> None:
    """
    Make EventBridge call Taskscope's function for every stopped task; an existing function gets the code anew.

    Raises:
        TaskscopeError: The package cannot be built, or the lab refused.
    """
    archive = _package()
    with plain_errors(lab.url):
        arn = _put_function(lab.client("lambda"), _put_role(lab.client("iam"), name), name, archive)
        events = lab.client("events")
        rule = events.put_rule(Name=RULE, EventPattern=json.dumps(_PATTERN), State="ENABLED")["RuleArn"]
        events.put_targets(Rule=RULE, Targets=[{"Id": name, "Arn": arn}])
    say(f"function {name} installed, called by {rule.rpartition(':')[2]}")


def has_written(lab: Lab, name: str, task: str) -> bool:
    """Tell whether the function has finished an invocation that is about this task."""
    logs = lab.client("logs")
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group_of(name))
        messages = [event["message"] for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return False
    about = next((number for number, message in enumerate(messages) if task in message), None)
    return about is not None and any(message.startswith("REPORT ") for message in messages[about:])


def group_of(name: str) -> str:
    """Return the name of a function's log group."""
    return f"/aws/lambda/{name}"


def _package() -> bytes:
    """Build the archive by the command that a user types."""
    with temporary_folder() as folder:
        file = folder / "taskscope.zip"
        command = [sys.executable, "-m", "taskscope", "lambda", "package", "-o", str(file)]
        done = subprocess.run(  # noqa: S603 - our own program, with arguments of our own
            command, capture_output=True, text=True, timeout=_PACKAGE_SECONDS, check=False
        )
        if done.returncode:
            raise TaskscopeError(f"`taskscope lambda package` has failed: {done.stderr.strip()}")
        return file.read_bytes()


def _put_role(iam: Any, name: str) -> str:
    try:
        answer = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))
    except iam.exceptions.EntityAlreadyExistsException:
        answer = iam.get_role(RoleName=name)
    return str(answer["Role"]["Arn"])


def _put_function(functions: Any, role: str, name: str, archive: bytes) -> str:
    try:
        answer = functions.create_function(
            FunctionName=name, Runtime=_RUNTIME, Role=role, Handler=HANDLER, Timeout=60, MemorySize=256,
            Code={"ZipFile": archive},
        )  # fmt: skip
    except functions.exceptions.ResourceConflictException:
        answer = functions.update_function_code(FunctionName=name, ZipFile=archive)
    return str(answer["FunctionArn"])
