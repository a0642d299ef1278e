"""The commands as a user calls them: start, log, end, and what is wrong."""

import json
import shutil
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import Run

from .process import MOCK, TASKSCOPE, exporter, running

_FIXTURES = Path(__file__).parents[2] / "fixtures" / "tmde"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it(number: signal.Signals, code: int) -> None:
    """With the exit code of its kind, and no traceback; scrapes are answered until then."""
    with exporter(*MOCK) as process:
        assert "taskscope_exporter_up 1.0\n" in process.get().body
        assert process.end(number) == code

    assert [json.loads(each)["msg"] for each in process.err if each] == [
        "listening",
        "the task's metadata are read",
        "stopping",
    ]


def test_pages_are_where_exporters_have_them() -> None:
    """Metrics, health, and a page that leads there."""
    with exporter(*MOCK, "--web.telemetry-path", "/probe") as process:
        statuses = {
            path: process.get(path).status for path in ("/", "/probe", "/-/healthy", "/-/ready", "/health", "/metrics")
        }
        assert process.end() == 0

    assert statuses.pop("/metrics") == 404
    assert set(statuses.values()) == {200}


def test_promtool_finds_nothing_in_the_live_modern_set() -> None:
    """With what the exporter says of itself."""
    if (promtool := shutil.which("promtool")) is None:
        pytest.skip("promtool is not installed: the live text is not checked (Debian package prometheus)")
    with exporter(*MOCK, "--metrics", "modern") as process:
        process.get()
        text = process.get().body
        assert process.end() == 0
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)

    assert "process_resident_memory_bytes" in text
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_what_is_exported_can_be_chosen() -> None:
    """The names of the replaced exporter alone."""
    with exporter(*MOCK, "--metrics", "compat", "--web.disable-exporter-metrics") as process:
        body = process.get().body
        assert process.end() == 0

    names = {line.partition("{")[0] for line in body.splitlines() if not line.startswith("#")}
    assert names == {
        "ecs_container_mem_usage_bytes",
        "ecs_container_mem_max_usage_bytes",
        "ecs_container_mem_limit_bytes",
        "ecs_container_cpu_usage",
        "ecs_container_exporter_up",
    }


def test_recorded_data_are_exported() -> None:
    """Of a folder with two files."""
    folder = _FIXTURES / "fargate-just-started"
    with exporter("--mock-data", str(folder), "--mock-port", "0") as process:
        body = process.get().body
        missing = process.line("statistics are missing")["containers"]
        assert process.end() == 0

    task = json.loads((folder / "task.json").read_text())
    assert task["TaskARN"] in body
    assert missing == [each["Name"] for each in task["Containers"]]
    assert "taskscope_exporter_up 0.0\n" in body


def test_variables_say_endpoint_port_and_fields() -> None:
    """Those of ECS, and those of the replaced exporter."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running("mock-metadata", "--port", "0") as mock:
        assert mock.process.stdout is not None
        name, _, base = mock.process.stdout.readline().strip().removeprefix("export ").partition("=")
        variables = {name: base, "PORT": str(port), "ADDITIONAL_LOG_FIELDS": '{"team": "payments"}'}
        with running("exporter", env=variables) as process:
            listening = process.line("listening")
            assert "taskscope_exporter_up 1.0\n" in process.get().body
            assert process.end() == 0
        assert mock.end(signal.SIGINT) == 130

    assert name == "ECS_CONTAINER_METADATA_URI_V4"
    assert (listening["address"], listening["endpoint"], listening["team"]) == (f"0.0.0.0:{port}", base, "payments")


def test_wrong_fields_are_one_warning() -> None:
    """And the exporter runs."""
    with exporter(*MOCK, "--log.format", "logfmt", env={"ADDITIONAL_LOG_FIELDS": "{"}) as process:
        while "msg=listening" not in "\n".join(process.err):
            assert process.process.poll() is None
        assert process.end() == 0

    assert [line for line in process.err if "level=warn" in line] == [process.err[0]]
    assert "variable=ADDITIONAL_LOG_FIELDS" in process.err[0]


def test_mock_alone_answers_like_the_endpoint() -> None:
    """For other programs that read it."""
    with running("mock-metadata", "--port", "0", "--data", str(_FIXTURES / "v3")) as mock:
        assert mock.process.stdout is not None
        base = mock.process.stdout.readline().strip().partition("=")[2]
        with urllib.request.urlopen(f"{base}/task", timeout=10) as answer:  # noqa: S310 (of the mock's line)
            assert json.load(answer) == json.loads((_FIXTURES / "v3" / "task.json").read_text())
        assert mock.end() == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["exporter"], "no task metadata endpoint is known"),
        (["exporter", "--endpoint", "x"], "'x' is no address of a task metadata endpoint"),
        (["exporter", "--endpoint", "http://x", "--mock"], "--endpoint and --mock exclude each other"),
        (["exporter", "--mock-data", "nowhere", "--mock-port", "0"], "nowhere/task.json cannot be read"),
        (["exporter", *MOCK, "--listen", "a:b"], "--listen 'a:b' is no address"),
        (["exporter", *MOCK, "--web.config.file", "nowhere.yml"], "nowhere.yml cannot be read"),
        (["mock-metadata", "--listen", "192.0.2.1"], "cannot be had"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(run: Run, arguments: list[str], said: str) -> None:
    """Exit code 2, no traceback."""
    ended = run("taskscope", *arguments, env={"ECS_CONTAINER_METADATA_URI_V4": "", "ECS_CONTAINER_METADATA_URI": ""})

    assert ended.returncode == 2
    assert said in ended.stderr.splitlines()[0]
    assert "Traceback" not in ended.stderr


def test_ports_in_use_are_said_with_their_flag(run: Run) -> None:
    """The exporter's, and the mock's."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        exporters = run("taskscope", "exporter", *MOCK, "--listen", f"127.0.0.1:{port}")
        mocks = run("taskscope", "exporter", "--mock", "--mock-port", port)

    assert [each.returncode for each in (exporters, mocks)] == [2, 2]
    assert "choose another with --port" in exporters.stderr
    assert "choose another with --mock-port" in mocks.stderr


def test_log_that_nobody_reads_stops_nothing() -> None:
    """As when the reader of a pipe has gone."""
    with subprocess.Popen(
        [TASKSCOPE, "exporter", "--listen", "127.0.0.1:0", *MOCK], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        port = int(json.loads(process.stderr.readline())["address"].rpartition(":")[2])
        process.stderr.close()
        for _ in range(2):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
                assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
