"""``taskscope mock-metadata``: the mock of the task metadata endpoint alone."""

from pathlib import Path

import click

from taskscope import ports
from taskscope.aws.task_metadata import VARIABLE
from taskscope.exporter.signals import signals_held


@click.command("mock-metadata")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=ports.MOCK_METADATA, show_default=True, help="0 takes a free one."
)
@click.option("--listen", "host", default="127.0.0.1", show_default=True, metavar="HOST", help="Address to listen on.")
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="Answer with the task.json and stats.json of this folder.  [default: a made-up task of Fargate]",
)  # fmt: skip
def mock_metadata(port: int, host: str, data: Path | None) -> None:
    """
    Answer as a task's metadata endpoint does, with what never changes; Ctrl-C stops it.

    Prints the line to export on stdout.
    """
    from taskscope.exporter.mock.endpoint import mock_endpoint  # noqa: PLC0415 (not for --help)

    with signals_held() as wait, mock_endpoint(port, data, flag="--port", host=host) as base:
        click.echo(f"export {VARIABLE}={base}")
        wait()
