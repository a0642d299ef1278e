"""stdout and stderr as scripts leave them: closed, full, narrow in their encoding, or with a reader that goes away."""

import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from taskscope.lab.threaded import ThreadedAws
from tests.e2e.conftest import clean_environment
from tests.e2e.trace.conftest import Load
from tests.e2e.trace.incident import CLUSTER, incident, ms

TASKSCOPE = Path(sys.executable).parent / "taskscope"


@pytest.fixture(scope="module")
def task(load: Load) -> str:
    """Give a task with more lines than a pipe holds."""
    task_id = uuid.uuid4().hex
    load(incident(task_id, {"api": [(ms(12), f"line {number} ünïcödé") for number in range(5_000)]}))
    return task_id


def shell(aws: ThreadedAws, script: str, **env: str) -> tuple[int, str, str]:
    """Run a line of bash; return its exit code, stdout and stderr."""
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}"],
        env=clean_environment({**aws.environment, **env}),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("buffering", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("form", ["text", "json", "table"])
def test_a_reader_that_goes_away_is_no_error(
    form: str, buffering: dict[str, str], task: str, recorded: ThreadedAws
) -> None:
    """`taskscope trace … | head -1` prints a line, nothing on stderr, and ends with 0."""
    assert shell(recorded, f"{TASKSCOPE} trace {CLUSTER} {task} --all -o {form} | head -1 | wc -l", **buffering) == (
        0,
        "1\n",
        "",
    )


def test_closed_streams_swallow_what_is_written(task: str, recorded: ThreadedAws) -> None:
    """A closed stdout or stderr changes nothing about the other."""
    assert shell(recorded, f"{TASKSCOPE} trace {CLUSTER} {task} --all >&-") == (0, "", "")
    code, printed, _ = shell(recorded, f"{TASKSCOPE} trace {CLUSTER} {task} --all 2>&-")
    assert (code, printed.count("\n")) == (0, 5_000 + 11)


def test_a_full_disk_is_told_in_one_line(task: str, recorded: ThreadedAws) -> None:
    """What cannot be written ends with 1 and says why."""
    for command in (f"trace {CLUSTER} {task} --all", "--version"):
        code, _, told = shell(recorded, f"{TASKSCOPE} {command} > /dev/full")
        assert (code, told.count("\n")) == (1, 1)
        assert "No space left on device" in told


def test_an_encoding_without_umlauts_gets_escapes(task: str, recorded: ThreadedAws) -> None:
    """In the C locale without UTF-8 the text form stays UTF-8, the table writes escapes; neither breaks."""
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    text = shell(recorded, f"{TASKSCOPE} trace {CLUSTER} {task} --all | tail -3", **locale)
    table = shell(recorded, f"{TASKSCOPE} trace {CLUSTER} {task} --all -o table | tail -30", **locale)

    assert (text[0], table[0]) == (0, 0)
    assert r"\xfcn\xefc" in table[1]
