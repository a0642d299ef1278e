"""The shop's task definitions: each service with `taskscope collect` beside it, as `deploy/ecs` has it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

PORT: Final = 8080
_ROOT: Final = Path(__file__).parents[2]
_COLLECT: Final = (
    "exec taskscope collect --to xray --data-dir $HOME/collect --health-port 0 --xray-port ${PORT_2000:-2000} "
    "--otlp-grpc-port ${PORT_4317:-4317} --otlp-http-port ${PORT_4318:-4318}"
)
"""The variables have a value where tasks share a network, and get free ports from the lab."""


def service(name: str, *, region: str, environment: Mapping[str, str], mode: str) -> dict[str, Any]:
    """Return the definition of a service, in a network mode: a program of this folder, and its sidecar."""
    app = {
        **_container("app", name, region),
        "image": f"shop/{name}:1.4",
        "command": ["python3", "-m", f"examples.shop.{name.replace('-', '_')}"],
        "workingDirectory": str(_ROOT),
        "portMappings": [{"containerPort": PORT, "protocol": "tcp"}],
        "environment": [{"name": key, "value": value} for key, value in environment.items()],
        "dependsOn": [{"containerName": "taskscope", "condition": "HEALTHY"}],
    }
    return _definition(name, [app, _sidecar(name, region)], mode)


def traffic(*, region: str, environment: Mapping[str, str], mode: str) -> dict[str, Any]:
    """Return the definition of what sends orders."""
    sender = {
        **_container("traffic", "traffic", region),
        "image": "shop/traffic:1.4",
        "command": ["python3", "-m", "examples.shop.traffic"],
        "workingDirectory": str(_ROOT),
        "environment": [{"name": key, "value": value} for key, value in environment.items()],
    }
    return _definition("traffic", [sender], mode)


def _sidecar(name: str, region: str) -> dict[str, Any]:
    return {
        **_container("taskscope", name, region),
        "image": "taskscope",
        "essential": False,
        "command": ["sh", "-c", _COLLECT],
        "portMappings": [
            {"containerPort": 2000, "protocol": "udp"},
            {"containerPort": 4317, "protocol": "tcp"},
            {"containerPort": 4318, "protocol": "tcp"},
        ],
        "healthCheck": {
            "command": ["CMD-SHELL", "taskscope healthcheck --data-dir $HOME/collect"],
            "interval": 5,
            "timeout": 5,
            "retries": 5,
        },
    }


def _container(name: str, family: str, region: str) -> dict[str, Any]:
    return {
        "name": name,
        "essential": True,
        "stopTimeout": 5,
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": f"/shop/{family}",
                "awslogs-create-group": "true",
                "awslogs-region": region,
                "awslogs-stream-prefix": "shop",
            },
        },
    }


def _definition(family: str, containers: list[dict[str, Any]], mode: str) -> dict[str, Any]:
    return {
        "family": family,
        "networkMode": mode,
        "requiresCompatibilities": ["FARGATE" if mode == "awsvpc" else "EC2"],
        "cpu": "512",
        "memory": "1024",
        "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
        "containerDefinitions": containers,
    }
