"""``taskscope discover``: where Prometheus finds the exporters of running tasks."""

import signal
import threading
from pathlib import Path
from typing import Any, Final

import click

from taskscope import ports
from taskscope.aws.session import Account
from taskscope.cli.discover.file import keep_file, write_atomically
from taskscope.cli.discover.options import PauseType, read_addresses
from taskscope.cli.discover.rounds import Rounds
from taskscope.cli.options import aws_options
from taskscope.clock import SECOND, system_clock
from taskscope.errors import UsageError
from taskscope.sources.discovery.look import Discovery
from taskscope.sources.discovery.wanted import METRICS_PATH, PATH_LABEL, PORT_LABEL, Wanted

_PORT: Final = click.IntRange(1, 65_535)
_FILE: Final = "file_sd"
_HTTP: Final = "http_sd"


@click.command()
@click.option("--cluster", "clusters", multiple=True, metavar="CLUSTER", help="Name or ARN; may be given again.")
@click.option("--service", "services", multiple=True, metavar="SERVICE", help="Only tasks of this service.")
@click.option("--output", type=click.Choice([_FILE, _HTTP]), default=_FILE, show_default=True, help="Which of the two.")
@click.option("--port", type=_PORT, default=ports.EXPORTER, show_default=True, help="The exporter's container port.")
@click.option("--container", default="", metavar="NAME", help="The exporter's container, mapped port or not.")
@click.option("--port-label", default=PORT_LABEL, show_default=True, help="Docker label that tells another port.")
@click.option("--path", default=METRICS_PATH, show_default=True, help="Where the exporter has its metrics.")
@click.option("--path-label", default=PATH_LABEL, show_default=True, help="Docker label that tells another path.")
@click.option(
    "--external-address",
    "addresses",
    multiple=True,
    metavar="ID=ADDRESS",
    callback=read_addresses,
    help="Address of a machine (mi-…), where AWS has none or another.",
)
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="file_sd: replace this file at once.")
@click.option("--watch", type=PauseType(), help="file_sd: look again after so many seconds, until stopped.")
@click.option("--listen", default="127.0.0.1", show_default=True, help="http_sd: address to listen on.")
@click.option(
    "--listen-port", type=click.IntRange(0, 65_535), default=ports.DISCOVERY, show_default=True, help="http_sd: port."
)
@click.option("--refresh", type=PauseType(), default="30", show_default=True, help="http_sd: ask AWS no more often.")
@aws_options
@click.pass_context
def discover(
    context: click.Context,
    /,
    account: Account,
    *,
    output: str,
    file: Path | None,
    watch: int | None,
    listen: str,
    listen_port: int,
    refresh: int,
    **wanted: Any,
) -> None:
    """
    Find the exporters of running tasks: targets and labels for Prometheus, as a file that file_sd reads, or served over
    HTTP as http_sd asks for them.

    An exporter's container has the port mapped, or the docker label, or is named by --container. Why a task is left out
    is said on stderr.
    """
    _check(context, output, file, watch)
    rounds = Rounds(Discovery(account, Wanted(**wanted)), _say)
    if output == _HTTP:
        _serve(rounds, listen, listen_port, refresh)
    elif file is None:
        click.echo(rounds.look(), nl=False)
    elif watch is None:
        write_atomically(file, rounds.look())
    else:
        ended = _ended()
        keep_file(file, rounds, pause=lambda: ended.wait(watch / SECOND), say=_say)


def _check(context: click.Context, output: str, file: Path | None, watch: int | None) -> None:
    """
    Refuse options that do not go together.

    Raises:
        UsageError: Some do not.
    """
    if not context.params["clusters"]:
        raise UsageError("no cluster is named", hint="give --cluster, as often as needed")
    if watch is not None and file is None and output == _FILE:
        raise UsageError("--watch needs a file to keep up to date", hint="give --file, or --output http_sd")
    given = {
        name for name in context.params if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    }
    foreign = given & ({"file", "watch"} if output == _HTTP else {"listen", "listen_port", "refresh"})
    if foreign:
        names = ", ".join(sorted(f"--{name.replace('_', '-')}" for name in foreign))
        raise UsageError(f"{names} is not for --output {output}")


def _say(line: str) -> None:
    click.echo(f"taskscope: {line}", err=True)


def _ended() -> threading.Event:
    """Return what is set when the process is told to end."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    return ended


def _serve(rounds: Rounds, listen: str, port: int, refresh: int) -> None:
    from taskscope.cli.discover.server import Targets, TargetServer  # noqa: PLC0415 (--help needs no HTTP server)
    from taskscope.sockets import listen_tcp  # noqa: PLC0415 (likewise)

    with listen_tcp(listen, port, flag="--listen-port") as listening:
        targets = Targets(rounds, fresh_ns=refresh, clock=system_clock)
        server = TargetServer(listening, targets)
        thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        host, bound = listening.getsockname()[:2]
        _say(f"targets are at http://{f'[{host}]' if ':' in host else host}:{bound}/targets")
        if not server.is_local:
            _say("whoever reaches this address can read names and addresses of the tasks")
        ended = _ended()
        targets.first()
        ended.wait()
        server.shutdown()
        thread.join()
