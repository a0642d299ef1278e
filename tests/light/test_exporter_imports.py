"""The exporter is a sidecar: what it loads is memory of the user's task."""

import json
import subprocess
import sys

_SCRAPE = """
import json, sys, urllib.request
from taskscope.exporter.addresses import Address
from taskscope.exporter.config import ExporterConfig
from taskscope.exporter.metrics.families import SETS
from taskscope.exporter.mock.endpoint import mock_endpoint
from taskscope.exporter import command, run
import taskscope.exporter.server.listener as listener

started = []
begin = listener.Listener.start
listener.Listener.start = lambda self: (begin(self), started.append(self))

def scrape():
    port = started[-1].server_address[1]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert b"taskscope_exporter_up 1.0" in answer.read()

with mock_endpoint(0, None, flag="--mock-port") as endpoint:
    run.serve(ExporterConfig(Address("127.0.0.1", 0), endpoint, SETS), scrape)
print(json.dumps(list(sys.modules)))
"""
_HEAVY = {
    "asyncio", "boto3", "botocore", "httpx", "msgspec", "multiprocessing", "numpy", "psutil", "rich", "starlette",
    "taskscope.app", "taskscope.aws.sdk", "taskscope.aws.session", "taskscope.client", "taskscope.query",
    "taskscope.serving", "taskscope.store", "urllib3", "uvicorn",
}  # fmt: skip


def _loaded(code: str, *arguments: str) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    return set(json.loads(ended.stdout.splitlines()[-1]))


def _third_party(modules: set[str]) -> set[str]:
    found = {each.partition(".")[0] for each in modules} - set(sys.stdlib_module_names) - {"taskscope", "__main__"}
    return {each for each in found if not each.startswith(("_", "sitecustomize", "distutils-precedence"))}


def test_a_scrape_loads_click_and_prometheus_client_only() -> None:
    """No SDK, no event loop, no server but the standard library's; YAML and bcrypt come with a web configuration."""
    modules = _loaded(_SCRAPE)

    assert _third_party(modules) == {"click", "prometheus_client"}
    assert modules & _HEAVY == set()


def test_the_mock_needs_no_extra() -> None:
    """Its command loads click, and to run it the standard library."""
    modules = _loaded(
        "import json, sys\n"
        "import taskscope.exporter.mock.command, taskscope.exporter.mock.endpoint\n"
        "print(json.dumps(list(sys.modules)))"
    )

    assert _third_party(modules) == {"click"}
    assert modules & _HEAVY == set()
