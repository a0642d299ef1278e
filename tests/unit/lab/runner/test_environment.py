"""The environment of a container."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.lab.runner.environment import (
    agent_environment,
    definition_environment,
    machine_environment,
    parse_environment_file,
    shared_port_environment,
)
from taskscope.lab.runner.failures import StartFailure
from taskscope.lab.runner.ports import Binding


def test_only_named_variables_of_this_machine_pass() -> None:
    """Our Python comes first in PATH, the home is the task's, profiles are out of sight."""
    environment = machine_environment({"PATH": "/bin", "TZ": "UTC", "AWS_PROFILE": "x", "TOKEN": "y"}, Path("/home/t"))

    assert environment == {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/bin",
        "TZ": "UTC",
        "HOME": "/home/t",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_the_agent_says_where_the_metadata_is() -> None:
    """Versions 3 and 4 by URL, the kind of compute, and the region, whatever that of the lab is."""
    environment = agent_environment(
        endpoint="http://h", token="t", fargate=False, runtime_id="0123456789abcdef", region="eu-west-1"
    )

    assert environment["ECS_CONTAINER_METADATA_URI_V4"] == "http://h/v4/t"
    assert environment["ECS_CONTAINER_METADATA_URI"] == "http://h/v3/t"
    assert environment["AWS_EXECUTION_ENV"] == "AWS_ECS_EC2"
    assert environment["HOSTNAME"] == "0123456789ab"
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_collectors_of_the_task_are_named_where_ports_are_not_their_own() -> None:
    """Only what a container of the task maps is named; OTLP by HTTP is preferred."""
    own = [Binding(80, 40_080, "127.0.0.1"), Binding(81, 40_081, "127.0.0.1")]
    sidecar = [Binding(port, 40_000 + port, "127.0.0.1") for port in (2000, 4317, 4318)]

    ports = {"PORT": "40080", "PORT_80": "40080", "PORT_81": "40081"}
    assert shared_port_environment([], []) == {}
    assert shared_port_environment(own, own) == ports
    assert shared_port_environment(own, own + sidecar[1:2]) == ports | {
        "PORT_4317": "44317",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:44317",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
    }
    assert shared_port_environment(own, own + sidecar) == ports | {
        "PORT_2000": "42000",
        "PORT_4317": "44317",
        "PORT_4318": "44318",
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:42000",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:44318",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    }


def test_a_sidecar_finds_its_neighbour_where_tasks_share_a_network() -> None:
    """A container without ports of its own learns the free port that stands for another one's."""
    assert shared_port_environment([], [Binding(8080, 40_081, "127.0.0.1")]) == {"PORT_8080": "40081"}


def test_a_definition_sets_files_then_environment_then_secrets(tmp_path: Path) -> None:
    """The later ones win."""
    (tmp_path / "a.env").write_text("# said\nA=file\nB=file\n\nC=x=y\nnonsense\n")
    definition = {
        "environmentFiles": [{"value": "file:a.env", "type": "s3"}],
        "environment": [{"name": "B", "value": "given"}, {"name": "EMPTY"}],
        "secrets": [{"name": "S", "valueFrom": "arn:s"}],
    }

    found = definition_environment(definition, {"arn:s": "hush"}, folder=tmp_path)

    assert found == {"A": "file", "B": "given", "C": "x=y", "EMPTY": "", "S": "hush"}


@pytest.mark.parametrize(
    ("definition", "words"),
    [
        ({"secrets": [{"name": "S", "valueFrom": "arn:none"}]}, "unable to pull secrets or registry auth.*arn:none"),
        ({"environmentFiles": [{"value": "arn:aws:s3:::b/x.env"}]}, "failed to download env files.*local files only"),
        ({"environmentFiles": [{"value": "file:none.env"}]}, r"failed to download env files.*none\.env"),
    ],
)
def test_what_cannot_be_had_fails_the_start(definition: dict[str, Any], words: str, tmp_path: Path) -> None:
    """The reason begins as AWS's does and names the thing."""
    with pytest.raises(StartFailure, match=f"^ResourceInitializationError: {words}"):
        definition_environment(definition, {}, folder=tmp_path)


NAMES = st.text(alphabet="ABCXYZ_", min_size=1, max_size=8)
VALUES = st.text(alphabet="abc =#/", max_size=12).map(str.strip)


@given(st.dictionaries(NAMES, VALUES))
def test_an_environment_file_gives_back_what_was_written(variables: dict[str, str]) -> None:
    """NAME=VALUE for each, whatever is in the value."""
    text = "".join(f"{name}={value}\n" for name, value in variables.items())

    assert parse_environment_file(text) == variables
