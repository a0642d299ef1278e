"""The sample programs as plain processes, without a lab."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from taskscope.lab.scenarios.catalog import PROGRAMS


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
