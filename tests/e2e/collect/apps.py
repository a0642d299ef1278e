"""Client programs as processes of their own: SDKs change the whole process that they are set up in."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import clean_environment

_CLIENTS: Final = Path(__file__).parent / "clients"


def run_app(name: str, collector: Collector, environment: Mapping[str, str] | None = None) -> Any:
    """Run a program of ``clients`` with the variables that the collector tells apps to set; return what it printed."""
    done = subprocess.run(
        [sys.executable, _CLIENTS / f"{name}.py"],
        env=clean_environment({**collector.app_environment, **(environment or {})}),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None
