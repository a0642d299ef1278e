"""The archive: what is in it, and that it runs alone."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from taskscope.cli.function.archive import build_archive, import_closure
from taskscope.errors import TaskscopeError
from taskscope.lab.functions.packages import link_packages

_ALONE = """
import sys
sys.path.insert(0, sys.argv[1])
from taskscope.handler import task_stopped
print(task_stopped({"detail-type": "Something Else", "detail": {}}))
print(*sorted(name for name in sys.modules if name.startswith("taskscope")))
"""

_IMPORT = """
import importlib, sys
sys.path[:0] = sys.argv[1:3]
for name in sys.argv[3:]:
    importlib.import_module(name)
"""


def test_archive_holds_the_handler_and_nothing_of_the_command_line() -> None:
    """The handler's modules are in the archive, those of commands, lab and console are not, and it is small."""
    archive = build_archive()

    names = zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert {"taskscope/__init__.py", "taskscope/handler/__init__.py", "taskscope/aws/ecs.py"} <= set(names)
    assert not [name for name in names if name.startswith(("taskscope/cli", "taskscope/lab", "taskscope/render/table"))]
    assert len(archive) < 200_000


def test_same_sources_give_the_same_bytes() -> None:
    """Built twice, the archive is the same: sorted, with one time and one mode for all, not compressed."""
    archive = build_archive()

    assert archive == build_archive()
    members = zipfile.ZipFile(io.BytesIO(archive)).infolist()
    assert [member.filename for member in members] == sorted(member.filename for member in members)
    assert {member.date_time for member in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {(member.external_attr >> 16, member.compress_type) for member in members} == {
        (0o100644, zipfile.ZIP_STORED)
    }


def test_handler_runs_from_the_archive_alone(tmp_path: Path) -> None:
    """With only the standard library beside it, the handler imports and reads an event, without loading an AWS SDK."""
    path = tmp_path / "function.zip"
    path.write_bytes(build_archive())

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _ALONE, str(path)], capture_output=True, text=True, check=True
    )

    answer, modules = done.stdout.splitlines()
    assert answer == "{'told': 0, 'batchItemFailures': []}"
    assert "taskscope.handler.entry" in modules


def test_every_module_of_the_archive_can_be_imported(tmp_path: Path) -> None:
    """With boto3 beside it, as in Lambda, no module of the archive lacks one that was left out."""
    path = tmp_path / "function.zip"
    path.write_bytes(build_archive())
    link_packages(tmp_path / "packages")
    modules = sorted(import_closure("taskscope.handler"))

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _IMPORT, str(path), str(tmp_path / "packages"), *modules],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_module_that_needs_more_than_the_runtime_is_refused() -> None:
    """An archive that would lack a package is not built; the message names module and package."""
    with pytest.raises(TaskscopeError, match=r"taskscope\.render\.table needs rich"):
        import_closure("taskscope.render.table")


def test_imports_inside_functions_count() -> None:
    """A module that is imported on first use is needed too."""
    closure = import_closure("taskscope.handler")

    assert "taskscope.sources.timeline" in closure
    assert "taskscope" in closure
