"""One connection of the Fluent forward receiver: what asyncio calls, and what its sender owes us in time."""

import asyncio
import secrets
import socket
from collections.abc import Callable
from typing import Final, cast

from taskscope.errors import MalformedPayloadError
from taskscope.receivers.fluent.handshake import NONCE_BYTES, Handshake, RefusedError
from taskscope.receivers.fluent.keeper import Keeper
from taskscope.receivers.fluent.shared import Shared
from taskscope.receivers.fluent.splitter import Splitter

_HANDSHAKE_SECONDS: Final = 10.0
_KEEPALIVE: Final = ((socket.TCP_KEEPIDLE, 60), (socket.TCP_KEEPINTVL, 15), (socket.TCP_KEEPCNT, 4))
"""A peer that is gone without a word is noticed after two minutes."""


class Connection(asyncio.Protocol):
    """Cuts what arrives into messages, and hands them to a keeper, whose job ends the connection."""

    def __init__(self, shared: Shared, begun: Callable[["Connection", asyncio.Task[None]], None]) -> None:
        """``begun`` is told of the connection and its job, unless it is turned away."""
        self._shared = shared
        self._begun = begun
        self._splitter = Splitter(shared.config.max_message_bytes)
        self._handshake: Handshake | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._reading = True
        self._finished = False
        self._gone = False
        self._since = 0.0
        """Since when the sender owes something: the rest of a message, or any sign of life."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Turn away who may not send; greet with a nonce where a key is asked for."""
        self._transport = transport = cast("asyncio.Transport", transport)  # uvloop's is none by its type
        peer = transport.get_extra_info("peername")
        self._sender: str = peer[0] if isinstance(peer, tuple) else ""
        if why := self._turned_away():
            self._shared.counters.add(f"refused.fluent.{why}")
            self._finished = True
            transport.abort()
            return
        _keep_alive(transport)
        self._shared.connections += 1
        if self._shared.config.shared_key:
            config = self._shared.config
            self._handshake = Handshake(config.shared_key, config.server_name, secrets.token_bytes(NONCE_BYTES))
            transport.write(self._handshake.hello)
        self._keeper = Keeper(
            self._shared, self._sender, answer=self._answer, taken=self._read_on, gone=lambda: self._gone
        )
        self._heard()
        self._begun(self, asyncio.get_running_loop().create_task(self._run()))

    def _turned_away(self) -> str | None:
        if not self._shared.allow.admits(self._sender):
            return "not_allowed"
        return "connections" if self._shared.connections >= self._shared.config.max_connections else None

    async def _run(self) -> None:
        try:
            await self._keeper.run()
        finally:
            self._shared.connections -= 1
            self.finish()
            self._transport.close()
            # The keeper knows this connection; the splitter's buffer of 40 kB would wait for the collector of cycles.
            del self._keeper, self._splitter

    def data_received(self, data: bytes) -> None:
        """Cut messages out; stop reading while more than enough waits."""
        if self._finished:
            return
        if self._handshake is not None:
            data = self._shake(self._handshake, data)
        if data and not self._finished:
            self._split(data)

    def eof_received(self) -> bool:
        """Keep what came; the sender may still read its answers, but TLS knows no half-closed connection."""
        self._gone = True
        self.finish()
        return self._transport.get_extra_info("sslcontext") is None

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (why does not matter: it is gone)
        """Keep what came whole."""
        self._gone = True
        self._writable.set()
        self.finish()

    def pause_writing(self) -> None:
        """The sender does not read its answers."""
        self._writable.clear()
        self._heard()

    def resume_writing(self) -> None:
        """It reads them again."""
        self._writable.set()

    def finish(self) -> None:
        """Read no more; what came whole is still kept and acknowledged, then the connection ends."""
        if self._finished:
            return
        self._finished = True
        if self._reading and not self._transport.is_closing():
            self._transport.pause_reading()
        if cut := self._splitter.held_bytes:
            self._shared.held_bytes -= cut
            self._shared.counters.add("dropped.fluent.incomplete")
        self._keeper.end()

    def end_if_overdue(self, now: float) -> None:
        """End the connection if its sender has kept us waiting too long; our own waiting for the spool is none."""
        if self._finished:
            return
        config = self._shared.config
        blocked = not self._writable.is_set()
        patience = config.message_seconds if blocked or self._splitter.held_bytes else config.idle_seconds
        if self._handshake is not None:
            patience = _HANDSHAKE_SECONDS
        waits_for_us = self._keeper.busy or (not self._reading and not blocked)
        if waits_for_us or now - self._since < patience:
            return
        self._refuse("timeout", "nothing came in time")
        if blocked:
            self._transport.abort()

    def _heard(self) -> None:
        self._since = asyncio.get_running_loop().time()

    def _shake(self, handshake: Handshake, data: bytes) -> bytes:
        """Go on with the handshake; return what came after it."""
        try:
            pong = handshake.take(data)
        except RefusedError as error:
            self._transport.write(error.pong)
            self._refuse("handshake", str(error))
            return b""
        except MalformedPayloadError as error:
            self._refuse("handshake", error.message)
            return b""
        if pong is None:
            return b""
        self._transport.write(pong)
        self._handshake = None
        self._heard()
        return handshake.rest

    def _split(self, data: bytes) -> None:
        before = self._splitter.held_bytes
        messages = self._splitter.feed(data)
        self._shared.held_bytes += self._splitter.held_bytes - before
        if messages or not before:
            self._heard()
        if messages:
            self._keeper.hold(messages)
        if self._splitter.fault is not None:
            self._refuse("malformed", self._splitter.fault)
        elif self._shared.held_bytes > self._shared.config.max_held_bytes:
            self._refuse("memory", "all connections together hold too much")
        elif self._keeper.has_enough and self._reading:
            self._reading = False
            self._transport.pause_reading()

    def _refuse(self, why: str, detail: str) -> None:
        """Count, say and end."""
        self._shared.counters.add(f"refused.fluent.{why}")
        self._shared.tell(f"Fluent: the connection of {self._sender or 'a local socket'} is closed: {detail}")
        self.finish()

    def _read_on(self) -> None:
        if not self._reading and not self._finished:
            self._reading = True
            self._heard()
            self._transport.resume_reading()

    async def _answer(self, acks: bytes) -> None:
        if self._gone and self._transport.is_closing():
            return
        self._transport.write(acks)
        await self._writable.wait()


def _keep_alive(transport: asyncio.Transport) -> None:
    connected = transport.get_extra_info("socket")
    if connected.family != socket.AF_UNIX:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEPALIVE:
            connected.setsockopt(socket.IPPROTO_TCP, option, value)
