"""Names of log streams by the rules of the awslogs driver, and why others cannot be read."""

from typing import Any

import pytest

from taskscope.model.ecs import Container, EcsService, LogConfiguration, Task, TaskDefinition
from taskscope.sources.log_streams import LogStream, Unreadable, distinct, locate, needs_service


def _awslogs(**options: str) -> LogConfiguration:
    return LogConfiguration("awslogs", {f"awslogs-{name.replace('_', '-')}": text for name, text in options.items()})


def _task(*containers: Container) -> Task:
    return Task("arn:aws:ecs:eu-west-1:1:task/prod/0123", "a/prod", "a/d:1", 1, "RUNNING", "", containers=containers)


def _locate(
    setting: LogConfiguration | None, container: Container | None = None, service: EcsService | None = None
) -> Any:
    [found] = locate(
        _task(container or Container("web", "RUNNING")), TaskDefinition("a/d:1", {"web": setting}), service
    )
    return found


def test_stream_with_a_prefix_is_prefix_container_and_task_id() -> None:
    """Rule 8; the region is that of the options, where they name one."""
    setting = _awslogs(group="/ecs/web", stream_prefix="web", region="eu-central-1")

    assert _locate(setting) == LogStream("web", "/ecs/web", "web/web/0123", "eu-central-1")
    assert _locate(_awslogs(group="/ecs/web", stream_prefix="p")) == LogStream("web", "/ecs/web", "p/web/0123", None)


def test_stream_without_a_prefix_is_the_runtime_id() -> None:
    """On EC2 the prefix is optional: Docker then names the stream by its container id."""
    container = Container("web", "RUNNING", runtime_id="f" * 64)

    assert _locate(_awslogs(group="/ecs/web"), container).stream == "f" * 64


def test_stream_that_is_named_wins() -> None:
    """``awslogs-stream`` is Docker's option for one fixed stream."""
    assert _locate(_awslogs(group="g", stream="fixed", stream_prefix="web")).stream == "fixed"


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        (None, "no log configuration"),
        (LogConfiguration("splunk", {}), "log driver is splunk"),
        (LogConfiguration("awsfirelens", {"Name": "opensearch"}), "awsfirelens, which sends to opensearch"),
        (LogConfiguration("awsfirelens", {"@type": "s3"}), "which sends to s3"),
        (LogConfiguration("awsfirelens", {"Name": "cloudwatch", "log_group_name": "/g"}), "(log group /g)"),
        (LogConfiguration("awslogs", {}), "no awslogs-group"),
        (LogConfiguration("awslogs", {"awslogs-group": "g"}), "runtime id"),
    ],
)
def test_what_cannot_be_read_says_why(setting: LogConfiguration | None, why: str) -> None:
    """No container is passed over in silence."""
    found = _locate(setting)

    assert isinstance(found, Unreadable)
    assert why in found.why


def test_container_of_the_definition_that_ecs_does_not_list_is_read_too() -> None:
    """A standalone task whose image does not exist may list no containers at all."""
    definition = TaskDefinition("a/d:1", {"web": _awslogs(group="g", stream_prefix="p")})

    assert locate(_task(), definition, None) == [LogStream("web", "g", "p/web/0123", None)]


def test_containers_come_in_the_order_of_the_task() -> None:
    """Then those that only the definition names."""
    setting = _awslogs(group="g", stream_prefix="p")
    definition = TaskDefinition("a/d:1", {"c": setting, "a": setting, "b": setting})

    found = locate(_task(Container("b", ""), Container("a", "")), definition, None)

    assert [each.container for each in found] == ["b", "a", "c"]


def test_service_connect_proxy_logs_where_the_service_says() -> None:
    """The proxy is not in the task definition; without the service nothing is known of its logs."""
    proxy = Container("ecs-service-connect-AbCd", "RUNNING")
    definition = TaskDefinition("a/d:1", {})
    service = EcsService("web", connect_logs={"ecs-svc/1": _awslogs(group="/proxy", stream_prefix="mesh")})

    assert needs_service(_task(proxy), definition)
    assert not needs_service(_task(Container("web", "")), definition)
    assert locate(_task(proxy), definition, service) == [
        LogStream("ecs-service-connect-AbCd", "/proxy", "mesh/ecs-service-connect-AbCd/0123", None)
    ]
    assert isinstance(locate(_task(proxy), definition, None)[0], Unreadable)


def test_container_that_ecs_puts_in_is_named() -> None:
    """Such as GuardDuty's agent: it is in the task, not in the definition."""
    [found] = locate(_task(Container("aws-guardduty-agent-x", "RUNNING")), TaskDefinition("a/d:1", {}), None)

    assert isinstance(found, Unreadable)
    assert "put in by ECS" in found.why


def test_stream_of_two_containers_is_read_once() -> None:
    """The first has the lines; of the second it is said where they are. Streams of one name elsewhere are others."""
    first, second = LogStream("web", "/g", "fixed", "eu-west-1"), LogStream("mesh", "/g", "fixed", "eu-west-1")
    elsewhere = LogStream("proxy", "/g", "fixed", "us-east-1")

    assert list(distinct([second])) == [second]
    read, shared, other = distinct([first, second, elsewhere])

    assert (read, other) == (first, elsewhere)
    assert isinstance(shared, Unreadable)
    assert shared.container == "mesh"
    assert "shares the log stream fixed with container web" in shared.why
