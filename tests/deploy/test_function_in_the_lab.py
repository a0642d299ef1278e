"""The archive in the embedded AWS: made, connected and run as the README of ``deploy/lambda`` says."""

import json
import uuid
from pathlib import Path

from taskscope.cli.function.archive import HANDLER, build_archive
from taskscope.lab.threaded import ThreadedAws

_SAMPLE = Path(__file__).parents[2] / "deploy" / "lambda" / "event.json"


def test_stopped_task_is_told_in_the_log_and_by_sns(aws: ThreadedAws) -> None:
    """An event of ECS runs the packaged function through a rule; its report is in the log group and on the topic."""
    name = f"taskscope-{uuid.uuid4().hex}"
    topic, queue = _topic_with_queue(aws, name)
    function = aws.client("lambda").create_function(
        FunctionName=name,
        Role=aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"],
        Runtime="python3.13",
        Handler=HANDLER,
        Code={"ZipFile": build_archive()},
        Timeout=30,
        Environment={"Variables": {"TRACER_SNS": topic}},
    )["FunctionArn"]
    sample = json.loads(_SAMPLE.read_text(encoding="utf-8")) | {"source": name}
    events = aws.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name], "detail": {"lastStatus": ["STOPPED"]}}))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": function}])

    for status in ("RUNNING", "STOPPED"):
        event = sample | {"detail": sample["detail"] | {"lastStatus": status}}
        aws.call(lambda event=event: aws.aws.events.emit(aws.region, event))  # type: ignore[misc]  # bound for the loop
    aws.run(aws.aws.events.drain())
    aws.run(aws.aws.functions.drain())

    log = "".join(_messages(aws, f"/aws/lambda/{name}"))
    assert log.count("START RequestId") == 1
    assert "OutOfMemoryError: Container killed due to memory usage" in log
    [message] = aws.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert "Essential container in task exited" in message["Body"]


def _topic_with_queue(aws: ThreadedAws, name: str) -> tuple[str, str]:
    sqs, sns = aws.client("sqs"), aws.client("sns")
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic, queue


def _messages(aws: ThreadedAws, group: str) -> list[str]:
    return [event["message"] for event in aws.client("logs").filter_log_events(logGroupName=group)["events"]]
