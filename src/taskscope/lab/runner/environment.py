"""The environment of a container: a few variables of this machine, the lab's, and those of the task definition."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from taskscope.lab.runner.failures import resource_initialization
from taskscope.lab.runner.ports import Binding

ALLOWED: Final = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TERM", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""All that a container sees of the environment that the lab was started in: no credentials, no settings of AWS."""

_OTLP: Final = ((4317, "grpc"), (4318, "http/protobuf"))
"""OTLP's ports; where a task maps both, the second is taken: every SDK speaks it."""
_NOWHERE: Final = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""So that an SDK in a container does not find the user's profiles, nor the role of the machine below."""


def machine_environment(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return what a container sees of this machine. The folder of our Python comes first in its ``PATH``."""
    kept = {name: environ[name] for name in ALLOWED if name in environ}
    own = str(Path(sys.executable).parent)
    kept["PATH"] = os.pathsep.join([own, kept.get("PATH", os.defpath)])
    return {**kept, **_NOWHERE, "HOME": str(home)}


def agent_environment(*, endpoint: str, token: str, fargate: bool, runtime_id: str, region: str) -> dict[str, str]:
    """Return what the ECS agent gives to every container; the region is what Fargate adds to it."""
    return {
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "ECS_CONTAINER_METADATA_URI_V4": f"{endpoint}/v4/{token}",
        "ECS_CONTAINER_METADATA_URI": f"{endpoint}/v3/{token}",
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE" if fargate else "AWS_ECS_EC2",
        "HOSTNAME": runtime_id[:12],
    }


def shared_port_environment(own: Iterable[Binding], every: Iterable[Binding]) -> dict[str, str]:
    """
    Return where to listen and where the rest of the task listens, for a network that all tasks share.

    ``PORT`` is the container's own first port, ``PORT_8080`` the free one that stands for port 8080 of the task.
    """
    by_container_port = {binding.container_port: binding.host_port for binding in every}
    first = next(iter(own), None)
    found = {"PORT": str(first.host_port)} if first else {}
    found.update({f"PORT_{number}": str(port) for number, port in by_container_port.items()})
    if 2000 in by_container_port:  # noqa: PLR2004  # the X-Ray daemon's port
        found["AWS_XRAY_DAEMON_ADDRESS"] = f"127.0.0.1:{by_container_port[2000]}"
    for port, protocol in _OTLP:
        if port in by_container_port:
            found["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{by_container_port[port]}"
            found["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol
    return found


def definition_environment(
    definition: Mapping[str, Any], secrets: Mapping[str, str], *, folder: Path
) -> dict[str, str]:
    """
    Return what the container definition sets: files, then ``environment``, then ``secrets``.

    Raises:
        StartFailure: A file cannot be read or is not local, or a secret has no value.
    """
    found: dict[str, str] = {}
    for entry in definition.get("environmentFiles") or []:
        found.update(_read_file(entry.get("value", ""), folder))
    found.update({entry["name"]: entry.get("value", "") for entry in definition.get("environment") or []})
    for entry in definition.get("secrets") or []:
        if entry["valueFrom"] not in secrets:
            raise resource_initialization(
                "unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve "
                f"secret from asm: ResourceNotFoundException: the lab has no value for {entry['valueFrom']}"
            )
        found[entry["name"]] = secrets[entry["valueFrom"]]
    return found


def parse_environment_file(text: str) -> dict[str, str]:
    """Read lines of ``NAME=VALUE``; empty lines and those that begin with ``#`` say nothing."""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, equals, value in pairs if equals}


def _read_file(value: str, folder: Path) -> dict[str, str]:
    if not value.startswith("file:"):
        raise resource_initialization(
            f"failed to download env files: {value}: the lab reads local files only, written as file:PATH"
        )
    try:
        return parse_environment_file((folder / value.removeprefix("file:")).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise resource_initialization(f"failed to download env files: {error}") from error
