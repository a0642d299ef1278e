"""A network namespace for each task, joined by one bridge of the lab. There is no route to the outside."""

import asyncio
import contextlib
import fcntl
import ipaddress
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from socket import socket
from typing import Final, TypeAlias

from taskscope.lab.runner.bridge_leftovers import remove_leftovers, remove_networks
from taskscope.lab.runner.failures import StartFailure
from taskscope.lab.runner.hosts import FOLDER, Entry, HostsFiles
from taskscope.lab.runner.iproute import IpError, find_ip, ip, ip_json, listen_inside
from taskscope.lab.runner.network import Attachment, NetworkRequest, SharedNetwork

POOL: Final = ipaddress.IPv4Network("169.254.96.0/19")
"""Link-local addresses, which no router passes on. Each lab takes one free /23 of it: 16 labs with 509 tasks each."""
METADATA_ADDRESS: Final = "169.254.170.2"
METADATA_PORT: Final = 80
_PREFIX: Final = 23
_LOCK: Final = "/run/taskscope-lab.lock"

Serve: TypeAlias = Callable[[socket, str], Awaitable[None]]
"""Serves the metadata endpoint on a socket that listens, for the task with this address."""
Unserve: TypeAlias = Callable[[socket], Awaitable[None]]
"""Ends that, and closes the socket."""


class BridgeNetwork:
    """
    The networks of one lab's ``awsvpc`` tasks. Names begin with ``ts<pid><letter>``, so that several labs live side
    by side and what a killed one leaves is recognised.
    """

    def __init__(
        self, *, name: str, subnet: ipaddress.IPv4Network, shared: SharedNetwork, serve: Serve, unserve: Unserve
    ) -> None:
        self.name = name
        self._subnet = subnet
        self._shared = shared
        self._serve = serve
        self._unserve = unserve
        self._free = list(reversed(list(subnet.hosts())[1:]))
        self._number = 0
        self._sockets: dict[str, socket] = {}
        self._attached: dict[str, Attachment] = {}
        self._hosts = HostsFiles(lab=self.bridge_address)

    @property
    def bridge_address(self) -> str:
        """The bridge's own address, the first of the subnet."""
        return str(self._subnet[1])

    @property
    def sentences(self) -> list[str]:
        """What it can do, for people."""
        return [
            (
                f"each awsvpc task has a network namespace of its own on bridge {self.name} ({self._subnet}), "
                "without a route to the outside; tasks find each other by task id, service and service.cluster, "
                f"the lab by the name lab, their metadata at {METADATA_ADDRESS}"
            ),
            (
                "tasks of network mode bridge, host and none share this machine's network; their ports are free "
                "ones, handed over as PORT, PORT_<container port>, AWS_XRAY_DAEMON_ADDRESS and "
                "OTEL_EXPORTER_OTLP_ENDPOINT"
            ),
        ]

    async def attach(self, request: NetworkRequest) -> Attachment:
        """Give an ``awsvpc`` task its namespace, address and metadata; other modes share the machine's network."""
        if request.mode != "awsvpc":
            return await self._shared.attach(request)
        if not self._free:
            raise StartFailure("ContainerNetworkingError: no free address left in the lab's subnet")
        address = str(self._free.pop())
        self._number += 1
        namespace, device = f"{self.name}-{self._number}", f"{self.name}v{self._number}"
        attachment = Attachment(
            address=address,
            lab=self.bridge_address,
            endpoint=f"http://{METADATA_ADDRESS}",
            namespace=namespace,
            subnet=str(self._subnet),
            gateway=self.bridge_address,
            mac=_mac(address),
            interface=request.interface,
            device=device,
        )
        self._attached[namespace] = attachment
        try:
            await self._connect(attachment)
            self._sockets[namespace] = await listen_inside(namespace, METADATA_ADDRESS, METADATA_PORT)
            await self._serve(self._sockets[namespace], address)
        except (IpError, OSError) as error:
            await self.detach(attachment)
            raise StartFailure(f"ContainerNetworkingError: {error}") from error
        except BaseException:
            await self.detach(attachment)
            raise
        self._hosts.add(namespace, Entry(address, request.task_id, request.cluster, request.service))
        return attachment

    async def detach(self, attachment: Attachment) -> None:
        """Remove a task's namespace, and with it both ends of its link."""
        namespace = attachment.namespace
        if namespace is None or not self._attached.pop(namespace, None):
            return
        self._hosts.remove(namespace)
        if listening := self._sockets.pop(namespace, None):
            await self._unserve(listening)
        with contextlib.suppress(IpError):
            await ip("link", "del", attachment.device or "")
        with contextlib.suppress(IpError):
            await ip("netns", "del", namespace)
        self._free.insert(0, ipaddress.IPv4Address(attachment.address))

    async def close(self) -> None:
        """Remove every namespace and the bridge, and what could not be removed when its task ended."""
        for attachment in list(self._attached.values()):
            await self.detach(attachment)
        mine = re.compile(rf"{self.name}(?:-\d+|v\d+)?")
        with contextlib.suppress(IpError):
            await remove_networks(lambda name: mine.fullmatch(name) is not None)

    async def _connect(self, to: Attachment) -> None:
        namespace, device, inside = str(to.namespace), str(to.device), str(to.interface)
        await ip("netns", "add", namespace)
        await ip(
            batch=[
                f"link add {device} type veth peer name {inside} address {to.mac} netns {namespace}",
                f"link set {device} master {self.name} up",
            ]
        )
        await ip(
            *("-netns", namespace),
            batch=[
                "link set lo up",
                f"addr add {METADATA_ADDRESS}/32 dev lo",
                f"addr add {to.address}/{_PREFIX} dev {inside}",
                f"link set {inside} up",
            ],
        )


async def open_bridge(name: str, *, shared: SharedNetwork, serve: Serve, unserve: Unserve) -> BridgeNetwork:
    """
    Make the lab's bridge; remove first what killed labs have left.

    Raises:
        IpError: This machine does not let us, in the words of ``ip``.
        OSError: The folder of the namespaces' files cannot be written.
    """
    if os.geteuid() != 0:
        raise IpError("network namespaces need root")
    find_ip()
    FOLDER.mkdir(exist_ok=True)
    async with _one_at_a_time():
        await remove_leftovers()
        subnet = await _free_subnet()
        network = BridgeNetwork(name=name, subnet=subnet, shared=shared, serve=serve, unserve=unserve)
        try:
            await ip("link", "add", name, "type", "bridge")
            await ip("addr", "add", f"{network.bridge_address}/{_PREFIX}", "dev", name)
            await ip("link", "set", name, "up")
            await _try_namespace(f"{name}-0")
        except IpError:
            await network.close()
            raise
    return network


async def _try_namespace(name: str) -> None:
    """Make and enter a namespace: a machine that refuses it is found out at the start, not by the first task."""
    await ip("netns", "add", name)
    try:
        await ip("netns", "exec", name, "ip", "link", "set", "lo", "up")
    finally:
        await ip("netns", "del", name)


async def _free_subnet() -> ipaddress.IPv4Network:
    """Return the first part of the pool that no interface and no route of this machine touches."""
    taken = [
        ipaddress.IPv4Network(f"{address['local']}/{address['prefixlen']}", strict=False)
        for entry in await ip_json("-4", "addr", "show")
        for address in entry.get("addr_info", [])
    ]
    routes = [entry.get("dst", "default") for entry in await ip_json("-4", "route", "show")]
    taken += [ipaddress.IPv4Network(route, strict=False) for route in routes if route[:1].isdigit()]
    for subnet in POOL.subnets(new_prefix=_PREFIX):
        if not any(subnet.overlaps(other) for other in taken):
            return subnet
    raise IpError(
        f"no free subnet in {POOL}: is it in use, or are there {len(list(POOL.subnets(new_prefix=_PREFIX)))} labs?"
    )


@asynccontextmanager
async def _one_at_a_time() -> AsyncIterator[None]:
    """Keep two labs that start at once from choosing the same subnet."""
    lock = os.open(_LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _mac(address: str) -> str:
    """Return a locally administered MAC address made from an IPv4 address."""
    return "02:1a:" + ":".join(f"{int(part):02x}" for part in address.split("."))
