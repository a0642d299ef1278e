"""`taskscope healthcheck`: an exit code that ECS understands."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner, Result

from taskscope.cli.healthcheck import healthcheck
from taskscope.errors import TaskscopeError, UnreachableError


@contextmanager
def _health(status: int, body: bytes) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer."""
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the library's name)
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def _run(port: int, *arguments: str, **env: str) -> Result:
    # The variable of a developer's shell must not lead the test elsewhere.
    given: dict[str, str | None] = {"TASKSCOPE_LISTEN": None, "TASKSCOPE_HEALTH_PORT": None, **env}
    return CliRunner().invoke(healthcheck, ["--health-port", str(port), *arguments], env=given)


@pytest.mark.parametrize(
    ("state", "problems", "said"),
    [("ok", [], "ok\n"), ("degraded", ["xray takes nothing"], "degraded; xray takes nothing\n")],
)
def test_who_keeps_what_comes_is_well(state: str, problems: list[str], said: str) -> None:
    """A sink that takes nothing is no reason to start the task again."""
    with _health(200, json.dumps({"status": state, "problems": problems}).encode()) as port:
        result = _run(port)

    assert (result.exit_code, result.output) == (0, said)


def test_who_fails_is_not() -> None:
    """Exit code 1, with the reason."""
    with _health(503, b'{"status": "failing", "problems": ["store is not running"]}') as port:
        result = _run(port)

    assert isinstance(result.exception, TaskscopeError)
    assert result.exception.exit_code == 1
    assert "store is not running" in result.output


def test_json_is_the_document_itself() -> None:
    """For scripts."""
    document = {"status": "ok", "problems": [], "spool_bytes": 7}
    with _health(200, json.dumps(document).encode()) as port:
        assert json.loads(_run(port, "--output", "json").output) == document


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"status": "fine", "problems": []}', b'{"status": "ok"}']
)
def test_another_program_on_the_port_is_no_collector(body: bytes) -> None:
    """Exit code 5, whatever it answers."""
    with _health(200, body) as port:
        result = _run(port)

    assert isinstance(result.exception, UnreachableError)
    assert result.exception.exit_code == 5


def test_nothing_on_the_port_is_not_well() -> None:
    """Exit code 5, with the address."""
    with _health(200, b"") as port:
        pass

    result = _run(port)
    assert isinstance(result.exception, UnreachableError)
    assert f"127.0.0.1:{port}" in result.exception.message


@pytest.mark.parametrize("listen", ["0.0.0.0", "127.0.0.1"])  # noqa: S104 (asked, not bound)
def test_the_variables_of_the_task_lead_to_its_collector(listen: str) -> None:
    """The check runs in the collector's container: its settings are its own."""
    with _health(200, b'{"status": "ok", "problems": []}') as port:
        given = {"TASKSCOPE_LISTEN": listen, "TASKSCOPE_HEALTH_PORT": str(port)}
        assert CliRunner().invoke(healthcheck, [], env=given).exit_code == 0
