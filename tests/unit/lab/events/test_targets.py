"""From an event to its targets, with a real function, log group, queue and topic."""

import functools
import io
import json
import uuid
import zipfile
from typing import Any

import pytest

from taskscope.lab.threaded import ThreadedAws

_REGION = "us-east-1"
_ACCOUNT = "123456789012"


@functools.cache
def _client(aws: ThreadedAws, service: str) -> Any:
    """Return the one client of a service: making one takes a tenth of a second."""
    return aws.client(service, region=_REGION)


@pytest.fixture
def source() -> str:
    """Give a name that only this test's events carry."""
    return f"app.{uuid.uuid4().hex}"


def _connect(aws: ThreadedAws, source: str, arn: str, **settings: Any) -> None:
    """Send the events of ``source`` to ``arn``."""
    events = _client(aws, "events")
    events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=source, Targets=[{"Id": "1", "Arn": arn, **settings}])


def _put(aws: ThreadedAws, source: str, **detail: Any) -> None:
    entry = {"Source": source, "DetailType": "Something", "Detail": json.dumps(detail)}
    assert _client(aws, "events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    _drain(aws)


def _drain(aws: ThreadedAws) -> None:
    aws.run(aws.aws.events.drain())
    aws.run(aws.aws.functions.drain())


def _queue(aws: ThreadedAws, **attributes: str) -> tuple[str, str]:
    sqs = _client(aws, "sqs")
    name = uuid.uuid4().hex + (".fifo" if "FifoQueue" in attributes else "")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:{name}"


def _received(aws: ThreadedAws, url: str) -> list[dict[str, Any]]:
    answer = _client(aws, "sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    )
    return list(answer.get("Messages", []))


def _function(aws: ThreadedAws, source: str) -> str:
    """Create a function that prints its payload; return its ARN."""
    role = _client(aws, "iam").create_role(RoleName=source, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "import json\ndef handle(payload, context): print(json.dumps(payload))")
    name = source.replace(".", "-")
    created = _client(aws, "lambda").create_function(
        FunctionName=name, Role=role, Runtime="python3.13", Handler="app.handle", Code={"ZipFile": buffer.getvalue()}
    )
    return str(created["FunctionArn"])


def _messages(aws: ThreadedAws, group: str) -> list[str]:
    found = _client(aws, "logs").filter_log_events(logGroupName=group)
    return [event["message"] for event in found["events"]]


def test_event_of_ecs_runs_a_function(aws: ThreadedAws, source: str) -> None:
    """An event that the lab itself emits reaches a function, which writes it to its own log group."""
    arn = _function(aws, source)
    _connect(aws, source, arn)
    envelope = {
        "id": "1",
        "source": source,
        "detail-type": "ECS Task State Change",
        "detail": {"lastStatus": "STOPPED"},
    }

    aws.call(lambda: aws.aws.events.emit(_REGION, envelope))
    _drain(aws)

    messages = _messages(aws, f"/aws/lambda/{source.replace('.', '-')}")
    assert [json.loads(message) for message in messages if message.startswith("{")] == [envelope]


def test_function_gets_what_its_template_makes(aws: ThreadedAws, source: str) -> None:
    """A transformed event is the function's payload."""
    template = {"InputPathsMap": {"n": "$.detail.n"}, "InputTemplate": '{"number": <n>}'}
    _connect(aws, source, _function(aws, source), InputTransformer=template)

    _put(aws, source, n=5)

    assert '{"number": 5}\n' in _messages(aws, f"/aws/lambda/{source.replace('.', '-')}")


def test_event_reaches_a_queue(aws: ThreadedAws, source: str) -> None:
    """A queue gets each event as a message, complete, with account and region."""
    url, arn = _queue(aws)
    _connect(aws, source, arn)

    _put(aws, source, n=1)

    [message] = _received(aws, url)
    event = json.loads(message["Body"])
    assert (event["source"], event["detail"], event["account"], event["region"]) == (
        source,
        {"n": 1},
        _ACCOUNT,
        _REGION,
    )
    assert set(event) == {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}


def test_fifo_queue_keeps_the_order_of_its_group(aws: ThreadedAws, source: str) -> None:
    """A FIFO queue gets the message group of the target, and events in the order in which they came."""
    url, arn = _queue(aws, FifoQueue="true", ContentBasedDeduplication="true")
    _connect(aws, source, arn, SqsParameters={"MessageGroupId": "g"}, InputPath="$.detail.n")

    for number in range(3):
        _put(aws, source, n=number)

    received = _received(aws, url)
    assert [message["Body"] for message in received] == ["0", "1", "2"]
    assert {message["Attributes"]["MessageGroupId"] for message in received} == {"g"}


def test_event_reaches_a_topic(aws: ThreadedAws, source: str) -> None:
    """A topic gets each event, and hands it on to its subscribers."""
    url, queue_arn = _queue(aws)
    sns = _client(aws, "sns")
    topic = sns.create_topic(Name=uuid.uuid4().hex)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
    _connect(aws, source, topic, InputPath="$.detail")

    _put(aws, source, n=1)

    assert [message["Body"] for message in _received(aws, url)] == ['{"n":1}']


def test_event_reaches_a_log_group(aws: ThreadedAws, source: str) -> None:
    """A log group gets each event as one log event."""
    group = f"/aws/events/{source}"
    _client(aws, "logs").create_log_group(logGroupName=group)
    _connect(aws, source, f"arn:aws:logs:{_REGION}:{_ACCOUNT}:log-group:{group}:*", InputPath="$.detail")

    _put(aws, source, n=1)
    _put(aws, source, n=2)

    assert _messages(aws, group) == ['{"n":1}', '{"n":2}']


def test_disabled_rule_delivers_nothing(aws: ThreadedAws, source: str) -> None:
    """A rule that is switched off matches nothing."""
    url, arn = _queue(aws)
    _connect(aws, source, arn)
    _client(aws, "events").disable_rule(Name=source)

    _put(aws, source)

    assert _received(aws, url) == []


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:lambda:{_REGION}:{_ACCOUNT}:function:nobody",
        f"arn:aws:sqs:{_REGION}:{_ACCOUNT}:nobody",
        f"arn:aws:sns:{_REGION}:{_ACCOUNT}:nobody",
        f"arn:aws:logs:{_REGION}:{_ACCOUNT}:log-group:/aws/events/nobody",
        f"arn:aws:logs:{_REGION}:{_ACCOUNT}:log-group:nobody",
    ],
)
def test_undeliverable_event_is_counted_or_kept(aws: ThreadedAws, source: str, arn: str) -> None:
    """What a target does not take is counted, or goes to the target's dead-letter queue."""
    url, dead_letters = _queue(aws)
    lost = aws.aws.events.lost
    _connect(aws, source, arn)

    _put(aws, source)
    assert aws.aws.events.lost == lost + 1

    _connect(aws, source, arn, DeadLetterConfig={"Arn": dead_letters})
    _put(aws, source)
    assert aws.aws.events.lost == lost + 1
    assert len(_received(aws, url)) == 1
