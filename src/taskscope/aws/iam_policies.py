"""The IAM permissions that each feature needs: the one home of actions and their resources. Standard library only."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from taskscope.aws.iam_scope import Scope
from taskscope.errors import UsageError


@dataclass(frozen=True, slots=True)
class Statement:
    """What is allowed on which resources. Statements of one ``sid`` have the same resources in one scope."""

    sid: str
    actions: tuple[str, ...]
    resources: Callable[[Scope], tuple[str, ...]]
    """Gives the resources in a scope; none leaves the statement out."""
    passed_to: str = ""
    """The only service that roles may be passed to."""


Policy: TypeAlias = dict[str, Any]
"""An IAM policy document."""


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that needs permissions."""

    summary: str
    statements: tuple[Statement, ...]
    when_asked: bool = False
    """True for what changes something in AWS: it is no part of the policy for everything."""


def _anything(_scope: Scope) -> tuple[str, ...]:
    """For actions that IAM does not narrow by resource."""
    return ("*",)


def _tasks_and_services(scope: Scope) -> tuple[str, ...]:
    return scope.arn("ecs", "task/*"), scope.arn("ecs", "service/*")


def _container_instances(scope: Scope) -> tuple[str, ...]:
    return (scope.arn("ecs", "container-instance/*"),)


def _log_streams(scope: Scope) -> tuple[str, ...]:
    return (scope.arn("logs", "log-group:*:log-stream:*"),)


def _log_groups(scope: Scope) -> tuple[str, ...]:
    return (scope.arn("logs", "log-group:*"),)


def _functions(scope: Scope) -> tuple[str, ...]:
    return (scope.arn("lambda", "function:*"),)


def _clusters(scope: Scope) -> tuple[str, ...]:
    return (scope.arn("ecs", "cluster/*"),)


def _stages(scope: Scope) -> tuple[str, ...]:
    return (scope.plain_arn("apigateway", "/restapis/*/stages/*"),)


def _stacks(scope: Scope) -> tuple[str, ...]:
    return (scope.arn("cloudformation", "stack/*"),)


def _own_log_group(scope: Scope) -> tuple[str, ...]:
    return (scope.arn("logs", f"log-group:/aws/lambda/{scope.function}:*"),)


def _topics(scope: Scope) -> tuple[str, ...]:
    return (scope.topic_arn or scope.arn("sns", "*"),)


def _given_topic(scope: Scope) -> tuple[str, ...]:
    return (scope.topic_arn,) if scope.topic_arn else ()


def _given_queue(scope: Scope) -> tuple[str, ...]:
    return (scope.queue_arn,) if scope.queue_arn else ()


def _queues(scope: Scope) -> tuple[str, ...]:
    return (scope.queue_arn or scope.arn("sqs", "*"),)


def _roles(scope: Scope) -> tuple[str, ...]:
    return (scope.global_arn("iam", "role/*"),)


def _given_dead_letters(scope: Scope) -> tuple[str, ...]:
    return (scope.dead_letter_arn,) if scope.dead_letter_arn else ()


_READ_TASKS: Final = Statement("ReadTasks", ("ecs:DescribeServices", "ecs:DescribeTasks"), _tasks_and_services)
_READ_LOGS: Final = Statement("ReadContainerLogs", ("logs:GetLogEvents",), _log_streams)
_WRITE_LOGS: Final = Statement(
    "WriteLogs",
    ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:PutRetentionPolicy"),
    _log_groups,
)

FEATURES: Final[Mapping[str, Feature]] = {
    "trace": Feature(
        "taskscope trace, and tracer",
        (
            Statement("ReadClusters", ("ecs:DescribeTaskDefinition", "ecs:ListClusters", "ecs:ListTasks"), _anything),
            _READ_TASKS,
            _READ_LOGS,
        ),
    ),
    "logs": Feature(
        "taskscope logs",
        (
            Statement(
                "SearchLogs", ("logs:DescribeLogGroups", "logs:FilterLogEvents", "logs:StartLiveTail"), _log_groups
            ),
            Statement("ReadFunctions", ("lambda:GetFunctionConfiguration",), _functions),
            Statement("ListFunctions", ("lambda:ListFunctions",), _anything),
            Statement("ReadStacks", ("cloudformation:ListStackResources",), _stacks),
            Statement(
                "ReadClusters",
                ("ecs:DescribeTaskDefinition", "ecs:ListClusters", "ecs:ListServices", "ecs:ListTasks"),
                _anything,
            ),
            _READ_TASKS,
            Statement("ReadTraces", ("xray:BatchGetTraces", "xray:GetTraceSummaries"), _anything),
        ),
    ),
    "tracer-sns": Feature(
        "tracer -sns, beside trace",
        (Statement("PublishReport", ("sns:Publish",), _topics),),
    ),
    "lambda": Feature(
        "the role of the Lambda function",
        (
            Statement("ReadClusters", ("ecs:DescribeTaskDefinition",), _anything),
            _READ_TASKS,
            _READ_LOGS,
            Statement("WriteOwnLog", ("logs:CreateLogStream", "logs:PutLogEvents"), _own_log_group),
            Statement("PublishReport", ("sns:Publish",), _given_topic),
            Statement(
                "ReceiveFromQueue",
                ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
                _given_queue,
            ),
            Statement("KeepFailures", ("sqs:SendMessage",), _given_dead_letters),
        ),
    ),
    "xray": Feature(
        "a collector that sends --to xray, or as OTLP to X-Ray's endpoint",
        (
            Statement("WriteSegments", ("xray:PutTelemetryRecords", "xray:PutTraceSegments"), _anything),
            Statement(
                "ReadSamplingRules",
                ("xray:GetSamplingRules", "xray:GetSamplingStatisticSummaries", "xray:GetSamplingTargets"),
                _anything,
            ),
        ),
    ),
    "inject": Feature(
        "taskscope inject --register",
        (
            Statement("RegisterTaskDefinition", ("ecs:RegisterTaskDefinition",), _anything),
            Statement("PassTaskRoles", ("iam:PassRole",), _roles, passed_to="ecs-tasks.amazonaws.com"),
        ),
        when_asked=True,
    ),
    "enable": Feature(
        "taskscope enable container-insights and tracing",
        (
            Statement("ReadClusters", ("ecs:ListServices", "ecs:ListTasks"), _anything),
            Statement("ReadTasks", ("ecs:DescribeTasks",), _tasks_and_services),
            Statement("ChangeClusters", ("ecs:DescribeClusters", "ecs:UpdateClusterSettings"), _clusters),
            Statement(
                "ChangeFunctions", ("lambda:GetFunctionConfiguration", "lambda:UpdateFunctionConfiguration"), _functions
            ),
            Statement("CheckRoles", ("iam:SimulatePrincipalPolicy",), _roles),
            Statement("ChangeStages", ("apigateway:GET", "apigateway:PATCH"), _stages),
        ),
        when_asked=True,
    ),
    "event-queue": Feature(
        "a server that reads the events of ECS from an SQS queue",
        (Statement("ReadQueue", ("sqs:DeleteMessage", "sqs:ReceiveMessage"), _queues),),
    ),
    "watch": Feature(
        "a server that watches clusters (--watch)",
        (
            Statement(
                "ReadClusters",
                (
                    "ecs:DescribeTaskDefinition",
                    "ecs:ListClusters",
                    "ecs:ListContainerInstances",
                    "ecs:ListServices",
                    "ecs:ListTasks",
                ),
                _anything,
            ),
            Statement("DescribeClusters", ("ecs:DescribeClusters",), _clusters),
            Statement("ReadContainerInstances", ("ecs:DescribeContainerInstances",), _container_instances),
            _READ_TASKS,
            Statement("ReadAlarms", ("cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"), _anything),
            Statement("SearchLogs", ("logs:FilterLogEvents",), _log_groups),
        ),
    ),
    "cloudwatch-logs": Feature("a collector that sends --to cloudwatch-logs", (_WRITE_LOGS,)),
    "emf": Feature("a collector that sends --to emf", (_WRITE_LOGS,)),
    "container-insights": Feature("a collector that sends --to container-insights", (_WRITE_LOGS,)),
    "cost": Feature(
        "taskscope cost --cluster",
        (Statement("ReadClusters", ("ecs:ListServices", "ecs:ListTasks"), _anything), _READ_TASKS),
    ),
    "discover": Feature(
        "taskscope discover",
        (
            Statement("ReadClusters", ("ecs:DescribeTaskDefinition", "ecs:ListTasks"), _anything),
            Statement("ReadTasks", ("ecs:DescribeTasks",), _tasks_and_services),
            Statement("ReadContainerInstances", ("ecs:DescribeContainerInstances",), _container_instances),
            Statement("ReadAddresses", ("ec2:DescribeInstances", "ssm:DescribeInstanceInformation"), _anything),
        ),
    ),
    "import": Feature(
        "taskscope import",
        (
            Statement("SearchLogs", ("logs:DescribeLogGroups", "logs:FilterLogEvents"), _log_groups),
            Statement("ReadTraces", ("xray:BatchGetTraces", "xray:GetTraceSummaries"), _anything),
        ),
    ),
}


def policy(names: Iterable[str], scope: Scope) -> Policy:
    """
    Return the least policy for the features ``names``, each action once; without any, for all that change nothing.

    Raises:
        UsageError: A name is unknown.
    """
    merged: dict[tuple[str, tuple[str, ...], str], set[str]] = {}
    for name in list(names) or [name for name, feature in FEATURES.items() if not feature.when_asked]:
        if name not in FEATURES:
            raise UsageError(f"{name!r} is no feature", hint=f"known are {', '.join(FEATURES)}")
        for statement in FEATURES[name].statements:
            if resources := statement.resources(scope):
                merged.setdefault((statement.sid, resources, statement.passed_to), set()).update(statement.actions)
    statements = [
        {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": _one_or_all(resources)}
        | ({"Condition": {"StringEquals": {"iam:PassedToService": passed_to}}} if passed_to else {})
        for (sid, resources, passed_to), actions in merged.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _one_or_all(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)
