"""
What the pages show of a running server is what it does.

A block of ``console`` lines after ``<!-- runs against: a server -->`` is run, in its order, against a
``taskscope serve`` of its own; ports of the page are those of that server, where it has others.
"""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from taskscope import ports
from tests.e2e.collect.collector import Collector

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "docs" / "serve.md", ROOT / "docs" / "import.md", ROOT / "docs" / "metrics.md")

_BLOCK = re.compile(r"<!-- runs against: a server -->\s*\n```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_PATIENCE_SECONDS = 15
"""For commands that wait first: on a busy machine what was sent takes longer until it can be asked for."""
_PORTS = {"xray": ports.XRAY, "http": ports.OTLP_HTTP, "health": ports.HEALTH, "api": ports.API}


def _steps(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command, which goes on to the end of its last quotation, and what it prints."""
    for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = step.splitlines(keepends=True)
        length = next(count for count in range(1, len(lines) + 1) if _is_whole("".join(lines[:count])))
        yield "".join(lines[:length]), "".join(lines[length:])


def _is_whole(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def _at(server: Collector, text: str) -> str:
    for name, port in _PORTS.items():
        text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{server.ports[name]}")
    return text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_shows_what_a_server_does(page: Path, tmp_path: Path) -> None:
    """Each block that says so; a line ``…`` stands for any number of lines."""
    blocks = _BLOCK.findall(page.read_text(encoding="utf-8"))
    assert blocks
    with Collector(tmp_path) as server:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {"PATH": path, "HOME": str(tmp_path), "TZ": "UTC", "TASKSCOPE_DATA_DIR": str(server.data)}
        for command, expected in (step for block in blocks for step in _steps(block)):
            pattern = re.escape(expected.rstrip("\n")).replace("…\\\n", "(?:.*\n)*")
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while not re.fullmatch(pattern, printed := _run(_at(server, command), environment).rstrip("\n")):
                assert time.monotonic() < deadline and command.startswith("sleep "), f"$ {command}prints\n{printed}"  # noqa: PT018


def _run(command: str, environment: Mapping[str, str]) -> str:
    ended = subprocess.run(
        ["bash", "-c", command], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    return ended.stdout + ended.stderr


def test_a_command_goes_on_to_the_end_of_its_quotation() -> None:
    """And what follows is what it prints."""
    assert list(_steps("$ echo 'a\nb'\na\nb\n$ true\n")) == [("echo 'a\nb'\n", "a\nb\n"), ("true\n", "")]
