"""
What Taskscope's own images start (deploy/image/Dockerfile), for a lab, in which an image is only a name.

Arguments are those of `taskscope`. Where tasks share the machine's network, another port stands for each port that the
container maps, which the lab says in PORT_2000 and so on: there it listens, and on loopback only.
"""

import os
import sys
from pathlib import Path

from taskscope import ports

_PORTS = {
    "TASKSCOPE_XRAY_PORT": ports.XRAY,
    "TASKSCOPE_OTLP_GRPC_PORT": ports.OTLP_GRPC,
    "TASKSCOPE_OTLP_HTTP_PORT": ports.OTLP_HTTP,
    "TASKSCOPE_STATSD_PORT": ports.STATSD,
    "TASKSCOPE_FLUENT_PORT": ports.FLUENT,
    "TASKSCOPE_HEALTH_PORT": ports.HEALTH,
    "TASKSCOPE_PORT": ports.API,
}


def variables() -> dict[str, str]:
    """Return the variables that the image, or the lab's network, sets; those of the task definition win."""
    handed = {name: os.environ[f"PORT_{port}"] for name, port in _PORTS.items() if f"PORT_{port}" in os.environ}
    address = "127.0.0.1" if handed else "0.0.0.0"  # noqa: S104 (in a network of the task's own)
    return {"TASKSCOPE_DATA_DIR": str(Path.home() / "taskscope"), "TASKSCOPE_LISTEN": address, **handed, **os.environ}


def main() -> None:
    """Become `taskscope`."""
    line = [sys.executable, "-m", "taskscope", *sys.argv[1:]]
    os.execve(sys.executable, line, variables())  # noqa: S606 (no shell is meant)


if __name__ == "__main__":
    main()
