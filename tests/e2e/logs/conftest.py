"""An embedded AWS without a runner, with a stack of functions, and `taskscope logs` against it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, TypeAlias, cast

import pytest

from taskscope.cli.main import main
from taskscope.lab.gateway.service import ApiError, Call, Document, Operation
from taskscope.lab.threaded import ThreadedAws, embedded_aws
from tests.e2e.conftest import clean_environment

TASKSCOPE = Path(sys.executable).parent / "taskscope"
Logs: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]
Put: TypeAlias = Callable[..., None]
Refuse: TypeAlias = Callable[..., None]

_NUMBERS = count(1)
_TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
_CODE = "def handler(event, context):\n    print('order', event['n'])\n"


def _function(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": name,
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": _CODE},
        },
    }


TEMPLATE = {
    "Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": _TRUST}},
        "Orders": _function("shop-orders"),
        "Mails": _function("shop-mails"),
    }
}


def milliseconds() -> int:
    """Return the time."""
    return time.time_ns() // 1_000_000


@pytest.fixture(scope="module")
def lab() -> Iterator[ThreadedAws]:
    """Give an embedded AWS of this module."""
    with embedded_aws(runner=False) as aws:
        yield aws


@pytest.fixture(scope="module")
def stack(lab: ThreadedAws) -> str:
    """Give the stack ``shop``: ``Orders`` was called with 1 and 2, ``Mails`` never."""
    lab.client("cloudformation").create_stack(
        StackName="shop", TemplateBody=json.dumps(TEMPLATE), Capabilities=["CAPABILITY_IAM"]
    )
    for number in (1, 2):
        lab.client("lambda").invoke(FunctionName="shop-orders", Payload=json.dumps({"n": number}).encode())
    return "shop"


@pytest.fixture
def logs(lab: ThreadedAws, capfd: pytest.CaptureFixture[str]) -> Logs:
    """
    Give ``logs(*arguments, **environment)``: runs the command and returns what it printed.

    In this process, because a process for each of these tests would take half a minute.
    """

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        capfd.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            for name in [each for each in os.environ if each.startswith(("AWS_", "TASKSCOPE_"))]:
                patch.delenv(name)
            for name, value in clean_environment({**lab.environment, **environment}).items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(["logs", *arguments])
        printed = capfd.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def follow(lab: ThreadedAws) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Give ``follow(*arguments)``: starts the command, which ends with the test at the latest."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [TASKSCOPE, "logs", "--follow", *arguments],
            env=clean_environment(lab.environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        running.append(process)
        return process

    yield start
    for each in running:
        with each:
            each.kill()


@pytest.fixture
def group(lab: ThreadedAws) -> str:
    """Give a log group of this test alone."""
    name = f"/test/{next(_NUMBERS)}"
    lab.client("logs").create_log_group(logGroupName=name)
    return name


@pytest.fixture
def put(lab: ThreadedAws) -> Put:
    """Give ``put(group, stream, message, ago=0)``: writes a line of so many seconds ago; makes group and stream."""
    client = lab.client("logs")
    made: set[tuple[str, str]] = set()

    def write(name: str, stream: str, message: str, *, ago: float = 0) -> None:
        if (name, stream) not in made:
            made.add((name, stream))
            for call, arguments in (
                (client.create_log_group, {"logGroupName": name}),
                (client.create_log_stream, {"logGroupName": name, "logStreamName": stream}),
            ):
                try:
                    call(**arguments)
                except client.exceptions.ResourceAlreadyExistsException:
                    continue
        event = {"timestamp": milliseconds() - int(ago * 1000), "message": message}
        client.put_log_events(logGroupName=name, logStreamName=stream, logEvents=[event])

    return write


@pytest.fixture
def refuse(lab: ThreadedAws) -> Iterator[Refuse]:
    """Give ``refuse(operation, code, message)``: an operation of CloudWatch Logs fails until the test ends."""
    with pytest.MonkeyPatch.context() as patch:

        def begin(operation: str, code: str, message: str = "no") -> None:
            def answer(_call: Call) -> Document:
                raise ApiError(code, message)

            patch.setitem(cast("dict[str, Operation]", lab.aws.logs.operations), operation, answer)

        yield begin
