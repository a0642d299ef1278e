"""The permissions of each feature."""

import ast
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import OperationModel

import taskscope.aws
from taskscope.aws.iam_policies import FEATURES, policy
from taskscope.aws.iam_scope import Scope
from taskscope.errors import UsageError

_SERVICES = (
    "apigateway",
    "cloudformation",
    "cloudwatch",
    "ec2",
    "ecs",
    "iam",
    "lambda",
    "logs",
    "sns",
    "sqs",
    "ssm",
    "xray",
)
_ACCOUNT = "123456789012"
_TOPIC = f"arn:aws:sns:eu-west-1:{_ACCOUNT}:reports"
_QUEUE = f"arn:aws:sqs:eu-west-1:{_ACCOUNT}:stopped"


def _actions(*names: str, scope: Scope | None = None) -> list[str]:
    document = policy(names, scope or Scope())
    return [action for statement in document["Statement"] for action in statement["Action"]]


def _operations_called() -> set[str]:
    """Find every API operation that the sources in ``taskscope.aws`` call, as methods or as names of paginators."""
    words: set[str] = set()
    for source in Path(taskscope.aws.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                words.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
    session = botocore.session.get_session()
    models = [session.get_service_model(service) for service in _SERVICES]
    return {
        _action_of(model.operation_model(operation))
        for model in models
        for operation in model.operation_names
        if xform_name(operation) in words
    }


def _action_of(operation: OperationModel) -> str:
    """Return the IAM action of an operation: its name, but for SQS's batches, which have none, and API Gateway's."""
    service = operation.service_model.service_name
    called = operation.http["method"] if service == "apigateway" else operation.name.removesuffix("Batch")
    return f"{service}:{called}"


def test_policies_allow_what_the_sources_call_and_nothing_else() -> None:
    """Each API operation that Taskscope calls needs its action, and no action is there without a call."""
    features = (
        "trace", "logs", "tracer-sns", "xray", "cloudwatch-logs", "event-queue", "inject", "discover", "enable",
        "watch",
    )  # fmt: skip
    # PassRole is asked of who registers a task definition with roles; it is no operation.
    assert set(_actions(*features)) - {"iam:PassRole"} == _operations_called()


def test_function_may_not_list_but_may_write_its_log() -> None:
    """The function reads what the event names, and writes to its own log group alone."""
    document = policy(["lambda"], Scope(account=_ACCOUNT, region="eu-west-1", function="taskscope"))

    by_sid = {statement["Sid"]: statement for statement in document["Statement"]}
    assert set(by_sid) == {"ReadClusters", "ReadTasks", "ReadContainerLogs", "WriteOwnLog"}
    assert by_sid["ReadClusters"]["Action"] == ["ecs:DescribeTaskDefinition"]
    assert by_sid["WriteOwnLog"]["Resource"] == f"arn:aws:logs:eu-west-1:{_ACCOUNT}:log-group:/aws/lambda/taskscope:*"


def test_topic_and_queue_are_allowed_when_given() -> None:
    """Only a function that is given a topic or a queue may use it."""
    document = policy(["lambda"], Scope(topic_arn=_TOPIC, queue_arn=_QUEUE))

    resources = {statement["Sid"]: statement["Resource"] for statement in document["Statement"]}
    assert resources["PublishReport"] == _TOPIC
    assert resources["ReceiveFromQueue"] == _QUEUE


def test_what_enable_changes_is_narrowed() -> None:
    """To an account's clusters, functions, roles and stages, whose ARNs name no account; and only when asked for."""
    document = policy(["enable"], Scope(account=_ACCOUNT, region="eu-west-1"))

    assert {each["Sid"]: each["Resource"] for each in document["Statement"]} == {
        "ReadClusters": "*",
        "ReadTasks": [
            f"arn:aws:ecs:eu-west-1:{_ACCOUNT}:task/*",
            f"arn:aws:ecs:eu-west-1:{_ACCOUNT}:service/*",
        ],
        "ChangeClusters": f"arn:aws:ecs:eu-west-1:{_ACCOUNT}:cluster/*",
        "ChangeFunctions": f"arn:aws:lambda:eu-west-1:{_ACCOUNT}:function:*",
        "CheckRoles": f"arn:aws:iam::{_ACCOUNT}:role/*",
        "ChangeStages": "arn:aws:apigateway:eu-west-1::/restapis/*/stages/*",
    }
    assert "ecs:UpdateClusterSettings" not in _actions()


def test_roles_may_be_passed_to_tasks_only() -> None:
    """Who registers a task definition could otherwise hand any role to any service."""
    document = policy(["inject"], Scope(account=_ACCOUNT, region="eu-west-1"))

    [passing] = [each for each in document["Statement"] if each["Action"] == ["iam:PassRole"]]
    assert passing["Resource"] == f"arn:aws:iam::{_ACCOUNT}:role/*"
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def test_all_features_merge_without_repeats() -> None:
    """Without a feature the policy is that of all that change nothing, each action once for the same resources."""
    document = policy([], Scope(topic_arn=_TOPIC))
    allowed = [(action, str(each["Resource"])) for each in document["Statement"] for action in each["Action"]]

    assert sorted(allowed) == sorted(set(allowed))
    names = [name for name, feature in FEATURES.items() if not feature.when_asked]
    assert {action for action, _ in allowed} == set(_actions(*names, scope=Scope(topic_arn=_TOPIC)))


def test_a_collector_may_write_segments_and_any_log_group() -> None:
    """X-Ray knows no resources; groups are named by templates, so all are allowed."""
    document = policy(["xray", "cloudwatch-logs", "emf"], Scope(account=_ACCOUNT, region="eu-west-1"))

    assert {each["Sid"]: each["Resource"] for each in document["Statement"]} == {
        "WriteSegments": "*",
        "ReadSamplingRules": "*",
        "WriteLogs": f"arn:aws:logs:eu-west-1:{_ACCOUNT}:log-group:*",
    }


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-west-1", "aws"),
    ],
)
def test_partition_follows_the_region(region: str, partition: str) -> None:
    """In China, in GovCloud and in sovereign clouds, ARNs have another partition."""
    [statement] = policy(["tracer-sns"], Scope(region=region))["Statement"]

    assert statement["Resource"] == f"arn:{partition}:sns:{region}:*:*"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"account": "12"}, "no account"),
        ({"region": "Ireland"}, "no region"),
        ({"function": "a b"}, "no function name"),
        ({"topic_arn": _QUEUE}, "no ARN of sns"),
        ({"queue_arn": "stopped"}, "no ARN of sqs"),
    ],
)
def test_wrong_scope_is_refused(wrong: dict[str, str], message: str) -> None:
    """A value that cannot be right is named, before anyone attaches a policy that fits nothing."""
    with pytest.raises(UsageError, match=message):
        Scope(**wrong)


def test_unknown_feature_is_refused() -> None:
    """A feature that does not exist is answered with those that do."""
    with pytest.raises(UsageError, match="known are trace, logs, tracer-sns, lambda"):
        policy(["traces"], Scope())
