"""Lambda through the gateway, as boto3's users know it: functions of moto's CreateFunction run by our Invoke."""

import base64
import functools
import json
import uuid
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from taskscope.lab.threaded import ThreadedAws

_ECHO = "def handle(payload, context): return {'got': payload, 'version': context.function_version}"


@functools.cache
def _client(aws: ThreadedAws, service: str) -> Any:
    """Return the one client of a service: making one takes a tenth of a second."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # the stubs know services by literal names
        region_name="us-east-1",
        endpoint_url=aws.url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture(scope="module")
def lambda_(aws: ThreadedAws) -> Any:
    """Give a Lambda client of the embedded AWS."""
    return _client(aws, "lambda")


@pytest.fixture(scope="module")
def role(aws: ThreadedAws) -> str:
    """Give the ARN of a role: CreateFunction asks for one that exists."""
    name = f"role-{uuid.uuid4().hex}"
    created = _client(aws, "iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    return str(created["Role"]["Arn"])


@pytest.fixture
def create(lambda_: Any, role: str, make_zip: Any) -> Any:
    """Give a factory of functions by source; it returns the name."""

    def make(source: str, **settings: Any) -> str:
        name = f"fn-{uuid.uuid4().hex}"
        given = {
            "Runtime": "python3.13",
            "Code": {"ZipFile": make_zip(app=source)},
            "Handler": "app.handle",
            **settings,
        }
        lambda_.create_function(FunctionName=name, Role=role, **given)
        return name

    return make


def _messages(aws: ThreadedAws, group: str) -> list[str]:
    logs = _client(aws, "logs")
    return [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]


def test_created_function_can_be_invoked(aws: ThreadedAws, lambda_: Any, create: Any) -> None:
    """A function made with CreateFunction answers Invoke, with its log's tail, and its log group holds the rest."""
    name = create(_ECHO)

    answer = lambda_.invoke(FunctionName=name, Payload=b'{"a": 1}', LogType="Tail")

    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in answer
    assert json.load(answer["Payload"]) == {"got": {"a": 1}, "version": "$LATEST"}
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert tail.startswith("START RequestId: ")
    assert "".join(_messages(aws, f"/aws/lambda/{name}")[1:]) == tail


def test_new_code_and_configuration_take_effect(lambda_: Any, create: Any, make_zip: Any) -> None:
    """After UpdateFunctionCode and UpdateFunctionConfiguration the next invocation runs what they left."""
    name = create(_ECHO)
    lambda_.invoke(FunctionName=name)

    lambda_.update_function_code(
        FunctionName=name, ZipFile=make_zip(app="import os\ndef handle(payload, context): return os.environ['WHO']")
    )
    lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": {"WHO": "me"}})

    assert json.load(lambda_.invoke(FunctionName=name)["Payload"]) == "me"


def test_code_can_come_from_s3(aws: ThreadedAws, lambda_: Any, create: Any, make_zip: Any) -> None:
    """A function whose archive lies in a bucket runs alike, and so does one with a layer."""
    s3 = _client(aws, "s3")
    bucket = f"bucket-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="code.zip", Body=make_zip(app="import extra\ndef handle(*_): return extra.VALUE"))
    layer = lambda_.publish_layer_version(
        LayerName=f"layer-{uuid.uuid4().hex}", Content={"ZipFile": make_zip(**{"python/extra": "VALUE = 7"})}
    )

    name = create(_ECHO, Code={"S3Bucket": bucket, "S3Key": "code.zip"}, Layers=[layer["LayerVersionArn"]])

    assert json.load(lambda_.invoke(FunctionName=name)["Payload"]) == 7


def test_published_version_is_found_by_qualifier_and_arn(lambda_: Any, create: Any) -> None:
    """A version runs under its number, given apart or in the ARN, and its log stream carries it."""
    name = create(_ECHO)
    published = lambda_.publish_version(FunctionName=name)

    by_qualifier = lambda_.invoke(FunctionName=name, Qualifier="1")
    by_arn = lambda_.invoke(FunctionName=published["FunctionArn"])

    for answer in (by_qualifier, by_arn):
        assert answer["ExecutedVersion"] == "1"
        assert json.load(answer["Payload"])["version"] == "1"


def test_handler_error_is_unhandled(lambda_: Any, create: Any) -> None:
    """An exception of the handler comes back as FunctionError with its document."""
    answer = lambda_.invoke(FunctionName=create("def handle(*_): raise KeyError('x')"))

    assert answer["StatusCode"] == 200
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorType"] == "KeyError"


def test_function_reaches_the_lab_with_boto3(aws: ThreadedAws, lambda_: Any, create: Any) -> None:
    """A function's own AWS clients speak to the lab, without any setting in its code."""
    queue = _client(aws, "sqs").create_queue(QueueName=f"queue-{uuid.uuid4().hex}")["QueueUrl"]
    name = create(
        """
        import boto3
        def handle(payload, context):
            return boto3.client("sqs").send_message(QueueUrl=payload, MessageBody="from inside")["MessageId"]
        """,
        Timeout=20,
    )

    sent = json.load(lambda_.invoke(FunctionName=name, Payload=json.dumps(queue).encode())["Payload"])

    [message] = _client(aws, "sqs").receive_message(QueueUrl=queue)["Messages"]
    assert (message["MessageId"], message["Body"]) == (sent, "from inside")


def test_client_context_reaches_the_function(lambda_: Any, create: Any) -> None:
    """What a caller says about himself is in the context."""
    name = create("def handle(payload, context): return context.client_context.custom")
    client_context = base64.b64encode(b'{"custom": {"k": "v"}}').decode()

    answer = lambda_.invoke(FunctionName=name, ClientContext=client_context)

    assert json.load(answer["Payload"]) == {"k": "v"}


def test_event_is_queued_and_retried_twice(
    aws: ThreadedAws, lambda_: Any, create: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An asynchronous invocation answers 202 at once; a failing function is tried three times under one request id."""
    monkeypatch.setattr(aws.aws.functions, "_retry_seconds", (0.0, 0.0))
    name = create("def handle(*_): raise ValueError('never')")
    lost = aws.aws.functions.lost

    answer = lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")
    aws.run(aws.aws.functions.drain())

    assert answer["StatusCode"] == 202
    starts = [line for line in _messages(aws, f"/aws/lambda/{name}") if line.startswith("START")]
    assert len(starts) == 3
    assert len(set(starts)) == 1
    assert aws.aws.functions.lost == lost + 1


def test_dry_run_runs_nothing(aws: ThreadedAws, lambda_: Any, create: Any) -> None:
    """DryRun answers 204 and leaves no log."""
    name = create(_ECHO)

    assert lambda_.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"] == 204
    groups = _client(aws, "logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
    assert groups == []


@pytest.mark.parametrize(
    ("settings", "request_", "code"),
    [
        ({}, {"Payload": b"{no json"}, "InvalidRequestContentException"),
        ({}, {"Payload": b'"' + b"x" * 6 * 1024 * 1024 + b'"'}, "RequestTooLargeException"),
        ({}, {"Payload": b'"' + b"x" * 1024 * 1024 + b'"', "InvocationType": "Event"}, "RequestTooLargeException"),
        ({}, {"ClientContext": "###"}, "InvalidRequestContentException"),
        ({}, {"Qualifier": "9"}, "ResourceNotFoundException"),
        ({"Runtime": "nodejs22.x"}, {}, "InvalidRuntimeException"),
        ({"Code": {"ZipFile": b"no zip"}}, {}, "InvalidZipFileException"),
    ],
    ids=["no-json", "too-large", "too-large-event", "client-context", "version", "runtime", "zip"],
)
def test_request_that_cannot_be_served_is_refused(
    lambda_: Any, create: Any, settings: dict[str, Any], request_: dict[str, Any], code: str
) -> None:
    """Each bad request has the code that Lambda's model names."""
    name = create(_ECHO, **settings)

    with pytest.raises(ClientError) as caught:
        lambda_.invoke(FunctionName=name, **request_)

    assert caught.value.response["Error"]["Code"] == code


def test_unknown_function_is_not_found(lambda_: Any) -> None:
    """A name that nobody created is answered as Lambda answers it."""
    with pytest.raises(lambda_.exceptions.ResourceNotFoundException, match="function:nobody"):
        lambda_.invoke(FunctionName="nobody")


def test_configuration_is_changed_with_the_mode_of_tracing(lambda_: Any, create: Any) -> None:
    """What is not given stays; a function that is not there is Lambda's own error."""
    name = create(_ECHO)
    changed = lambda_.update_function_configuration(
        FunctionName=name, TracingConfig={"Mode": "Active"}, Timeout=9, Environment={"Variables": {"MODE": "1"}}
    )
    back = lambda_.update_function_configuration(FunctionName=name, TracingConfig={"Mode": "PassThrough"})

    assert (changed["TracingConfig"], changed["Timeout"], changed["Handler"]) == ({"Mode": "Active"}, 9, "app.handle")
    assert (back["TracingConfig"], back["Timeout"]) == ({"Mode": "PassThrough"}, 9)
    assert lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"] == {"MODE": "1"}
    with pytest.raises(lambda_.exceptions.ResourceNotFoundException):
        lambda_.update_function_configuration(FunctionName="nothing", Timeout=9)
