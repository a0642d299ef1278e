"""The assembled embedded AWS, driven by boto3 as its users drive it."""

import http.client
import io
import json
import socket
import time
import zipfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from taskscope.errors import UsageError
from taskscope.lab import threaded
from taskscope.lab.state_file import read_state
from taskscope.lab.threaded import ThreadedAws

StartAws = Callable[..., ThreadedAws]

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden"
HELLO: dict[str, Any] = {
    "family": "hello",
    "containerDefinitions": [
        {
            "name": "app",
            "image": "busybox",
            "memory": 64,
            "command": ["sh", "-c", "echo hello from $AWS_ENDPOINT_URL"],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/ecs/hello",
                    "awslogs-create-group": "true",
                    "awslogs-region": "us-east-1",
                    "awslogs-stream-prefix": "lab",
                },
            },
        }
    ],
}


def client(aws: ThreadedAws, service: str, region: str | None = None) -> Any:
    """Make a boto3 client."""
    sdk: Any = boto3
    return sdk.client(
        service, endpoint_url=aws.url, region_name=region or aws.region, config=Config(inject_host_prefix=False)
    )


def run_to_the_end(aws: ThreadedAws, definition: dict[str, Any]) -> dict[str, Any]:
    """Run one task of a definition and return it when it has stopped."""
    ecs = client(aws, "ecs")
    arn = ecs.register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"]
    [task] = ecs.run_task(taskDefinition=arn)["tasks"]
    waiter = ecs.get_waiter("tasks_stopped")
    waiter.config.delay, waiter.config.max_attempts = 0.1, 200
    waiter.wait(tasks=[task["taskArn"]])
    [stopped] = ecs.describe_tasks(tasks=[task["taskArn"]])["tasks"]
    return dict(stopped)


def messages(aws: ThreadedAws, group: str) -> list[str]:
    """Return all messages of a log group."""
    found = client(aws, "logs").filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in found]


def test_a_task_runs_and_its_log_arrives(embedded_aws: StartAws) -> None:
    """Control plane, agent and logs work together, and the container knows where the lab is."""
    aws = embedded_aws()

    task = run_to_the_end(aws, HELLO)

    assert task["stopCode"] == "EssentialContainerExited"
    assert task["containers"][0]["exitCode"] == 0
    assert messages(aws, "/ecs/hello") == [f"hello from {aws.url}"]


def test_a_stopped_task_reaches_targets_of_rules(embedded_aws: StartAws) -> None:
    """ECS's state changes go over the event bus into a log group."""
    aws = embedded_aws()
    events, logs = client(aws, "events"), client(aws, "logs")
    logs.create_log_group(logGroupName="/aws/events/stopped")
    arn = f"arn:aws:logs:us-east-1:{aws.account}:log-group:/aws/events/stopped"
    pattern = {"source": ["aws.ecs"], "detail": {"lastStatus": ["STOPPED"]}}
    events.put_rule(Name="stopped", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="stopped", Targets=[{"Id": "1", "Arn": arn}])

    task = run_to_the_end(aws, HELLO)
    aws.run(aws.aws.events.drain())

    [event] = [json.loads(message) for message in messages(aws, "/aws/events/stopped")]
    assert event["detail-type"] == "ECS Task State Change"
    assert event["detail"]["taskArn"] == task["taskArn"]


def test_the_user_s_profile_does_not_matter(embedded_aws: StartAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile in the environment is not looked for when an event goes to a queue behind the gateway."""
    aws = embedded_aws(runner=False)
    queue = client(aws, "sqs").create_queue(QueueName="orders")["QueueUrl"]
    events = client(aws, "events")
    events.put_rule(Name="orders", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:us-east-1:{aws.account}:orders"}])
    monkeypatch.setenv("AWS_PROFILE", "nowhere")

    aws.client("events").put_events(Entries=[{"Source": "shop", "DetailType": "ordered", "Detail": '{"tea": 1}'}])
    aws.run(aws.aws.events.drain())

    [message] = aws.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"])["detail"] == {"tea": 1}


def test_a_function_runs_from_its_zip(embedded_aws: StartAws) -> None:
    """CreateFunction is moto's, Invoke is the lab's, and the output is in the function's log group."""
    aws = embedded_aws(runner=False)
    iam, functions = client(aws, "iam"), client(aws, "lambda")
    role = iam.create_role(RoleName="hello", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(
            "app.py", "def handle(event, context):\n    print('got', event)\n    return {'n': event['n'] + 1}\n"
        )
    functions.create_function(
        FunctionName="hello",
        Runtime="python3.11",
        Role=role,
        Handler="app.handle",
        Code={"ZipFile": archive.getvalue()},
    )

    answer = functions.invoke(FunctionName="hello", Payload=b'{"n": 1}')

    assert json.load(answer["Payload"]) == {"n": 2}
    assert "got {'n': 1}" in "\n".join(messages(aws, "/aws/lambda/hello"))


def test_logs_can_be_followed_live(embedded_aws: StartAws) -> None:
    """StartLiveTail answers with an event stream in which new lines come."""
    aws = embedded_aws(runner=False)
    logs = client(aws, "logs")
    logs.create_log_group(logGroupName="/live")
    logs.create_log_stream(logGroupName="/live", logStreamName="a")
    arn = f"arn:aws:logs:us-east-1:{aws.account}:log-group:/live"

    stream = logs.start_live_tail(logGroupIdentifiers=[arn])["responseStream"]
    found: list[str] = []
    for event in stream:
        if "sessionStart" in event:
            line = {"timestamp": time.time_ns() // 10**6, "message": "now"}
            logs.put_log_events(logGroupName="/live", logStreamName="a", logEvents=[line])
        else:
            found += [result["message"] for result in event["sessionUpdate"]["sessionResults"]]
        if found:
            break
    stream.close()

    assert found == ["now"]


def test_it_ends_quietly_while_a_live_tail_is_open(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A client that listens for hours keeps nothing from ending, and no traceback is written."""
    with ExitStack() as after, ExitStack() as stack:
        aws = stack.enter_context(threaded.embedded_aws(runner=False))
        logs = client(aws, "logs")
        logs.create_log_group(logGroupName="/live")
        arn = f"arn:aws:logs:us-east-1:{aws.account}:log-group:/live"
        stream = logs.start_live_tail(logGroupIdentifiers=[arn])["responseStream"]
        after.callback(stream.close)
        next(iter(stream))
        begin = time.monotonic()

    assert time.monotonic() - begin < 5
    assert capfd.readouterr().err == ""
    assert caplog.records == []


def test_other_services_are_motos(embedded_aws: StartAws) -> None:
    """STS, S3, SQS and SNS answer with the lab's account and region."""
    aws = embedded_aws(runner=False)

    assert client(aws, "sts").get_caller_identity()["Account"] == aws.account
    client(aws, "s3").create_bucket(Bucket="shop")
    assert [bucket["Name"] for bucket in client(aws, "s3").list_buckets()["Buckets"]] == ["shop"]
    queue = client(aws, "sqs").create_queue(QueueName="orders")["QueueUrl"]
    client(aws, "sqs").send_message(QueueUrl=queue, MessageBody="tea")
    assert client(aws, "sqs").receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "tea"


def test_xray_sampling_needs_no_signature(embedded_aws: StartAws) -> None:
    """The X-Ray SDKs poll unsigned; without a server the lab answers by itself."""
    aws = embedded_aws(runner=False, server=False)

    connection = http.client.HTTPConnection("127.0.0.1", aws.aws.port, timeout=5)
    with closing(connection):
        connection.request("POST", "/GetSamplingRules", b"{}")
        rules = json.load(connection.getresponse())["SamplingRuleRecords"]

    assert [rule["SamplingRule"]["RuleName"] for rule in rules] == ["Default"]


@pytest.mark.parametrize("name", ["nginx-scale-in", "image-pull-typo"])
def test_a_recorded_state_is_read_back_as_it_was(name: str, embedded_aws: StartAws) -> None:
    """Task, service, definition and every log line come back through the API, in the recording's region."""
    state = read_state(GOLDEN / name / "state.json")
    aws = embedded_aws(runner=False, states=[state])
    ecs, logs = client(aws, "ecs", state.region), client(aws, "logs", state.region)
    recorded = state.document["task"]

    [task] = ecs.describe_tasks(cluster=state.cluster, tasks=[state.task_id])["tasks"]
    assert {name: plain(task.get(name)) for name in recorded if name != "tags"} == {
        name: value for name, value in recorded.items() if name != "tags"
    }
    definition = ecs.describe_task_definition(taskDefinition=recorded["taskDefinitionArn"])["taskDefinition"]
    assert definition["containerDefinitions"][0]["name"] == "nginx"
    if state.document["service"]:
        [service] = ecs.describe_services(cluster=state.cluster, services=["nginx-local"])["services"]
        assert plain(service["events"]) == state.document["service"]["events"]
    for group in state.document["logGroups"]:
        for stream in group["logStreams"]:
            place = {"logGroupName": group["logGroupName"], "logStreamName": stream["logStreamName"]}
            events = logs.get_log_events(**place, startFromHead=True, startTime=0)["events"]
            assert events == stream["events"]


def plain(value: Any) -> Any:
    """Write datetimes as the recordings do."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {name: plain(item) for name, item in value.items()} if isinstance(value, dict) else value


def test_a_state_that_cannot_be_loaded_leaves_nothing_behind(embedded_aws: StartAws, tmp_path: Path) -> None:
    """The error names file and member, and the port is free again."""
    document = json.loads((GOLDEN / "image-pull-typo" / "state.json").read_text())
    document["task"]["colour"] = "red"
    (tmp_path / "state.json").write_text(json.dumps(document))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(UsageError, match="colour"):
        embedded_aws(port=port, states=[read_state(tmp_path / "state.json")])

    assert embedded_aws(port=port, runner=False).url.endswith(f":{port}")


def test_answers_tell_the_time(embedded_aws: StartAws) -> None:
    """As AWS does: SDKs correct their clocks by it."""
    answer = client(embedded_aws(runner=False), "ecs").list_clusters()

    assert "date" in answer["ResponseMetadata"]["HTTPHeaders"]


def test_a_port_that_is_taken_is_said_with_a_way_out(embedded_aws: StartAws) -> None:
    """The hint names the option."""
    port = embedded_aws(runner=False).aws.port

    with pytest.raises(UsageError, match=f"port {port} of 127.0.0.1 is in use") as caught:
        embedded_aws(port=port, runner=False)

    assert "--port" in str(caught.value.hint)


def test_secrets_reach_the_container(embedded_aws: StartAws) -> None:
    """Values come from the Parameter Store and, with a key, from Secrets Manager."""
    aws = embedded_aws()
    client(aws, "ssm").put_parameter(Name="/shop/name", Value="Ada", Type="SecureString")
    secret = client(aws, "secretsmanager").create_secret(Name="greeting", SecretString='{"word": "good day"}')["ARN"]
    [container] = HELLO["containerDefinitions"]
    secrets = [
        {"name": "NAME", "valueFrom": f"arn:aws:ssm:us-east-1:{aws.account}:parameter/shop/name"},
        {"name": "WORD", "valueFrom": f"{secret}:word::"},
    ]
    changed = container | {"command": ["sh", "-c", "echo $WORD, $NAME"], "secrets": secrets}

    run_to_the_end(aws, HELLO | {"containerDefinitions": [changed]})

    assert messages(aws, "/ecs/hello") == ["good day, Ada"]


@pytest.mark.parametrize(
    "value_from", ["nothing", "arn:aws:secretsmanager:us-east-1:123456789012:secret:nothing-AbCdEf"]
)
def test_a_missing_secret_keeps_the_task_from_starting(value_from: str, embedded_aws: StartAws) -> None:
    """The reason names what AWS said."""
    aws = embedded_aws()
    [container] = HELLO["containerDefinitions"]
    changed = container | {"secrets": [{"name": "X", "valueFrom": value_from}]}

    task = run_to_the_end(aws, HELLO | {"containerDefinitions": [changed]})

    assert task["stopCode"] == "TaskFailedToStart"
    assert "NotFound" in task["stoppedReason"]


def test_without_a_runner_tasks_fail_to_start_and_say_why(embedded_aws: StartAws) -> None:
    """No task seems to run that does not."""
    task = run_to_the_end(embedded_aws(runner=False), HELLO)

    assert task["stopCode"] == "TaskFailedToStart"
    assert "without a runner" in task["stoppedReason"]


def test_answers_are_delayed_where_that_is_asked_for(embedded_aws: StartAws) -> None:
    """Each call takes the latency at least."""
    ecs = client(embedded_aws(runner=False, latency=0.2), "ecs")
    begin = time.monotonic()
    ecs.list_clusters()
    ecs.list_clusters()

    assert time.monotonic() - begin >= 0.4


def test_stopped_tasks_disappear_after_the_time_set(embedded_aws: StartAws) -> None:
    """As in AWS after an hour."""
    aws = embedded_aws(runner=False, stopped_task_ttl=0.0)
    ecs = client(aws, "ecs")
    arn = ecs.register_task_definition(**HELLO)["taskDefinition"]["taskDefinitionArn"]
    [task] = ecs.run_task(taskDefinition=arn)["tasks"]
    end = time.monotonic() + 10
    while not (failures := ecs.describe_tasks(tasks=[task["taskArn"]])["failures"]):
        assert time.monotonic() < end, "the task has not gone"

    assert failures[0]["reason"] == "MISSING"


def test_two_can_run_at_once(embedded_aws: StartAws) -> None:
    """Each has its own port, clusters and networks."""
    one, other = embedded_aws(), embedded_aws()
    client(one, "ecs").create_cluster(clusterName="only-here")

    assert len(client(one, "ecs").list_clusters()["clusterArns"]) == 2
    assert len(client(other, "ecs").list_clusters()["clusterArns"]) == 1


def test_the_environment_points_clients_to_it(embedded_aws: StartAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variables alone an AWS SDK finds the lab."""
    aws = embedded_aws(runner=False, region="eu-central-1")
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)

    [cluster] = boto3.session.Session().client("ecs").list_clusters()["clusterArns"]

    assert cluster == f"arn:aws:ecs:eu-central-1:{aws.account}:cluster/default"
