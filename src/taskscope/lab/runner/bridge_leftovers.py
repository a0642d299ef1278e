"""Removing namespaces, links and hosts files by name: those of labs that were killed, or the rest of one's own."""

import contextlib
import os
import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

from taskscope.lab.runner.hosts import FOLDER
from taskscope.lab.runner.iproute import IpError, ip, ip_json

_OURS: Final = re.compile(r"ts(\d+)[a-z]+(?:-\d+|v\d+)?")


async def remove_networks(concerns: Callable[[str], bool]) -> None:
    """Remove what has a name that ``concerns`` us, and kill what still runs in such a namespace."""
    namespaces = [entry["name"] for entry in await ip_json("netns", "list")]
    for namespace in filter(concerns, namespaces):
        for pid in (await ip("netns", "pids", namespace)).split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        with contextlib.suppress(IpError):
            await ip("netns", "del", namespace)
    for link in await ip_json("link", "show"):
        if concerns(link["ifname"]):
            with contextlib.suppress(IpError):
                await ip("link", "del", link["ifname"])
    for folder in FOLDER.iterdir():
        if concerns(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


async def remove_leftovers() -> None:
    """Remove what labs that are dead have left."""
    await remove_networks(_is_left)


def _is_left(name: str) -> bool:
    match = _OURS.fullmatch(name)
    return bool(match) and not Path(f"/proc/{match[1]}").exists() if match else False
