"""The ``ip`` command of iproute2, and sockets inside a network namespace."""

import asyncio
import ctypes
import json
import os
import shutil
import socket
import threading
from collections.abc import Sequence
from typing import Any, Final

_CLONE_NEWNET: Final = 0x40000000


class IpError(Exception):
    """``ip`` is missing or refused."""


async def ip(*arguments: str, batch: Sequence[str] = ()) -> bytes:
    """
    Run ``ip``; ``batch`` is lines of commands for one run of it.

    Raises:
        IpError: It is missing, cannot be started, or refused, with its own words.
    """
    what = f"ip {' '.join(arguments) or batch[0]}"
    job = asyncio.create_task(_run([*arguments, *(("-batch", "-") if batch else ())], "\n".join(batch)))
    try:
        code, out, err = await asyncio.shield(job)
    except OSError as error:  # no process or no file can be had
        raise IpError(f"{what}: {error}") from error
    except asyncio.CancelledError:
        await asyncio.wait([job])  # what has begun is ended, so that it can be undone
        raise
    if code:
        words = err.strip().splitlines()
        raise IpError(f"{what}: {words[0] if words else code}")
    return out


def find_ip() -> str:
    """
    Return the path of ``ip``.

    Raises:
        IpError: It is missing.
    """
    path = shutil.which("ip") or shutil.which("ip", path="/usr/sbin:/sbin")
    if path is None:
        raise IpError("the command ip (package iproute2) is missing")
    return path


async def _run(arguments: Sequence[str], text: str) -> tuple[int, bytes, str]:
    process = await asyncio.create_subprocess_exec(
        find_ip(),
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(text.encode())
    return process.returncode or 0, out, err.decode(errors="replace")


async def ip_json(*arguments: str) -> list[dict[str, Any]]:
    """Return what ``ip -json`` says; nothing when it says nothing."""
    found: list[dict[str, Any]] = json.loads(await ip("-json", *arguments) or b"[]")
    return found


async def listen_inside(namespace: str, address: str, port: int) -> socket.socket:
    """
    Return a socket that listens inside a network namespace but is served from here.

    A socket belongs to the namespace that it is made in. Only a thread of its own enters, so the change ends with it.

    Raises:
        OSError: The namespace cannot be entered or the address cannot be bound.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[socket.socket] = loop.create_future()

    def enter() -> None:
        try:
            made = _listen_in(namespace, address, port)
        except OSError as error:
            loop.call_soon_threadsafe(done.set_exception, error)
        else:
            loop.call_soon_threadsafe(done.set_result, made)

    threading.Thread(target=enter, name=f"enter {namespace}").start()
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        done.add_done_callback(lambda made: None if made.exception() else made.result().close())
        raise


def _listen_in(namespace: str, address: str, port: int) -> socket.socket:
    folder = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(folder, _CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, f"setns {namespace}: {os.strerror(number)}")
    finally:
        os.close(folder)
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        made.listen(64)
        made.setblocking(False)  # noqa: FBT003  # the signature of the standard library
    except OSError:
        made.close()
        raise
    return made
