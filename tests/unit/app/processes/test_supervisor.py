"""Child processes: small shell scripts stand for them."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest

from taskscope.app.processes import supervisor
from taskscope.app.processes.plan import Plan
from taskscope.app.processes.supervisor import Child, StartError, stop_all
from taskscope.counters import Counters

MakeChild: TypeAlias = Callable[[str], Child]
_NEVER = threading.Event()


@pytest.fixture
def counters() -> Counters:
    """Give counters in memory."""
    return Counters()


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counters: Counters) -> Iterator[MakeChild]:
    """Give a factory of children that run a script; all have ended when the test has."""
    made: list[Child] = []
    with (tmp_path / "mark").open("w") as mark:

        def child(script: str) -> Child:
            program = tmp_path / "program"
            program.write_text(f"#!/bin/sh\ncd '{tmp_path}'\n{script}\n")
            program.chmod(0o700)
            monkeypatch.setattr("taskscope.app.processes.supervisor.sys.executable", str(program))
            made.append(Child(Plan("otlp-0", ("otlp",), str(tmp_path)), counters, mark.fileno()))
            return made[-1]

        yield child
        stop_all(made, time.monotonic() + 5)


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _has(counters: Counters, restarts: int) -> bool:
    return counters.value("restarts.otlp-0") == restarts


_WORK = "read -r plan; echo ready; cat >/dev/null"


def test_a_child_gets_its_plan_and_ends_when_it_is_told(make: MakeChild, tmp_path: Path) -> None:
    """Its stdin is the plan, and its end."""
    child = make(f'read -r plan; echo "$plan" >plan; {_WORK.removeprefix("read -r plan; ")}; echo over >over')
    child.start()
    assert child.wait_ready(_NEVER)
    assert child.is_up
    assert child.pid is not None

    assert stop_all([child], time.monotonic() + 5) == []
    assert json.loads((tmp_path / "plan").read_text())["name"] == "otlp-0"
    assert (tmp_path / "over").read_text() == "over\n"
    assert not child.is_up


def test_a_child_that_dies_is_started_again_and_counted(make: MakeChild, counters: Counters, tmp_path: Path) -> None:
    """However often; it is not up meanwhile."""
    child = make(f"echo x >>starts; {_WORK}")
    child.start()
    assert child.wait_ready(_NEVER)
    for number in (1, 2):
        assert child.pid is not None
        os.kill(child.pid, 9)
        _until(partial(_has, counters, number))
        _until(lambda: child.is_up)

    assert (tmp_path / "starts").read_text() == "x\n" * 3


def test_a_child_that_cannot_start_ends_the_start_with_its_own_exit_code(make: MakeChild, tmp_path: Path) -> None:
    """It has said why itself; it is not tried again."""
    child = make("echo x >>starts; exit 4")
    child.start()
    with pytest.raises(StartError) as caught:
        child.wait_ready(_NEVER)
    assert caught.value.exit_code == 4
    assert (tmp_path / "starts").read_text() == "x\n"


def test_a_child_that_cannot_start_again_is_tried_until_it_can(make: MakeChild, tmp_path: Path) -> None:
    """It was ready once: what keeps it from starting now may pass."""
    child = make(f"test -e fail && exit 3; {_WORK}")
    child.start()
    assert child.wait_ready(_NEVER)
    (tmp_path / "fail").touch()
    assert child.pid is not None
    first = child.pid
    os.kill(first, 9)
    _until(lambda: child.pid != first and not child.is_up)
    (tmp_path / "fail").unlink()
    _until(lambda: child.is_up)


def test_a_process_that_cannot_be_made_is_a_failed_start(make: MakeChild, tmp_path: Path) -> None:
    """As when no memory is left: the thread that watches it lives on."""
    child = make("exit 0")
    (tmp_path / "program").unlink()
    child.start()
    with pytest.raises(StartError):
        child.wait_ready(_NEVER)


def test_a_stop_during_the_start_is_not_kept_waiting(make: MakeChild) -> None:
    """A store that opens slowly does not delay SIGTERM, and the child learns of it as soon as it listens."""
    stopping = threading.Event()
    child = make("read -r plan; cat >/dev/null")
    child.start()
    threading.Timer(0.05, stopping.set).start()

    assert not child.wait_ready(stopping)
    assert stop_all([child], time.monotonic() + 5) == []


def test_a_child_that_takes_too_long_to_start_is_given_up(make: MakeChild, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its name."""
    monkeypatch.setattr(supervisor, "_READY_SECONDS", 0.05)
    child = make("cat >/dev/null")
    child.start()
    with pytest.raises(StartError, match="otlp-0 is not ready"):
        child.wait_ready(_NEVER)


def test_a_child_that_does_not_end_is_killed_at_the_deadline(make: MakeChild) -> None:
    """And named; its exec'd self ignores the end of stdin."""
    child = make("read -r plan; echo ready; exec sleep 60")
    child.start()
    assert child.wait_ready(_NEVER)

    assert stop_all([child], time.monotonic() + 0.05) == ["otlp-0"]


def test_what_a_child_prints_is_no_matter(make: MakeChild) -> None:
    """A library may write to stdout, and no text at that."""
    child = make(r"read -r plan; printf '\377\n'; echo ready; cat >/dev/null")
    child.start()
    assert child.wait_ready(_NEVER)


def test_stopping_what_never_started_is_no_mistake(make: MakeChild) -> None:
    """Another process may have failed before it."""
    child = make(_WORK)
    assert stop_all([child], time.monotonic() + 5) == []
