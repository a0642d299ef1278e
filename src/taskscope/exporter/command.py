"""``taskscope exporter``: container metrics of the own task for Prometheus."""

import contextlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from taskscope import ports
from taskscope.errors import UsageError
from taskscope.exporter.addresses import find_address
from taskscope.exporter.config import ExporterConfig, find_endpoint
from taskscope.exporter.log import ADDITIONAL, FORMATS, LEVELS, start_log
from taskscope.exporter.metrics.families import COMPAT, MODERN
from taskscope.exporter.mock.endpoint import mock_endpoint
from taskscope.exporter.run import serve
from taskscope.exporter.signals import signals_held

_SETS: Final[Mapping[str, frozenset[str]]] = {
    "compat": frozenset({COMPAT}),
    "modern": frozenset({MODERN}),
    "both": frozenset({COMPAT, MODERN}),
}
_PORT: Final = click.IntRange(0, 65_535)


@click.command()
@click.option("--port", type=_PORT, help=f"Port to listen on; 0 takes a free one.  [default: $PORT, {ports.EXPORTER}]")
@click.option(
    "--listen", "--web.listen-address", "listen", default="", metavar="ADDRESS",
    help="Address to listen on: HOST, HOST:PORT or :PORT.  [default: 0.0.0.0]",
)  # fmt: skip
@click.option(
    "--web.telemetry-path", "telemetry_path", default="/metrics", show_default=True, help="Path of the metrics."
)
@click.option(
    "--web.config.file", "web_config", type=click.Path(path_type=Path), metavar="FILE",
    help="TLS and basic authentication, as exporters have them (docs/exporter.md).",
)  # fmt: skip
@click.option(
    "--web.disable-exporter-metrics", "without_own", is_flag=True, help="Leave out what the exporter says of itself."
)
@click.option(
    "--endpoint", metavar="URL",
    help="Task metadata endpoint.  [default: $ECS_CONTAINER_METADATA_URI_V4, $ECS_CONTAINER_METADATA_URI]",
)  # fmt: skip
@click.option(
    "--metrics", "sets", type=click.Choice(list(_SETS)), default="both", show_default=True,
    help="The names of ecs-task-metadata-exporter, conventional ones, or both.",
)  # fmt: skip
@click.option("--mock", is_flag=True, help="Export made-up data: a mock endpoint runs along.")
@click.option(
    "--mock-data", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="Likewise, with the task.json and stats.json of this folder.",
)  # fmt: skip
@click.option(
    "--mock-port",
    type=_PORT,
    default=ports.MOCK_METADATA,
    show_default=True,
    help="Port of the mock; 0 takes a free one.",
)
@click.option(
    "--log.level", "level", type=click.Choice(list(LEVELS)), default="info", show_default=True, help="What is logged."
)
@click.option(
    "--log.format", "form", type=click.Choice(FORMATS), default="json", show_default=True, help="Form of log lines."
)
def exporter(
    port: int | None,
    listen: str,
    telemetry_path: str,
    web_config: Path | None,
    endpoint: str | None,
    sets: str,
    mock_data: Path | None,
    mock_port: int,
    level: str,
    form: str,
    *,
    without_own: bool,
    mock: bool,
) -> None:
    """
    Export the container metrics of the own task to Prometheus: a sidecar.

    Reads the task metadata endpoint at each scrape of /metrics. Ctrl-C and SIGTERM stop it.
    """
    start_log(sys.stderr, level=level, form=form, additional=os.environ.get(ADDITIONAL, ""))
    address = find_address(listen, port, os.environ.get("PORT", ""))
    if (mock := mock or mock_data is not None) and endpoint:
        raise UsageError("--endpoint and --mock exclude each other", hint="the mock is an endpoint of its own")
    with contextlib.ExitStack() as running:
        wait = running.enter_context(signals_held())
        if mock:
            endpoint = running.enter_context(mock_endpoint(mock_port, mock_data, flag="--mock-port"))
        config = ExporterConfig(
            address=address,
            endpoint=find_endpoint(endpoint, os.environ),
            sets=_SETS[sets],
            telemetry_path=telemetry_path,
            web_config=web_config,
            has_own_metrics=not without_own,
        )
        serve(config, wait)
