"""The Lambda function's entry point, called as Lambda calls it, against an embedded AWS."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taskscope.errors import UnavailableError
from taskscope.handler import entry, task_stopped
from taskscope.lab.state_file import read_state
from taskscope.lab.threaded import ThreadedAws

GOLDEN = Path(__file__).parents[2] / "fixtures" / "golden" / "image-pull-typo"
TASK = json.loads((GOLDEN / "state.json").read_text(encoding="utf-8"))["task"]
EVENT = {"detail-type": "ECS Task State Change", "source": "aws.ecs", "detail": TASK}
LINES = [line.split("\t", 1)[1] for line in (GOLDEN / "expected.txt").read_text(encoding="utf-8").splitlines()]

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the tasks that other tests told, as a new execution environment does, and this machine's settings."""
    monkeypatch.setattr(entry, "_told", {})
    for name in ("DURATION", "SNS", "STDOUT"):
        monkeypatch.delenv(f"TASKSCOPE_{name}", raising=False)
        monkeypatch.delenv(f"TRACER_{name}", raising=False)


@pytest.fixture
def recorded(embedded_aws: Callable[..., ThreadedAws], monkeypatch: pytest.MonkeyPatch) -> ThreadedAws:
    """Give an AWS that knows the recorded task, and the environment in which the function finds it."""
    state = read_state(GOLDEN / "state.json")
    aws = embedded_aws(states=[state], runner=False, region=state.region)
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    return aws


def _sqs(*bodies: Any) -> dict[str, Any]:
    made = enumerate(bodies)
    return {"Records": [{"messageId": f"m{n}", "eventSource": "aws:sqs", "body": json.dumps(b)} for n, b in made]}


def _printed(capsys: Captured) -> list[str]:
    """Return what the function printed under the report's subject, without the times."""
    return [line.partition("\t")[2] for line in capsys.readouterr().out.splitlines() if "\t" in line]


@pytest.mark.usefixtures("recorded")
def test_stopped_task_is_told_once(capsys: Captured) -> None:
    """The recorded timeline is in the function's log; EventBridge's repeat of the event is left out."""
    assert task_stopped(EVENT) == {"told": 1, "batchItemFailures": []}
    assert _printed(capsys) == LINES

    assert task_stopped(EVENT) == {"told": 0, "batchItemFailures": []}
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("recorded")
def test_task_that_runs_is_not_told(capsys: Captured) -> None:
    """Nor is any other event."""
    assert task_stopped({**EVENT, "detail": {**TASK, "lastStatus": "RUNNING"}})["told"] == 0
    assert task_stopped({**EVENT, "detail-type": "ECS Service Action"})["told"] == 0
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("recorded")
def test_bad_message_of_a_queue_fails_alone() -> None:
    """The queue is told its id; the task of the other message is reported."""
    wrong_time = {**EVENT, "detail": {**TASK, "createdAt": "yesterday"}}

    answer = task_stopped(_sqs("no event", EVENT, wrong_time))

    assert answer == {"told": 1, "batchItemFailures": [{"itemIdentifier": "m0"}, {"itemIdentifier": "m2"}]}


@pytest.mark.usefixtures("recorded")
def test_task_that_ecs_has_forgotten_is_told_from_the_event(capsys: Captured) -> None:
    """With a word that it is."""
    forgotten = {**TASK, "taskArn": TASK["taskArn"][:-4] + "0000"}

    assert task_stopped({**EVENT, "detail": forgotten})["told"] == 1

    out = capsys.readouterr().out
    assert "TASK\tCreated\n" in out
    assert "ECS has forgotten the task" in out


def test_report_is_published(recorded: ThreadedAws, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under tracer's subject, the same lines and what is missing; the log stays silent where it is turned off."""
    sns, sqs = recorded.client("sns"), recorded.client("sqs")
    topic = sns.create_topic(Name="reports")["TopicArn"]
    queue = sqs.create_queue(QueueName="reports")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    monkeypatch.setenv("TASKSCOPE_SNS", topic)
    monkeypatch.setenv("TASKSCOPE_STDOUT", "false")

    assert task_stopped(EVENT)["told"] == 1

    assert _printed(capsys) == []
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    notification = json.loads(message["Body"])
    assert notification["Subject"].startswith("Tracer: ")
    *lines, missing = notification["Message"].splitlines()
    assert [line.split("\t", 1)[1] for line in lines] == LINES
    assert missing.startswith("taskscope: logs of container nginx: there is no log stream")


def test_unreachable_aws_is_raised_for_a_plain_event_and_answered_for_a_queue(
    recorded: ThreadedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lambda retries the one, the queue the other; nothing counts as told."""
    assert recorded.url
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setattr("taskscope.aws.session._ATTEMPTS", 1)

    with pytest.raises(UnavailableError):
        task_stopped(EVENT)
    assert task_stopped(_sqs(EVENT)) == {"told": 0, "batchItemFailures": [{"itemIdentifier": "m0"}]}
