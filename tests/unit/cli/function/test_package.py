"""``taskscope lambda package``."""

import base64
import hashlib
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from taskscope.cli.function.package import lambda_group
from taskscope.errors import UsageError


def _package(path: Path) -> str:
    done = CliRunner().invoke(lambda_group, ["package", "-o", str(path)], catch_exceptions=False, standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.output


def test_package_says_what_it_wrote(tmp_path: Path) -> None:
    """The command prints path, size and the hash under Lambda's name, all of the file on disk."""
    path = tmp_path / "function.zip"

    output = _package(path)

    content = path.read_bytes()
    assert output.splitlines() == [
        str(path),
        f"Size        {len(content)} bytes",
        f"CodeSha256  {base64.b64encode(hashlib.sha256(content).digest()).decode()}",
        "Handler     taskscope.handler.task_stopped",
    ]
    assert zipfile.is_zipfile(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["function.zip"]


def test_package_replaces_an_archive(tmp_path: Path) -> None:
    """A zip that is there already gives way, and the bytes are the same as before."""
    path = tmp_path / "function.zip"
    _package(path)
    before = path.read_bytes()

    _package(path)

    assert path.read_bytes() == before


def test_package_does_not_overwrite_something_else(tmp_path: Path) -> None:
    """A file that is no zip stays as it is."""
    path = tmp_path / "notes.txt"
    path.write_text("mine")

    with pytest.raises(UsageError, match=r"notes\.txt exists and is no zip archive"):
        _package(path)

    assert path.read_text() == "mine"


def test_package_says_where_it_cannot_write(tmp_path: Path) -> None:
    """A folder that does not exist is a usage error."""
    with pytest.raises(UsageError, match="cannot be written: No such file"):
        _package(tmp_path / "missing" / "function.zip")
