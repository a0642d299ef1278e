"""Finds out what this machine can do, makes a runner of it, and undoes everything."""

import asyncio
import itertools
import os
import string
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from taskscope.clock import Clock, system_clock
from taskscope.lab.logs.api import LogWriter
from taskscope.lab.runner import cgroup_v1, cgroup_v2
from taskscope.lab.runner.bridge import open_bridge
from taskscope.lab.runner.cgroup import Limits, NoLimits
from taskscope.lab.runner.images import ImageCatalog
from taskscope.lab.runner.iproute import IpError
from taskscope.lab.runner.kit import Kit, LabEnvironment
from taskscope.lab.runner.metadata import Metadata
from taskscope.lab.runner.metadata_server import MetadataServer, listen_on_loopback
from taskscope.lab.runner.network import Network, SharedNetwork
from taskscope.lab.runner.ports import PortPool
from taskscope.lab.runner.preparation import home_folder
from taskscope.lab.runner.runner import LocalRunner
from taskscope.lab.temporary import remove_left_folders, temporary_folder

_LETTERS: Final[Iterator[str]] = map(
    "".join, itertools.chain(string.ascii_lowercase, itertools.product(string.ascii_lowercase, repeat=2))
)
"""Tell apart the runners of one process."""


@asynccontextmanager
async def open_runner(
    *,
    logs: LogWriter,
    environment: LabEnvironment,
    images: ImageCatalog | None = None,
    clock: Clock = system_clock,
    say: Callable[[str], None] = print,
    folder: Path | None = None,
    time_scale: float = 1.0,
    isolate: bool = True,
) -> AsyncIterator[LocalRunner]:
    """
    Make a runner with all that this machine allows; at the end its tasks are killed and everything it made is removed.

    Args:
        logs: Where the lines of ``awslogs`` containers go.
        environment: Gives the lab's variables for every container.
        images: What the simulated registries answer.
        clock: Gives the times of log lines and metadata.
        say: Takes one-line notices for people.
        folder: Where containers run; by default the present folder.
        time_scale: Multiplies every time of a task definition.
        isolate: Whether ``awsvpc`` tasks get network namespaces, where that is possible, and memory limits.
    """
    name = next(_LETTERS)
    async with AsyncExitStack() as stack:
        limits: Limits = NoLimits()
        if isolate:
            limits = await asyncio.to_thread(open_limits, f"taskscope-{os.getpid()}{name}")
        stack.push_async_callback(asyncio.to_thread, limits.close)
        metadata = Metadata(clock)
        server = MetadataServer(metadata.answer)
        stack.push_async_callback(server.close)
        listening = listen_on_loopback()
        await server.serve(listening, "127.0.0.1")
        endpoint = f"http://127.0.0.1:{listening.getsockname()[1]}"
        network = await _open_network(f"ts{os.getpid()}{name}", server, endpoint, isolate=isolate)
        stack.push_async_callback(network.close)
        await asyncio.to_thread(remove_left_folders)
        homes = home_folder(stack.enter_context(temporary_folder()))
        homes.parent.chmod(0o711)
        kit = Kit(
            logs=logs,
            images=images or ImageCatalog(),
            network=network,
            limits=limits,
            metadata=metadata,
            environment=environment,
            clock=clock,
            say=say,
            folder=folder or Path.cwd(),
            homes=homes,
            ports=PortPool(),
            time_scale=time_scale,
        )
        runner = LocalRunner(kit, capabilities=[limits.sentence, *network.sentences])
        stack.push_async_callback(runner.close)
        yield runner


def open_limits(name: str) -> Limits:
    """Return the control groups of this machine: version 1 with a writable memory hierarchy, else 2, else none."""
    return cgroup_v1.open_limits(name) or cgroup_v2.open_limits(name) or NoLimits()


async def _open_network(name: str, server: MetadataServer, endpoint: str, *, isolate: bool) -> Network:
    """Return a bridge with namespaces, or else the network of this machine with the reason."""
    if not isolate:
        return SharedNetwork(endpoint, "that was asked for")
    shared = SharedNetwork(endpoint, "as their network mode says")
    try:
        return await open_bridge(name, shared=shared, serve=server.serve, unserve=server.unserve)
    except (IpError, OSError) as error:
        return SharedNetwork(endpoint, str(error))
