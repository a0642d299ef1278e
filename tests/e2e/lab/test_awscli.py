"""awscli against the embedded AWS: each main family of operations once, as a user types them."""

import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from taskscope.lab.client.watch import until
from taskscope.lab.threaded import ThreadedAws

AWS = Path(sys.executable).parent / "aws"
DEFINITION = {
    "family": "cli",
    "containerDefinitions": [{"name": "app", "image": "x", "memory": 64, "command": ["sh", "-c", "exit 4"]}],
}


@pytest.fixture
def cli(aws: ThreadedAws, tmp_path: Path) -> Any:
    """Give a function that calls awscli with the exported variables and returns its JSON."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = plain | aws.environment | {"HOME": str(tmp_path), "AWS_PAGER": ""}

    def call(*arguments: str) -> Any:
        done = subprocess.run(
            [str(AWS), *arguments, "--output", "json"],
            env=environment, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    return call


def test_ecs(cli: Any, aws: ThreadedAws) -> None:
    """A task is defined, run, waited for and described."""
    cli("ecs", "create-cluster", "--cluster-name", "cli")
    cli("ecs", "register-task-definition", "--cli-input-json", json.dumps(DEFINITION))
    [task] = cli("ecs", "run-task", "--cluster", "cli", "--task-definition", "cli")["tasks"]
    ecs = aws.client("ecs")  # awscli's own waiter looks every six seconds
    until(lambda: ecs.describe_tasks(cluster="cli", tasks=[task["taskArn"]])["tasks"][0]["lastStatus"] == "STOPPED")
    [stopped] = cli("ecs", "describe-tasks", "--cluster", "cli", "--tasks", task["taskArn"])["tasks"]

    assert stopped["stopCode"] == "EssentialContainerExited"
    assert stopped["containers"][0]["exitCode"] == 4


def test_logs(cli: Any) -> None:
    """A line is written and found by a pattern."""
    where = ("--log-group-name", "/cli", "--log-stream-name", "a")
    cli("logs", "create-log-group", "--log-group-name", "/cli")
    cli("logs", "create-log-stream", *where)
    cli("logs", "put-log-events", *where, "--log-events", f"timestamp={now()},message=hello")

    found = cli("logs", "filter-log-events", "--log-group-name", "/cli", "--filter-pattern", "hello")

    assert [event["message"] for event in found["events"]] == ["hello"]


def now() -> int:
    """Return the present time in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def test_events(cli: Any) -> None:
    """A rule is put and listed."""
    cli("events", "put-rule", "--name", "cli", "--event-pattern", '{"source": ["aws.ecs"]}')

    assert "cli" in [rule["Name"] for rule in cli("events", "list-rules")["Rules"]]


def test_the_fallback(cli: Any, aws: ThreadedAws) -> None:
    """STS and S3 are moto's, with the lab's account."""
    assert cli("sts", "get-caller-identity")["Account"] == aws.account
    cli("s3api", "create-bucket", "--bucket", "cli")
    assert "cli" in [bucket["Name"] for bucket in cli("s3api", "list-buckets")["Buckets"]]


def test_container_insights(cli: Any) -> None:
    """A cluster's setting takes its three values, and the account's is that of new clusters."""
    name = ("--cluster-name", "cli-insights")
    cli("ecs", "put-account-setting", "--name", "containerInsights", "--value", "enhanced")
    cli("ecs", "create-cluster", *name)
    cli("ecs", "put-account-setting-default", "--name", "containerInsights", "--value", "disabled")
    assert insights(cli("ecs", "describe-clusters", "--clusters", name[1], "--include", "SETTINGS")) == "enhanced"
    for value in ("enabled", "disabled", "enhanced"):
        cli(
            "ecs",
            "update-cluster-settings",
            "--cluster",
            name[1],
            "--settings",
            f"name=containerInsights,value={value}",
        )
        described = cli("ecs", "describe-clusters", "--clusters", name[1], "--include", "SETTINGS")

        assert insights(described) == value


def insights(described: Any) -> Any:
    """Return the one setting of the one cluster."""
    [cluster] = described["clusters"]
    [setting] = cluster["settings"]
    assert setting["name"] == "containerInsights"
    return setting["value"]


def test_active_tracing(cli: Any, tmp_path: Path) -> None:
    """Of a function and of a stage; and whether a role may send traces, by its policies."""
    role = cli("iam", "create-role", "--role-name", "cli-tracing", "--assume-role-policy-document", "{}")["Role"]["Arn"]
    code = tmp_path / "code.zip"
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handle(payload, context): return payload")
    function = ("--function-name", "cli-tracing")
    made = ("--runtime", "python3.13", "--handler", "app.handle", "--role", role, "--zip-file", f"fileb://{code}")
    cli("lambda", "create-function", *function, *made)
    cli("lambda", "update-function-configuration", *function, "--tracing-config", "Mode=Active", "--timeout", "9")
    found = cli("lambda", "get-function-configuration", *function)
    assert (found["TracingConfig"], found["Timeout"]) == ({"Mode": "Active"}, 9)

    asked = ("--policy-source-arn", role, "--action-names", "xray:PutTraceSegments")
    before = cli("iam", "simulate-principal-policy", *asked)["EvaluationResults"]
    allowed = {"Effect": "Allow", "Action": "xray:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    cli("iam", "put-role-policy", "--role-name", "cli-tracing", "--policy-name", "x", "--policy-document", document)
    after = cli("iam", "simulate-principal-policy", *asked)["EvaluationResults"]
    assert [each["EvalDecision"] for each in (*before, *after)] == ["implicitDeny", "allowed"]


def test_stages_of_an_api(cli: Any) -> None:
    """API Gateway is moto's; tracing of a stage is switched by a patch."""
    api = cli("apigateway", "create-rest-api", "--name", "cli")["id"]
    [root] = cli("apigateway", "get-resources", "--rest-api-id", api)["items"]
    method = ("--rest-api-id", api, "--resource-id", root["id"], "--http-method", "GET")
    cli("apigateway", "put-method", *method, "--authorization-type", "NONE")
    cli("apigateway", "put-integration", *method, "--type", "MOCK")
    deployment = cli("apigateway", "create-deployment", "--rest-api-id", api)["id"]
    stage = ("--rest-api-id", api, "--stage-name", "prod")
    cli("apigateway", "create-stage", *stage, "--deployment-id", deployment)
    cli("apigateway", "update-stage", *stage, "--patch-operations", "op=replace,path=/tracingEnabled,value=true")

    assert cli("apigateway", "get-stage", *stage)["tracingEnabled"] is True
