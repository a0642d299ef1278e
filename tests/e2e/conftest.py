"""What end-to-end tests share: the commands as a user calls them, against an embedded AWS."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

Run: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]

GOLDEN = Path(__file__).parents[1] / "fixtures" / "golden"


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the caller's AWS settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TASKSCOPE_", "TRACER_"))}
    return {**kept, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "TZ": "UTC", **extra}


@pytest.fixture
def run() -> Run:
    """
    Give ``run(program, *arguments, env=…)``: calls ``taskscope`` or ``tracer`` in a process of its own and returns what
    it printed; the caller's AWS settings do not reach it.
    """

    def call(program: str, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        script = Path(sys.executable).parent / program
        return subprocess.run(
            [script, *arguments],
            env=clean_environment(env or {}),
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    return call


@pytest.fixture
def golden() -> Path:
    """Give the folder of the recorded tasks."""
    return GOLDEN
