"""
What starts often starts light: exactly these modules are loaded, in a fresh interpreter.

The time that this saves is measured by ``benchmarks/startup.py``; a list of modules is the same on every machine.
"""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "asyncio", "boto3", "botocore", "http.client", "moto", "multiprocessing", "psutil", "rich", "socket", "ssl",
    "starlette", "urllib.request", "urllib3", "uvicorn",
}  # fmt: skip

HELP = {
    "taskscope",
    "taskscope.__main__",
    "taskscope.cli",
    "taskscope.cli.commands",
    "taskscope.cli.main",
    "taskscope.cli.streams",
    "taskscope.errors",
}

HANDLER = {
    "taskscope",
    "taskscope.aws",
    "taskscope.aws.ecs",
    "taskscope.aws.failures",
    "taskscope.aws.logs",
    "taskscope.aws.session",
    "taskscope.aws.sns",
    "taskscope.clock",
    "taskscope.config",
    "taskscope.config.times",
    "taskscope.errors",
    "taskscope.handler",
    "taskscope.handler.entry",
    "taskscope.handler.records",
    "taskscope.handler.settings",
    "taskscope.model",
    "taskscope.model.ecs",
    "taskscope.model.timeline",
    "taskscope.render",
    "taskscope.render.report",
    "taskscope.render.text",
    "taskscope.render.times",
    "taskscope.sources",
    "taskscope.sources.container_logs",
    "taskscope.sources.log_streams",
    "taskscope.sources.service_events",
    "taskscope.sources.task",
    "taskscope.sources.timeline",
}

_TELL = """
import sys
before = set(sys.modules)
sys.argv = {arguments}
try:
    {statement}
except SystemExit as end:
    assert not end.code, end.code
import json
print("\\n" + json.dumps(sorted(set(sys.modules) - before - {{"json"}})))
"""


def _loaded(statement: str, *arguments: str) -> set[str]:
    """Return the modules that a statement loads, beside those of the bare interpreter."""
    code = _TELL.format(arguments=["taskscope", *arguments], statement=statement)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    return set(json.loads(ended.stdout.splitlines()[-1]))


def _ours(modules: set[str]) -> set[str]:
    return {each for each in modules if each.partition(".")[0] == "taskscope"}


def _third_party(modules: set[str]) -> set[str]:
    return {each.partition(".")[0] for each in modules} - set(sys.stdlib_module_names) - {"taskscope"}


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["--version"]])
def test_help_loads_click_and_the_table_only(arguments: list[str]) -> None:
    """No command, no SDK, no event loop: the table names commands as text."""
    modules = _loaded("import taskscope.__main__; taskscope.__main__.main()", *arguments)

    assert _ours(modules) == HELP
    assert _third_party(modules) == {"click"}
    assert modules & HEAVY == set()


def test_help_of_trace_needs_no_sdk() -> None:
    """A command's own help, and a mistake on its command line, wait for nothing."""
    modules = _loaded("import taskscope.__main__; taskscope.__main__.main()", "trace", "--help")

    assert _third_party(modules) == {"click"}
    assert modules & HEAVY == set()


def test_help_of_logs_needs_no_sdk() -> None:
    """Its client of the store is of the standard library."""
    modules = _loaded("import taskscope.__main__; taskscope.__main__.main()", "logs", "--help")

    assert _third_party(modules) == {"click"}


def test_help_of_discover_needs_no_sdk() -> None:
    """Nor an HTTP server, which one of its two outputs is."""
    modules = _loaded("import taskscope.__main__; taskscope.__main__.main()", "discover", "--help")

    assert _third_party(modules) == {"click"}
    assert "http.server" not in modules


@pytest.mark.parametrize("arguments", [["enable", "--help"], ["enable", "tracing", "--help"]])
def test_help_of_enable_needs_no_sdk(arguments: list[str]) -> None:
    """Nor what predicts costs."""
    modules = _loaded("import taskscope.__main__; taskscope.__main__.main()", *arguments)

    assert _third_party(modules) == {"click"}
    assert not any(each.startswith("taskscope.sources") for each in modules)
    assert modules & HEAVY == set()


def test_version_of_tracer_needs_no_sdk() -> None:
    """The second console script is as light."""
    modules = _loaded("import taskscope.cli.task.tracer; taskscope.cli.task.tracer.main()", "-version")

    assert _third_party(modules) == {"click"}
    assert modules & HEAVY == set()


def test_handler_loads_the_standard_library_and_the_listed_modules_only() -> None:
    """What the function's archive holds; the SDK comes with its first call, from the Lambda runtime."""
    modules = _loaded("import taskscope.handler")

    assert _ours(modules) == HANDLER
    assert _third_party(modules) == set()
    assert modules & HEAVY == set()
