"""The function that tells stopped tasks, called as Lambda calls it."""

import json
import uuid
from typing import Any

import pytest

from taskscope.aws.session import Account
from taskscope.errors import UnavailableError
from taskscope.handler import entry, task_stopped
from taskscope.lab.threaded import ThreadedAws
from taskscope.model.ecs import Task
from taskscope.sources.timeline import Timeline
from tests.e2e.trace.incident import CLUSTER, incident, ms

FORGOTTEN = "0" * 32


@pytest.fixture(autouse=True)
def _environment(aws: ThreadedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def task(aws: ThreadedAws) -> dict[str, Any]:
    """Give the document of a stopped task that wrote one line."""
    state = incident(uuid.uuid4().hex, {"api": [(ms(12), "hello")]})

    def load() -> None:
        aws.aws.ecs.load(state)
        aws.aws.logs.seed(state["region"], state["logGroups"])

    aws.call(load)
    document: dict[str, Any] = state["task"]
    return document


def event(task: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return EventBridge's message for a task."""
    return {"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": {**task, **changes}}


def queued(*bodies: Any) -> dict[str, Any]:
    """Return what Lambda gets from a queue."""
    records = [
        {
            "eventSource": "aws:sqs",
            "messageId": str(number),
            "body": body if isinstance(body, str) else json.dumps(body),
        }
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


def notification(body: Any) -> dict[str, Any]:
    """Return what Lambda gets from a topic."""
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"Type": "Notification", "Message": json.dumps(body)}}]}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda each: each,
        queued,
        notification,
        lambda each: queued({"Type": "Notification", "Message": json.dumps(each)}),
    ],
    ids=["plain", "sqs", "sns", "sns in sqs"],
)
def test_tells_a_stopped_task_once(wrap: Any, task: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """However the event comes, the timeline is printed; a repeated event prints nothing."""
    first = task_stopped(wrap(event(task)))
    printed = capsys.readouterr().out
    again = task_stopped(wrap(event(task)))

    assert first == {"told": 1, "batchItemFailures": []}
    assert "CONTAINER:api\thello" in printed
    assert printed.splitlines()[0] == f"Tracer: {task['taskArn'].rpartition('/')[2]} on {CLUSTER}"
    assert again == {"told": 0, "batchItemFailures": []}
    assert capsys.readouterr().out == ""


def test_leaves_tasks_alone_that_have_not_stopped(task: dict[str, Any]) -> None:
    """Only STOPPED is told, and only of ECS Task State Change."""
    assert task_stopped(event(task, lastStatus="DEPROVISIONING"))["told"] == 0
    assert task_stopped({"detail-type": "ECS Service Action", "detail": {}})["told"] == 0


def test_one_bad_message_fails_alone(task: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Rubbish in a batch is said and given back to the queue; the others are told."""
    answer = task_stopped(queued("no json", event(task), {"hello": "world"}, event({"taskArn": "x"})))

    assert answer["told"] == 1
    assert [each["itemIdentifier"] for each in answer["batchItemFailures"]] == ["0", "2", "3"]
    assert capsys.readouterr().out.count("taskscope: ") == 3


def test_a_task_that_ecs_has_forgotten_is_told_from_its_event(
    task: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """An event that comes more than an hour late still gives the lifecycle, and says where it is from."""
    late = {**task, "taskArn": task["taskArn"].rpartition("/")[0] + f"/{FORGOTTEN}"}

    assert task_stopped(event(late))["told"] == 1

    printed = capsys.readouterr().out
    assert "TASK\tStoppedCode:EssentialContainerExited" in printed
    assert "ECS has forgotten the task" in printed


def test_report_goes_to_sns(task: dict[str, Any], aws: ThreadedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """With TRACER_SNS the report is published; TRACER_STDOUT=false keeps it out of the log."""
    sns, sqs = aws.client("sns"), aws.client("sqs")
    topic = sns.create_topic(Name=f"t-{uuid.uuid4().hex}")["TopicArn"]
    url = sqs.create_queue(QueueName=f"q-{uuid.uuid4().hex}")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    monkeypatch.setenv("TRACER_SNS", topic)
    monkeypatch.setenv("TRACER_STDOUT", "false")

    task_stopped(event(task))

    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert "CONTAINER:api\thello" in json.loads(message["Body"])["Message"]


def test_an_unreachable_aws_is_tried_again(task: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain event is raised, so that Lambda retries; a queue gets its message back."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("taskscope.aws.session._ATTEMPTS", 1)

    with pytest.raises(UnavailableError):
        task_stopped(event(task))
    assert task_stopped(queued(event(task)))["batchItemFailures"] == [{"itemIdentifier": "0"}]


def test_a_fault_of_ours_fails_its_message_alone(
    task: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An exception that nobody foresaw gives its message back to the queue, with its traceback in the log."""
    other = {**task, "taskArn": task["taskArn"] + "f"}
    timeline = entry._timeline

    def faulty(account: Account, told: Task, duration: int) -> Timeline:
        if told.arn == other["taskArn"]:
            raise RuntimeError("nobody foresaw this")
        return timeline(account, told, duration)

    monkeypatch.setattr(entry, "_timeline", faulty)

    answer = task_stopped(queued(event(other), event(task)))

    assert answer == {"told": 1, "batchItemFailures": [{"itemIdentifier": "0"}]}
    assert "nobody foresaw this" in capsys.readouterr().err


def test_an_event_of_another_region_is_told_from_there(aws: ThreadedAws, capsys: pytest.CaptureFixture[str]) -> None:
    """A bus may gather the events of many regions: the task's own ARN says where it is to be asked for."""
    here = incident(uuid.uuid4().hex, {"api": [(ms(12), "hello from Ireland")]})
    there = json.loads(json.dumps(here).replace(aws.region, "eu-west-1"))

    def load() -> None:
        aws.aws.ecs.load(there)
        aws.aws.logs.seed(there["region"], there["logGroups"])

    aws.call(load)

    assert task_stopped(event(there["task"]))["told"] == 1
    assert "CONTAINER:api\thello from Ireland" in capsys.readouterr().out
