"""``taskscope enable``."""

import io
import json
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from taskscope.cli.account.enable import enable
from taskscope.errors import NotFoundError, TaskscopeError, UsageError
from taskscope.lab.threaded import ThreadedAws

_XRAY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "xray:Put*", "Resource": "*"}]}
)


@pytest.fixture
def call(aws: ThreadedAws, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Give ``call(*arguments)``, which calls the command against the embedded AWS."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    return lambda *arguments: CliRunner().invoke(enable, arguments, catch_exceptions=False)


@pytest.fixture
def cluster(aws: ThreadedAws) -> str:
    """Give the name of a new cluster."""
    name = f"enable-{uuid.uuid4().hex[:8]}"
    aws.client("ecs").create_cluster(clusterName=name)
    return name


@pytest.fixture
def function(aws: ThreadedAws) -> str:
    """Give the name of a new function, which is that of its role, too."""
    name = f"enable-{uuid.uuid4().hex[:8]}"
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("app.py", "def handle(payload, context): return payload")
    aws.client("lambda").create_function(
        FunctionName=name, Runtime="python3.13", Role=role, Handler="app.handle", Code={"ZipFile": body.getvalue()}
    )
    return name


@pytest.fixture
def stage(aws: ThreadedAws) -> str:
    """Give API_ID/STAGE of a new REST API."""
    client = aws.client("apigateway")
    api = client.create_rest_api(name="shop")["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    client.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    deployment = client.create_deployment(restApiId=api)["id"]
    client.create_stage(restApiId=api, stageName="prod", deploymentId=deployment)
    return f"{api}/prod"


def _mode_of(aws: ThreadedAws, cluster: str) -> Any:
    [found] = aws.client("ecs").describe_clusters(clusters=[cluster], include=["SETTINGS"])["clusters"]
    return {each["name"]: each["value"] for each in found["settings"]}["containerInsights"]


def _is_traced(aws: ThreadedAws, function: str) -> bool:
    found = aws.client("lambda").get_function_configuration(FunctionName=function)
    return bool(found["TracingConfig"]["Mode"] == "Active")


@pytest.mark.parametrize("mode", ["enabled", "enhanced"])
def test_container_insights_is_changed_and_what_was_is_said(
    call: Callable[..., Result], aws: ThreadedAws, cluster: str, mode: str
) -> None:
    """Before it is done: how it is, how it will be, what it costs, where it is seen; stdout has the result alone."""
    done = call("container-insights", cluster, "--mode", mode, "--yes")

    assert done.stdout == f"Container Insights of cluster {cluster} is {mode}\n"
    assert f"is disabled, and will be {mode}\n" in done.stderr
    assert "USD a month for 1 cluster, 0 services, 0 tasks, 0 containers: 13 metrics, " in done.stderr
    assert f"/aws/ecs/containerinsights/{cluster}/performance" in done.stderr
    assert _mode_of(aws, cluster) == mode


def test_container_insights_is_switched_off_by_arn(call: Callable[..., Result], aws: ThreadedAws, cluster: str) -> None:
    """The region is that of the ARN; nothing is said of where it is seen."""
    call("container-insights", cluster, "--yes")
    [arn] = [each for each in aws.client("ecs").list_clusters()["clusterArns"] if each.endswith(cluster)]

    done = call("container-insights", arn, "--mode", "disabled", "--yes", "--region", "eu-west-1")

    assert done.stdout == f"Container Insights of cluster {cluster} is disabled\n"
    assert "seen:" not in done.stderr
    assert _mode_of(aws, cluster) == "disabled"


def test_nothing_to_change_is_said(call: Callable[..., Result], cluster: str, function: str, stage: str) -> None:
    """Exit code 0, without a question, also where nobody could be asked."""
    cluster_done = call("container-insights", cluster, "--mode", "disabled")
    function_done = call("tracing", function, "--off")
    stage_done = call("tracing", stage, "--off")

    assert cluster_done.stdout == f"Container Insights of cluster {cluster} is disabled already: nothing to change\n"
    assert (
        function_done.stdout == f"tracing of function {function} is passive (PassThrough) already: nothing to change\n"
    )
    assert stage_done.stdout == f"tracing of stage {stage} is off already: nothing to change\n"
    assert (cluster_done.exit_code, function_done.exit_code, stage_done.exit_code) == (0, 0, 0)


@pytest.mark.parametrize("what", ["cluster", "function", "stage"])
def test_nothing_is_changed_where_nobody_can_be_asked(
    call: Callable[..., Result], aws: ThreadedAws, what: str, request: pytest.FixtureRequest
) -> None:
    """Stdin is no terminal and --yes was not given: wrong usage."""
    name = request.getfixturevalue(what)
    with pytest.raises(UsageError, match="stdin is no terminal"):
        call("container-insights" if what == "cluster" else "tracing", name)

    if what == "cluster":
        assert _mode_of(aws, name) == "disabled"
    elif what == "function":
        assert not _is_traced(aws, name)


def test_a_cluster_that_is_not_there_is_not_found(call: Callable[..., Result], aws: ThreadedAws, cluster: str) -> None:
    """Whether it never was or was deleted."""
    aws.client("ecs").delete_cluster(cluster=cluster)
    for name in (cluster, "enable-nothing"):
        with pytest.raises(NotFoundError, match=f"there is no cluster {name}"):
            call("container-insights", name, "--yes")


def test_tracing_of_a_function_is_switched_on_and_off(
    call: Callable[..., Result], aws: ThreadedAws, function: str
) -> None:
    """Its role may send traces: there is no warning. Other settings stay as they are."""
    aws.client("iam").put_role_policy(RoleName=function, PolicyName="x", PolicyDocument=_XRAY)
    on = call("tracing", function, "--yes")
    assert _is_traced(aws, function)
    off = call("tracing", f"arn:aws:lambda:us-east-1:{aws.account}:function:{function}", "--off", "--yes")

    assert on.stdout == f"tracing of function {function} is active; Lambda applies it within seconds\n"
    assert on.stderr.startswith(f"tracing of function {function} is passive (PassThrough), and will be active\n")
    assert "5.00 USD for a million recorded traces" in on.stderr
    assert off.stdout.startswith(f"tracing of function {function} is passive (PassThrough)")
    assert not _is_traced(aws, function)
    assert aws.client("lambda").get_function_configuration(FunctionName=function)["Handler"] == "app.handle"


def test_a_role_that_may_not_send_traces_is_said(call: Callable[..., Result], aws: ThreadedAws, function: str) -> None:
    """With the command that gives it the permission; also where tracing is active already."""
    iam = aws.client("iam")
    first = call("tracing", function, "--yes")
    deny = _XRAY.replace("Allow", "Deny").replace("Put*", "PutTelemetryRecords")
    iam.put_role_policy(RoleName=function, PolicyName="x", PolicyDocument=_XRAY)
    iam.put_role_policy(RoleName=function, PolicyName="y", PolicyDocument=deny)
    second = call("tracing", function)

    both = "xray:PutTraceSegments and xray:PutTelemetryRecords"
    assert f"taskscope: role {function} lacks {both}: " in first.stderr
    assert f"aws iam put-role-policy --role-name {function}" in first.stderr
    assert f"taskscope: role {function} lacks xray:PutTelemetryRecords: " in second.stderr
    assert second.stdout == f"tracing of function {function} is active already: nothing to change\n"


def test_a_role_that_is_gone_is_said(call: Callable[..., Result], aws: ThreadedAws, function: str) -> None:
    """It is Lambda's to refuse; what is not known is said."""
    aws.client("iam").delete_role(RoleName=function)

    assert "whether the function may send traces is not known: " in call("tracing", function, "--yes").stderr


def test_tracing_of_a_stage_is_switched_on_and_off(call: Callable[..., Result], aws: ThreadedAws, stage: str) -> None:
    """By API_ID/STAGE or by its ARN, which names no account."""
    api, _, name = stage.partition("/")
    client = aws.client("apigateway")
    on = call("tracing", stage, "--yes")
    assert client.get_stage(restApiId=api, stageName=name)["tracingEnabled"] is True
    off = call("tracing", f"arn:aws:apigateway:us-east-1::/restapis/{api}/stages/{name}", "--off", "--yes")

    assert on.stdout == f"tracing of stage {stage} is on\n"
    assert on.stderr.startswith(f"tracing of stage {stage} is off, and will be on\n")
    assert off.stdout == f"tracing of stage {stage} is off\n"
    assert client.get_stage(restApiId=api, stageName=name)["tracingEnabled"] is False


@pytest.mark.parametrize(
    "target", ["enable-nothing", "nothing/prod", "arn:aws:apigateway:us-east-1::/restapis/x/stages/y"]
)
def test_what_is_not_there_is_not_found(call: Callable[..., Result], target: str) -> None:
    """Functions, APIs and stages alike: exit code 3."""
    with pytest.raises(TaskscopeError, match=r"cannot describe .*: ") as raised:
        call("tracing", target, "--yes")

    assert raised.value.exit_code == 3
