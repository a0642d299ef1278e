"""What becomes of a task definition, in each network mode and the second time."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.cli.sidecar.definition import NAME, Sidecar, inject
from taskscope.errors import UsageError

_IMAGE = Sidecar("repository/taskscope:1")
_DESCRIBED = Path(__file__).parents[3] / "fixtures" / "ecs" / "describe_task_definition.json"


def _definition(*containers: dict[str, Any], **members: Any) -> dict[str, Any]:
    apps = list(containers) or [{"name": "app", "image": "shop"}]
    return {"family": "shop", "taskRoleArn": "role", "containerDefinitions": apps} | members


def _fargate(*containers: dict[str, Any], **members: Any) -> dict[str, Any]:
    asked = {"networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512"}
    return _definition(*containers, **(asked | members))


def _containers(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in document["containerDefinitions"]}


def _environment(container: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container["environment"]}


@pytest.mark.parametrize("mode", ["awsvpc", "host"])
def test_containers_of_one_network_meet_on_loopback(mode: str) -> None:
    """The sidecar listens there by default, so it is told nothing of it."""
    found = _containers(inject(_definition(networkMode=mode), _IMAGE).document)

    assert _environment(found["app"])["AWS_XRAY_DAEMON_ADDRESS"] == "127.0.0.1:2000"
    assert _environment(found["app"])["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"
    assert "TASKSCOPE_LISTEN" not in _environment(found[NAME])
    assert "links" not in found["app"]


@pytest.mark.parametrize("members", [{"networkMode": "bridge"}, {}, {"requiresCompatibilities": ["EXTERNAL"]}])
def test_containers_of_a_bridge_are_linked(members: dict[str, Any]) -> None:
    """Bridge is the default of EC2 and of ECS Anywhere; the sidecar has to listen to its neighbours there."""
    found = _containers(inject(_definition(**members), _IMAGE).document)

    assert found["app"]["links"] == [NAME]
    assert _environment(found["app"])["STATSD_HOST"] == NAME
    assert _environment(found[NAME])["TASKSCOPE_LISTEN"] == "0.0.0.0"  # noqa: S104 (compared)
    assert _environment(found[NAME])["TASKSCOPE_INSECURE"] == "true"


def test_sidecar_never_takes_the_task_down() -> None:
    """It is not essential, restarts by itself, starts first, stops last, and says whether it is well."""
    found = _containers(inject(_fargate(), _IMAGE).document)

    assert found[NAME]["essential"] is False
    assert found[NAME]["restartPolicy"] == {"enabled": True}
    assert found[NAME]["healthCheck"]["command"] == ["CMD", "taskscope", "healthcheck"]
    assert found["app"]["dependsOn"] == [{"containerName": NAME, "condition": "START"}]


def test_ecs_anywhere_gets_no_restart_policy() -> None:
    """Its agents may not know one."""
    document = inject(_definition(requiresCompatibilities=["EXTERNAL"]), _IMAGE).document

    assert "restartPolicy" not in _containers(document)[NAME]


def test_spool_is_on_a_volume() -> None:
    """The root file system is read-only."""
    document = inject(_fargate(volumes=[{"name": "data"}]), _IMAGE).document

    assert document["volumes"] == [{"name": "data"}, {"name": NAME}]
    [mount] = _containers(document)[NAME]["mountPoints"]
    assert mount["sourceVolume"] == NAME
    assert _environment(_containers(document)[NAME])["TASKSCOPE_DATA_DIR"] == mount["containerPath"]


def test_memory_is_reserved_only_where_the_task_has_none() -> None:
    """ECS needs one of the two; a limit of the container may exceed what is left of the task's."""
    assert "memoryReservation" not in _containers(inject(_fargate(), _IMAGE).document)[NAME]
    assert _containers(inject(_definition(), _IMAGE).document)[NAME]["memoryReservation"] == 128


def test_what_is_asked_for_is_set() -> None:
    """Sizes and sinks, at the first time and later."""
    first = inject(_fargate(), Sidecar("i", ("emf", "otlp=http://127.0.0.1:4318"), cpu=64, memory=200)).document
    then = inject(first, Sidecar(memory=300)).document

    assert _containers(first)[NAME]["command"] == ["collect", "--to", "emf", "--to", "otlp=http://127.0.0.1:4318"]
    assert (_containers(first)[NAME]["cpu"], _containers(first)[NAME]["memory"]) == (64, 200)
    assert _containers(then)[NAME] == _containers(first)[NAME] | {"memory": 300}


def test_task_that_the_sidecar_makes_too_small_is_raised() -> None:
    """And told so; doing it again changes nothing, and one that was to stay is raised when it may."""
    given = _fargate({"name": "app", "image": "shop", "memory": 512})
    raised = inject(given, Sidecar("i", memory=200))
    kept = inject(given, Sidecar("i", memory=200, resize=False))

    assert (raised.document["cpu"], raised.document["memory"]) == ("256", "1024")
    assert any("raised to 256 CPU units and 1024 MiB of memory" in each for each in raised.notices)
    assert inject(raised.document, Sidecar()).document == raised.document
    assert (kept.document["cpu"], kept.document["memory"]) == ("256", "512")
    assert any("ECS refuses that" in each for each in kept.notices)
    assert inject(kept.document, Sidecar()).document == raised.document


def test_region_is_told_where_only_we_know_it() -> None:
    """Fargate tells its containers; elsewhere it is that of the definition, or the one that was given."""
    answer = {"taskDefinition": _definition(taskDefinitionArn="arn:aws:ecs:eu-west-1:123456789012:task-definition/s:1")}

    assert _environment(_containers(inject(answer, _IMAGE).document)[NAME])["AWS_REGION"] == "eu-west-1"
    asked = Sidecar("i", region="eu-north-1")
    assert _environment(_containers(inject(_definition(), asked).document)[NAME])["AWS_REGION"] == "eu-north-1"
    assert "AWS_REGION" not in _environment(_containers(inject(_fargate(), asked).document)[NAME])
    assert any("--region" in notice for notice in inject(_definition(), _IMAGE).notices)


def test_log_goes_where_the_apps_go() -> None:
    """Into the same group, in streams of its own."""
    options = {
        "awslogs-group": "/ecs/shop",
        "awslogs-region": "eu-west-1",
        "awslogs-stream-prefix": "shop",
        "mode": "x",
    }
    app = {"name": "app", "logConfiguration": {"logDriver": "awslogs", "options": options}}

    log = _containers(inject(_fargate(app), _IMAGE).document)[NAME]["logConfiguration"]

    expected = {"awslogs-group": "/ecs/shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": NAME}
    assert log == {"logDriver": "awslogs", "options": expected}


def test_values_of_an_app_stay_and_are_told() -> None:
    """Also those that come from a secret, whose name ECS would refuse twice."""
    app = {
        "name": "app",
        "environment": [{"name": "STATSD_HOST", "value": "elsewhere"}, {"name": "MODE", "value": "prod"}],
        "secrets": [{"name": "DD_AGENT_HOST", "valueFrom": "arn"}],
        "dependsOn": [{"containerName": "init", "condition": "SUCCESS"}],
    }

    document, notices = inject(_fargate(app), _IMAGE)

    found = _containers(document)["app"]
    assert found["environment"][:2] == app["environment"]
    assert "DD_AGENT_HOST" not in _environment(found)
    assert [each["containerName"] for each in found["dependsOn"]] == ["init", NAME]
    assert [notice.split(";")[0] for notice in notices] == [
        "container app keeps its own DD_AGENT_HOST",
        "container app keeps its own STATSD_HOST",
    ]


def test_firelens_router_keeps_its_port() -> None:
    """In one network the sidecar takes another; the router itself is no app."""
    router = {"name": "router", "image": "fluent-bit", "firelensConfiguration": {"type": "fluentbit"}}

    document, notices = inject(_fargate({"name": "app"}, router), _IMAGE)

    assert _containers(document)["router"] == router
    assert _environment(_containers(document)[NAME])["TASKSCOPE_FLUENT_PORT"] == "24225"
    assert any("127.0.0.1:24225" in notice for notice in notices)
    bridged = inject(_definition({"name": "app"}, router), _IMAGE).document
    assert "TASKSCOPE_FLUENT_PORT" not in _environment(_containers(bridged)[NAME])


def test_ports_that_are_taken_are_told() -> None:
    """The X-Ray daemon that the sidecar replaces is still there."""
    daemon = {"name": "xray-daemon", "portMappings": [{"containerPort": 2000, "protocol": "udp"}]}

    notices = inject(_fargate({"name": "app"}, daemon), _IMAGE).notices

    assert "container xray-daemon has port 2000, which the sidecar listens on: remove one of them" in notices


def test_task_without_a_role_is_told() -> None:
    """The sidecar's calls to AWS are made in the task's name."""
    document = _fargate()
    del document["taskRoleArn"]

    assert any("task role" in notice for notice in inject(document, _IMAGE).notices)


def test_recorded_answer_becomes_an_input_that_keeps_everything_else() -> None:
    """What DescribeTaskDefinition adds is left out; all that a definition says stays, tags included."""
    answer = json.loads(_DESCRIBED.read_text()) | {"tags": [{"key": "team", "value": "shop"}]}
    before = copy.deepcopy(answer)

    document = inject(answer, _IMAGE).document

    assert answer == before
    definition = answer["taskDefinition"]
    assert {"taskDefinitionArn", "revision", "status", "registeredAt"}.isdisjoint(document)
    assert document["tags"] == answer["tags"]
    for name in document.keys() - {"tags", "containerDefinitions", "volumes"}:
        assert document[name] == definition[name]
    for each in definition["containerDefinitions"]:
        changed = _containers(document)[each["name"]]
        assert {name: changed[name] for name in each.keys() - {"environment", "dependsOn", "links"}} == {
            name: each[name] for name in each.keys() - {"environment", "dependsOn", "links"}
        }


_names = st.sampled_from(["STATSD_HOST", "MODE", "AWS_XRAY_DAEMON_ADDRESS"])
_variables = st.fixed_dictionaries({"name": _names, "value": st.text()})
_app: dict[str, st.SearchStrategy[Any]] = {"name": st.sampled_from(["app", "web", "job"]), "image": st.just("shop")}
_app_options: dict[str, st.SearchStrategy[Any]] = {
    "environment": st.lists(_variables, max_size=2, unique_by=lambda each: each["name"]),
    "essential": st.booleans(),
    "links": st.just(["db"]),
    "firelensConfiguration": st.just({"type": "fluentbit"}),
}
_apps = st.fixed_dictionaries(_app, optional=_app_options)
_task: dict[str, st.SearchStrategy[Any]] = {
    "family": st.just("shop"),
    "containerDefinitions": st.lists(_apps, min_size=1, max_size=3, unique_by=lambda each: each["name"]),
}
_task_options: dict[str, st.SearchStrategy[Any]] = {
    "networkMode": st.sampled_from(["awsvpc", "bridge", "host"]),
    "requiresCompatibilities": st.sampled_from([["EC2"], ["FARGATE"], ["EXTERNAL"], ["EC2", "FARGATE"]]),
    "memory": st.just("512"),
    "volumes": st.just([{"name": "data"}]),
}
_definitions = st.fixed_dictionaries(_task, optional=_task_options)


@given(_definitions)
def test_second_time_changes_nothing(definition: dict[str, Any]) -> None:
    """Whatever the definition, and whether the image is named again or not."""
    once = inject(definition, _IMAGE).document

    assert inject(once, _IMAGE).document == once
    assert inject(once, Sidecar()).document == once


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "no task definition"),
        ({"family": "shop", "containerDefinitions": []}, "no task definition"),
        ({"family": "shop", "containerDefinitions": ["app"]}, "no task definition"),
        (_definition(networkMode="none"), "networkMode 'none'"),
        (_definition(runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}), "WINDOWS_SERVER"),
    ],
)
def test_what_can_have_no_sidecar_is_refused(document: dict[str, Any], message: str) -> None:
    """With the reason."""
    with pytest.raises(UsageError, match=message):
        inject(document, _IMAGE)


def test_image_has_to_be_known() -> None:
    """There is none that every account could pull."""
    with pytest.raises(UsageError, match="image of the sidecar"):
        inject(_definition(), Sidecar())
