"""``taskscope healthcheck``: whether the collector on this machine is well, as an exit code for ECS."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from taskscope import ports
from taskscope.client.find import find_health
from taskscope.errors import TaskscopeError, UnreachableError, UsageError

_TIMEOUT_SECONDS: Final = 3.0
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (compared, not bound)
"""Who listens on every address is asked on loopback."""
_STATES: Final = ("ok", "degraded", "failing")


@click.command()
@click.option(
    "--health-port",
    type=click.IntRange(1, 65_535),
    default=ports.HEALTH,
    show_default=True,
    envvar="TASKSCOPE_HEALTH_PORT",
    show_envvar=True,
    help="Port of the health answer on this machine.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="TASKSCOPE_LISTEN",
    show_envvar=True,
    help="Address of the health answer.",
)
@click.option(
    "--data-dir",
    metavar="FOLDER",
    envvar="TASKSCOPE_DATA_DIR",
    show_envvar=True,
    help="Ask the collector that runs on this folder, whatever its address.",
)
@click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="One line, or the whole answer.",
)
@click.pass_context
def healthcheck(context: click.Context, health_port: int, host: str, data_dir: str | None, output: str) -> None:
    """
    Say whether the collector is well: exit code 0, else 1 or 5.

    A collector whose sinks take nothing is `degraded` and still well: what comes is kept, and a restart would not help.
    """
    said = {name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if found := _found(data_dir, said):
        host, health_port = found
    host = _EVERYWHERE.get(host, host)
    where = f"[{host}]:{health_port}" if ":" in host else f"{host}:{health_port}"
    document = _ask(host, health_port, where)
    click.echo(json.dumps(document) if output == "json" else "; ".join([document["status"], *document["problems"]]))
    if document["status"] == "failing":
        raise TaskscopeError(f"the collector at {where} is not well")


def _found(data_dir: str | None, said: Collection[str]) -> tuple[str, int] | None:
    """
    Return the address of the collector on the data directory; None where the usual address is to be asked.

    Raises:
        UsageError: Both a data directory and an address are given.
        UnreachableError: No collector runs on the data directory that is given; the variable alone is a hint only.
    """
    has_address = not {"health_port", "host"}.isdisjoint(said)
    if "data_dir" in said and has_address:
        raise UsageError("--data-dir and --health-port or --host: the collector is found by one of them")
    if not data_dir or has_address:
        return None
    folder = Path(data_dir).expanduser().absolute()
    found = urlsplit(find_health(folder) or "")
    if found.hostname and found.port:
        return found.hostname, found.port
    if "data_dir" in said:
        raise UnreachableError(f"no collector runs on {folder}", hint="is it running, and is --data-dir right?")
    return None


def _ask(host: str, port: int, where: str) -> dict[str, Any]:
    """
    Return the health document, whatever its status code.

    Raises:
        UnreachableError: Nothing answers, or something else.
    """
    import http.client  # noqa: PLC0415 (not for --help; and no proxy, which urllib would ask)

    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz")
        document = json.loads(connection.getresponse().read())
    except OSError as error:
        reason = error.strerror or error
        raise UnreachableError(f"no collector answers at {where}: {reason}", hint="is it running?") from None
    except (ValueError, http.client.HTTPException):
        document = None
    finally:
        connection.close()
    if not isinstance(document, dict) or document.get("status") not in _STATES or "problems" not in document:
        raise UnreachableError(f"what answers at {where} is no collector", hint="is --health-port right?")
    return document
