"""``taskscope lambda package``: build the archive of the function that tells the story of every stopped task."""

import base64
import hashlib
import os
import tempfile
import zipfile
from pathlib import Path

import click

from taskscope.cli.function.archive import HANDLER, build_archive
from taskscope.errors import UsageError


@click.group("lambda")
def lambda_group() -> None:
    """Build the Lambda function's archive."""


@lambda_group.command()
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.zip",
    required=True,
    help="Where to write the archive; a zip that is there already is replaced.",
)
def package(path: Path) -> None:
    """
    Write the archive of the Lambda function that reports stopped tasks.

    It holds only what the function needs beside the Lambda runtime for Python, and the same version of Taskscope always
    gives the same bytes. Use it with the handler taskscope.handler.task_stopped; deploy/lambda has templates.
    """
    if path.exists() and not zipfile.is_zipfile(path):
        raise UsageError(f"{path} exists and is no zip archive", hint="give another name, or remove the file first")
    archive = build_archive()
    _write(path, archive)
    click.echo(f"{path}\nSize        {len(archive)} bytes")
    click.echo(f"CodeSha256  {base64.b64encode(hashlib.sha256(archive).digest()).decode()}\nHandler     {HANDLER}")


def _write(path: Path, content: bytes) -> None:
    """Put a file in place at once, so that no half-written archive is ever deployed."""
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
            part.write(content)
        Path(part.name).chmod(0o666 & ~_umask())
        Path(part.name).replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
