"""The console script `tracer`: fujiwara/tracer's arguments, flags and variables."""

import json
import uuid
from typing import Any

import pytest

from taskscope import __version__
from taskscope.lab.threaded import ThreadedAws
from tests.e2e.conftest import Run
from tests.e2e.trace.incident import CLUSTER, incident, ms

MESSAGE_LIMIT = 262_144


@pytest.fixture(scope="module")
def task(aws: ThreadedAws) -> str:
    """Give a recorded task with more log lines than an SNS message holds."""
    task_id = uuid.uuid4().hex
    lines = [(ms(12) + number, f"line {number} " + "ü" * 200) for number in range(1_000)]
    state = incident(task_id, {"api": lines})

    def load() -> None:
        aws.aws.ecs.load(state)
        aws.aws.logs.seed(state["region"], state["logGroups"])

    aws.call(load)
    return task_id


@pytest.fixture
def topic(aws: ThreadedAws) -> Any:
    """Give a topic's ARN, and a callable that returns the messages that were published to it."""
    sns, sqs = aws.client("sns"), aws.client("sqs")
    arn = sns.create_topic(Name=f"t-{uuid.uuid4().hex}")["TopicArn"]
    url = sqs.create_queue(QueueName=f"q-{uuid.uuid4().hex}")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)

    def published() -> list[dict[str, str]]:
        return [json.loads(each["Body"]) for each in sqs.receive_message(QueueUrl=url).get("Messages", [])]

    return arn, published


@pytest.mark.parametrize("flags", [("-version",), ("--version",), ("-version=true",)])
def test_version(flags: tuple[str, ...], run: Run) -> None:
    """-version prints the version, with one dash or two."""
    assert run("tracer", *flags).stdout == f"tracer {__version__}\n"


def test_lists_clusters_and_tasks_and_shows_a_task(task: str, aws: ThreadedAws, run: Run) -> None:
    """No argument: clusters. One: the tasks, in seven columns. Two: the timeline."""
    assert CLUSTER in run("tracer", env=aws.environment).stdout.splitlines()
    rows = run("tracer", CLUSTER, env=aws.environment).stdout.splitlines()
    assert [len(row.split("\t")) for row in rows if row.startswith(task)] == [7]
    assert run("tracer", CLUSTER, task, env=aws.environment).stdout.count("\n") == 1_000 + 10 + 1


@pytest.mark.parametrize(
    ("flags", "variables"),
    [(("-duration", "3s"), {}), (("--duration=3s",), {}), ((), {"TRACER_DURATION": "3s"})],
)
def test_duration(flags: tuple[str, ...], variables: dict[str, str], task: str, aws: ThreadedAws, run: Run) -> None:
    """-duration sets how much is read around start and end; so does TRACER_DURATION. 3 s after the pull is 09:00:12."""
    done = run("tracer", *flags, CLUSTER, task, env={**aws.environment, **variables})

    assert done.returncode == 0, done.stderr
    assert "line " not in done.stdout


def test_report_to_sns_keeps_the_newest_lines(task: str, topic: Any, aws: ThreadedAws, run: Run) -> None:
    """-sns publishes within SNS's limits: whole lines, the newest, and the first line says what is left out."""
    arn, published = topic

    done = run("tracer", "-stdout=false", "-sns", arn, CLUSTER, task, env=aws.environment)

    assert (done.returncode, done.stdout) == (0, "")
    [message] = published()
    assert message["Subject"] == f"Tracer: {task} on {CLUSTER}"
    assert MESSAGE_LIMIT - 500 < len(message["Message"].encode()) <= MESSAGE_LIMIT
    first, *lines = message["Message"].splitlines()
    assert "earlier lines are left out" in first
    assert lines[-1].endswith("STOPPED (exit code: 1)")
    assert all(line.count("\t") >= 2 for line in lines)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("-nonsense",), 2, "flag provided but not defined: -nonsense"),
        (("-duration",), 2, "flag needs an argument"),
        (("-duration", "long", "shop"), 2, "'long' is no duration"),
        (("-sns", "not-an-arn", CLUSTER), 2, "not the ARN of an SNS topic"),
        (("nowhere",), 3, "there is no cluster nowhere"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], code: int, said: str, aws: ThreadedAws, run: Run) -> None:
    """A wrong flag ends with 2 and the usage; an unknown cluster with 3."""
    done = run("tracer", *arguments, env=aws.environment)

    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert said in done.stderr
