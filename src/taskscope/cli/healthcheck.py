"""``taskscope healthcheck``: whether the collector on this machine is well, as an exit code for ECS."""

import json
import urllib.error
import urllib.request
from typing import Any

import click

from taskscope import ports
from taskscope.errors import TaskscopeError, UnreachableError

_TIMEOUT_SECONDS = 3.0


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
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the health answer.")
@click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="One line, or the whole answer.",
)
def healthcheck(health_port: int, host: str, output: str) -> None:
    """
    Say whether the collector is well: exit code 0, else 1 or 5.

    A collector whose sinks take nothing is `degraded` and still well: what comes is kept, and a restart would not help.
    """
    url = f"http://{host}:{health_port}/healthz"
    document = _ask(url)
    click.echo(json.dumps(document) if output == "json" else "; ".join([document["status"], *document["problems"]]))
    if document["status"] == "failing":
        raise TaskscopeError(f"the collector at {url} is not well")


def _ask(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 (http by construction)
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)
    except (OSError, ValueError) as error:
        cause = getattr(error, "reason", error)
        reason = getattr(cause, "strerror", None) or cause
        raise UnreachableError(f"no collector answers at {url}: {reason}", hint="is it running?") from None
