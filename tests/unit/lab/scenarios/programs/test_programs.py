"""The sample programs as plain processes, without a lab."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from taskscope.lab.scenarios.catalog import PROGRAMS
from taskscope.model.span import SpanKind
from taskscope.wire.otlp.json_traces import decode_traces_json


@contextmanager
def running(program: str, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start a program with both its outputs in one pipe; kill it at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-u", str(PROGRAMS / program), *arguments],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], part: str) -> list[str]:
    """Return the lines of a program up to the one that has this part."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if part in line:
            return lines
    raise AssertionError(f"{part!r} has not come: {lines}")


def finish(program: str, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run a program to its end; return its exit code and output."""
    with running(program, *arguments, **environment) as process:
        output, _ = process.communicate(timeout=20)
        return process.returncode, output


def free_port() -> str:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return str(taken.getsockname()[1])


def test_the_shop_answers_and_drains() -> None:
    """It logs each request, and SIGTERM ends it with 0."""
    port = free_port()
    with running("web.py", PORT=port) as shop:
        read_until(shop, f"listening on port {port}")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/products/1", timeout=5) as answer:
            assert b"kettle" in answer.read()
        assert finish("probe.py", "/healthz", PORT=port) == (0, "")
        shop.send_signal(signal.SIGTERM)
        lines = read_until(shop, "drained")
        assert shop.wait(5) == 0

    assert '"GET /products/1" 200' in lines[0]


def test_the_health_check_says_why_it_fails() -> None:
    """A shop without database connections answers 503, and the probe ends with 1 and a line."""
    port = free_port()
    with running("web.py", PORT=port, POOL_LASTS_SECONDS="0") as shop:
        read_until(shop, "listening")
        code, output = finish("probe.py", "/healthz", PORT=port)

    assert code == 1
    assert "503" in output


def test_the_health_check_fails_where_nothing_listens() -> None:
    """A refused connection is a failed check."""
    code, output = finish("probe.py", "/healthz", PORT=free_port())

    assert code == 1
    assert "refused" in output


def test_a_release_without_its_setting_ends_with_a_traceback() -> None:
    """The name of the missing setting is in the log."""
    code, output = finish("web.py", PORT=free_port(), TAXES="on")

    assert code == 1
    assert "KeyError: 'TAX_SERVICE_URL'" in output


def test_payments_give_up_after_three_attempts() -> None:
    """Each attempt is a line, the last has a traceback."""
    code, output = finish("payments.py", DATABASE_ADDRESS=f"127.0.0.1:{free_port()}")

    assert code == 1
    assert "attempt 3 of 3" in output
    assert "ConnectionRefusedError" in output


def test_recommendations_end_themselves_where_no_limit_holds() -> None:
    """The program never takes more than it was allowed to."""
    code, output = finish("recommendations.py", LOAD_AT_MOST_MIB="16")

    assert code == 1
    assert "MemoryError: 16 MiB" in output


def test_the_mailer_hears_sigterm_and_goes_on() -> None:
    """Only SIGKILL ends it."""
    with running("mailer.py") as mailer:
        read_until(mailer, "newsletter 1 ")
        mailer.send_signal(signal.SIGTERM)
        read_until(mailer, "going on until it is")
        read_until(mailer, "newsletter")
        mailer.kill()
        assert mailer.wait(5) == -signal.SIGKILL


@pytest.mark.parametrize(("part", "last", "lines"), [("fetch", "all 160 orders", 12), ("write", "156 invoices", 162)])
def test_the_parts_of_the_batch_job_end_with_0(part: str, last: str, lines: int) -> None:
    """The number of lines is the same in every run."""
    code, output = finish("invoices.py", part)

    assert code == 0
    assert last in output.splitlines()[-1]
    assert len(output.splitlines()) == lines


def test_the_watcher_of_the_batch_job_ends_on_sigterm() -> None:
    """It reports the load until then."""
    with running("invoices.py", "watch") as watcher:
        read_until(watcher, "load")
        watcher.send_signal(signal.SIGTERM)
        assert watcher.wait(5) == 0


def test_traffic_visits_the_port_it_is_told_and_summarises() -> None:
    """A summary says how the requests ended."""
    port = free_port()
    with running("web.py", PORT=port) as shop:
        read_until(shop, "listening")
        with running("traffic.py", PORT_8080=port) as traffic:
            lines = read_until(traffic, "requests in")
            traffic.send_signal(signal.SIGTERM)
            assert traffic.wait(5) == 0

    assert f"on their way to http://127.0.0.1:{port}" in lines[0]
    assert "x 200" in lines[-1]


class Otlp(BaseHTTPRequestHandler):
    """Takes OTLP over HTTP, and keeps the bodies."""

    bodies: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        """Keep the body."""
        assert self.path == "/v1/traces"
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base class)
        """Say nothing."""


def test_the_emitter_logs_each_trace_that_the_collector_has_taken() -> None:
    """A server's span and a client's below it, by OTLP's JSON; the id begins with the time, as X-Ray wants it."""
    port, collector = free_port(), ThreadingHTTPServer(("127.0.0.1", 0), Otlp)
    thread = threading.Thread(target=collector.serve_forever, args=(0.01,))
    thread.start()
    address = f"http://127.0.0.1:{collector.server_port}"
    try:
        with (
            running("web.py", PORT=port) as shop,
            running("trace_emitter.py", PORT_8080=port, OTEL_EXPORTER_OTLP_ENDPOINT=address) as emitter,
        ):
            read_until(shop, "listening")
            lines = read_until(emitter, "GET /basket 200")
            emitter.send_signal(signal.SIGTERM)
            assert emitter.wait(5) == 0
    finally:
        collector.shutdown()
        thread.join()
        collector.server_close()

    root, child = sorted(decode_traces_json(Otlp.bodies[-1]).rows, key=lambda span: span.parent_span_id)
    assert f"trace {root.trace_id.hex()}: GET /basket 200" in lines[-1]
    assert abs(int(root.trace_id.hex()[:8], 16) - time.time()) < 60
    assert (child.trace_id, child.parent_span_id) == (root.trace_id, root.span_id)
    assert (root.kind, child.kind) == (SpanKind.SERVER, SpanKind.CLIENT)
    assert root.start_ns <= child.start_ns <= child.end_ns <= root.end_ns
    assert dict(root.resource.attributes)["service.name"] == "aws-otel-emitter"


def test_the_emitter_goes_on_without_collector_and_web_server() -> None:
    """It says both, and logs no trace."""
    address = f"http://127.0.0.1:{free_port()}"
    with running("trace_emitter.py", PORT_8080=free_port(), OTEL_EXPORTER_OTLP_ENDPOINT=address) as emitter:
        lines = read_until(emitter, "has not taken a trace")
        emitter.send_signal(signal.SIGTERM)
        emitter.wait(5)

    assert any("Connection refused" in line for line in lines)
    assert not any(" trace " in line and ": GET" in line for line in lines)


def test_the_counter_is_sent_once_a_second_and_printed() -> None:
    """What is printed has been sent, line by line."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        with running("statsd_emitter.py", PORT_8125=str(receiver.getsockname()[1])) as emitter:
            lines = read_until(emitter, "number 2")
            received = [receiver.recv(100) for _ in lines]
            emitter.send_signal(signal.SIGTERM)
            assert emitter.wait(5) == 0

    assert lines == [f"statsdTestMetric:1|c number {number}\n" for number in (1, 2)]
    assert received == [b"statsdTestMetric:1|c\n"] * 2


def test_taskscopes_image_listens_where_the_lab_says() -> None:
    """The free port that stands for one of its own, on loopback; what the task definition sets wins."""
    handed, given = free_port(), free_port()
    shared = finish("taskscope_image.py", "healthcheck", PORT_13133=handed)
    chosen = finish("taskscope_image.py", "healthcheck", PORT_13133=handed, TASKSCOPE_HEALTH_PORT=given)

    assert f"no collector answers at 127.0.0.1:{handed}: " in shared[1]
    assert f"no collector answers at 127.0.0.1:{given}: " in chosen[1]
    assert (shared[0], chosen[0]) == (5, 5)
