"""`taskscope healthcheck`: an exit code that ECS understands."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from taskscope.app.processes.folders import Folders
from taskscope.app.processes.lock import lock_folder, write_owner
from taskscope.cli.sidecar.healthcheck import healthcheck
from taskscope.errors import TaskscopeError, UnreachableError, UsageError

_OWN: dict[str, str | None] = dict.fromkeys(("TASKSCOPE_LISTEN", "TASKSCOPE_HEALTH_PORT", "TASKSCOPE_DATA_DIR"))


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
    return CliRunner().invoke(healthcheck, ["--health-port", str(port), *arguments], env={**_OWN, **env})


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
        assert CliRunner().invoke(healthcheck, [], env={**_OWN, **given}).exit_code == 0


@pytest.mark.parametrize("by_flag", [True, False])
def test_the_collector_of_a_data_directory_is_found_whatever_its_port(tmp_path: Path, by_flag: bool) -> None:  # noqa: FBT001 (a parameter of the table)
    """By flag, or by the variable that the collector itself has."""
    folders = Folders(tmp_path)
    arguments = ["--data-dir", str(tmp_path)] if by_flag else []
    env = _OWN if by_flag else {**_OWN, "TASKSCOPE_DATA_DIR": str(tmp_path)}
    with lock_folder(folders), _health(200, b'{"status": "ok", "problems": []}') as port:
        write_owner(folders, "", health=f"http://127.0.0.1:{port}")
        result = CliRunner().invoke(healthcheck, arguments, env=env)

    assert (result.exit_code, result.output) == (0, "ok\n")


def test_nobody_on_the_data_directory_that_was_asked_for_is_not_well(tmp_path: Path) -> None:
    """Exit code 5, with the folder: another collector may have the usual port."""
    result = CliRunner().invoke(healthcheck, ["--data-dir", str(tmp_path)], env=_OWN)

    assert isinstance(result.exception, UnreachableError)
    assert f"no collector runs on {tmp_path}" in result.exception.message


def test_a_port_wins_over_the_variable_of_the_data_directory(tmp_path: Path) -> None:
    """And where nobody runs on it, the usual address is asked."""
    with _health(200, b'{"status": "ok", "problems": []}') as port:
        assert _run(port, TASKSCOPE_DATA_DIR=str(tmp_path)).exit_code == 0
        env = {**_OWN, "TASKSCOPE_HEALTH_PORT": str(port), "TASKSCOPE_DATA_DIR": str(tmp_path)}
        assert CliRunner().invoke(healthcheck, [], env=env).exit_code == 0


@pytest.mark.parametrize("option", [["--health-port", "1"], ["--host", "::1"]])
def test_a_data_directory_and_an_address_are_one_too_many(tmp_path: Path, option: list[str]) -> None:
    """Which of them is meant cannot be known."""
    result = CliRunner().invoke(healthcheck, ["--data-dir", str(tmp_path), *option], env=_OWN)

    assert isinstance(result.exception, UsageError)
