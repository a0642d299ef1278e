"""The sidecar loads nothing of the API: its memory is the user's."""

import subprocess
import sys

_ROLES = ("event_queue", "container_stats", "consumers", "fluent", "otlp", "xray_tcp", "datagrams")
_HEAVY = ("fastapi", "pydantic", "lark", "botocore", "chdb", "clickhouse_connect", "taskscope.api", "taskscope.query")


def test_no_role_of_collect_loads_the_api() -> None:
    """Nor what is behind it."""
    modules = ", ".join(f"taskscope.app.roles.{each}" for each in _ROLES)
    program = f"import sys, taskscope.app.collect, taskscope.app.processes.event_loop, {modules}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    ).stdout.split()

    assert [each for each in loaded if each.startswith(_HEAVY)] == []
