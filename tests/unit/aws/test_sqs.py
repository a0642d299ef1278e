"""A queue of the embedded AWS, and answers that it never gives."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from taskscope.aws.failures import named
from taskscope.aws.session import Account
from taskscope.aws.sqs import BATCH, Queue, Received
from taskscope.errors import DeniedError, NotFoundError, TaskscopeError, UsageError
from tests.conftest import StartAws
from tests.unit.aws.conftest import Serve

_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/ecs-events"


def test_messages_are_received_and_deleted(embedded_aws: StartAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most ten at once; what is deleted does not come again."""
    aws = embedded_aws(runner=False)
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    client = aws.client("sqs")
    url = client.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "0"})["QueueUrl"]
    for number in range(12):
        client.send_message(QueueUrl=url, MessageBody=f"{number} \u2603")
    queue = Queue(Account(region=aws.region, endpoint_url=aws.url), url)

    seen = set()
    while batch := queue.receive(wait_seconds=0):
        assert len(batch) <= BATCH
        assert queue.delete(batch) == []
        seen |= {each.body for each in batch}

    assert seen == {f"{number} \u2603" for number in range(12)}


def test_missing_queue_is_not_found(embedded_aws: StartAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever code SQS has for it."""
    aws = embedded_aws(runner=False)
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    queue = Queue(Account(region=aws.region, endpoint_url=aws.url), f"{aws.url}/{aws.account}/gone")

    with pytest.raises(NotFoundError, match="cannot receive from the queue gone"):
        queue.receive(wait_seconds=0)


def test_what_cannot_be_deleted_is_told(serve: Serve) -> None:
    """A receipt that is too old, among others that are not."""
    failed = {"Id": "1", "Code": "ReceiptHandleIsInvalid", "Message": "too old", "SenderFault": True}
    asked: list[dict[str, Any]] = []

    def answer(operation: str, document: dict[str, Any]) -> dict[str, Any]:
        assert operation == "DeleteMessageBatch"
        asked.append(document)
        return {"Successful": [{"Id": "0"}], "Failed": [failed]}

    queue = Queue(Account(region="eu-west-1", endpoint_url=serve(answer)), _URL)

    assert queue.delete([Received("a", "x", "r0"), Received("b", "y", "r1")]) == ["ReceiptHandleIsInvalid: too old"]
    assert asked[0]["Entries"] == [
        {"Id": "0", "ReceiptHandle": "r0"},
        {"Id": "1", "ReceiptHandle": "r1"},
    ]


@pytest.mark.parametrize(
    "text",
    ["Access denied", "User: arn:aws:iam::1:user/x is not authorized to perform: sqs:deletemessage on resource: arn"],
)
def test_denied_deletion_names_the_action_that_exists(text: str) -> None:
    """IAM knows no DeleteMessageBatch; and SQS writes actions in small letters, which policies do not."""
    refusal = ClientError({"Error": {"Code": "AccessDenied", "Message": text}}, "DeleteMessageBatch")

    with (
        pytest.raises(DeniedError, match="the permission sqs:DeleteMessage is missing"),
        named("delete", service="sqs"),
    ):
        raise refusal


@pytest.mark.parametrize(
    ("url", "region"),
    [
        (_URL, "eu-west-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q", "cn-north-1"),
        ("https://vpce-0a1b-2c3d.sqs.us-gov-west-1.vpce.amazonaws.com/123456789012/q.fifo", "us-gov-west-1"),
        ("https://eu-central-1.queue.amazonaws.com/123456789012/q", "eu-central-1"),
        ("http://127.0.0.1:5275/123456789012/q", None),
    ],
)
def test_region_is_that_of_the_url(url: str, region: str | None) -> None:
    """A queue may be in another region than the account's settings say."""
    assert Queue(Account(), url)._region == region


@pytest.mark.parametrize("text", ["ecs-events", "arn:aws:sqs:eu-west-1:123456789012:q", "https://sqs/q", ""])
def test_what_is_no_url_is_refused(text: str) -> None:
    """With the form that it should have."""
    with pytest.raises(UsageError, match="is no URL of an SQS queue"):
        Queue(Account(), text)


def test_trouble_is_an_error_of_ours(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller decides what comes next."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    queue = Queue(Account(region="eu-west-1", endpoint_url=serve(lambda _operation, _asked: 500)), _URL)

    with pytest.raises(TaskscopeError, match="cannot receive from the queue ecs-events"):
        queue.receive(wait_seconds=0)
