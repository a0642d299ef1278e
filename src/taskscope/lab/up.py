"""The process of ``taskscope lab up``: runs the embedded AWS until it is asked to end."""

import asyncio
import contextlib
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from taskscope.lab.client.connection import DEFAULT_REGION
from taskscope.lab.embedded import EmbeddedAws
from taskscope.lab.signals import take_signals
from taskscope.lab.state_file import RecordedState, read_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the command line says."""

    port: int
    states: tuple[Path, ...]
    latency_seconds: float
    stopped_task_ttl_seconds: float
    region: str | None
    account: str


async def serve(settings: Settings) -> None:
    """
    Run until SIGINT, SIGTERM or SIGHUP (but not under nohup), which are the normal end.

    Raises:
        UsageError: A state cannot be loaded, or the port is taken.
    """
    states = [read_state(file) for file in settings.states]
    ended = asyncio.Event()
    for number in take_signals():
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    aws = EmbeddedAws(
        port=settings.port,
        account=settings.account,
        region=settings.region or common_region(states),
        latency=settings.latency_seconds,
        stopped_task_ttl=settings.stopped_task_ttl_seconds,
        states=states,
        say=_say,
    )
    async with aws:
        for line in introduction(aws.url, aws.capabilities, states):
            _say(line)
        server = {"TASKSCOPE_SERVER": aws.server_url} if aws.server_url else {}
        for line in exports(aws.environment | server):
            click.echo(line)
        _say("ready; Ctrl-C stops it")
        await ended.wait()
        _say("stopping tasks ...")
    _say("stopped")


def common_region(states: Sequence[RecordedState]) -> str:
    """Return the region that all states were recorded in, so that the exported variables find them; else the usual."""
    regions = {state.region for state in states}
    return regions.pop() if len(regions) == 1 else DEFAULT_REGION


def introduction(url: str, capabilities: Iterable[str], states: Iterable[RecordedState]) -> list[str]:
    """Return what is said before the lab is ready."""
    lines = [
        f"embedded AWS at {url}",
        "a development tool, for programs of this machine only: loopback and the lab's own bridge, any credentials fit",
        *(f"- {sentence}" for sentence in capabilities),
    ]
    for state in states:
        clock = state.clock.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        lines += [
            f"loaded: {state.title or state.task_id} ({state.region})",
            f"  taskscope trace {shlex.quote(state.cluster)} {state.task_id} --region {state.region} --now {clock}",
        ]
    return lines


def exports(environment: dict[str, str]) -> list[str]:
    """Return the lines for a POSIX shell that point AWS clients to the lab."""
    return [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]


def _say(line: str) -> None:
    """Write a line to stderr. A reader that has gone (``| tee`` hears Ctrl-C too) keeps the lab from nothing."""
    with contextlib.suppress(BrokenPipeError):
        click.echo(line, err=True)
