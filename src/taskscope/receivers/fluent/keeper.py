"""Messages of one connection on their way into the spool: kept together, as many as there are, then acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from taskscope.errors import SpoolFullError
from taskscope.receivers.fluent.shared import Shared
from taskscope.receivers.fluent.splitter import Message
from taskscope.spool.frame import Frame, Kind

_ENOUGH_BYTES: Final = 1 << 20
"""What may wait while other messages are being kept: 100 MB/s at 10 ms for a group commit."""
_MESSAGE_OVERHEAD: Final = 256
"""What a message costs in memory beside its bytes, so that a flood of empty ones is bounded too."""

_Kept = tuple[Frame, bytes | None]
"""A message, and the answer that its sender waits for."""


class Keeper:
    """
    Takes messages at any time; ``run`` keeps and answers them until ``end`` was called and nothing waits.

    Args:
        shared: Of the receiver.
        sender: Where the messages come from.
        answer: Sends acknowledgements; it waits while the sender does not read them.
        taken: Called whenever more messages may come.
        gone: Whether the sender is no longer there to be acknowledged.
    """

    def __init__(
        self,
        shared: Shared,
        sender: str,
        *,
        answer: Callable[[bytes], Awaitable[None]],
        taken: Callable[[], None],
        gone: Callable[[], bool],
    ) -> None:
        self._shared = shared
        self._sender = sender
        self._answer = answer
        self._taken = taken
        self._gone = gone
        self._waiting: list[_Kept] = []
        self._under_way: list[_Kept] = []
        self._waiting_bytes = 0
        self._wake = asyncio.Event()
        self._ended = False

    @property
    def busy(self) -> bool:
        """Whether messages are being kept right now."""
        return bool(self._under_way)

    @property
    def has_enough(self) -> bool:
        """Whether no more should be read for now."""
        return self._waiting_bytes >= _ENOUGH_BYTES

    def hold(self, messages: Sequence[Message]) -> None:
        """Take messages."""
        received_ns = self._shared.clock()
        size = len(messages) * _MESSAGE_OVERHEAD
        for body, ack in messages:
            self._waiting.append((Frame(Kind.FLUENT_MESSAGE, received_ns, body, sender=self._sender), ack))
            size += len(body)
        self._waiting_bytes += size
        self._shared.held_bytes += size
        self._wake.set()

    def end(self) -> None:
        """Let ``run`` return when all is kept."""
        self._ended = True
        self._wake.set()

    async def run(self) -> None:
        """Keep and acknowledge; whatever ends it, nothing is left uncounted."""
        try:
            while self._waiting or not self._ended:
                await self._wake.wait()
                self._wake.clear()
                if self._waiting:
                    await self._keep()
        finally:
            self._count_lost(self._under_way + self._waiting)
            self._shared.held_bytes -= self._waiting_bytes

    async def _keep(self) -> None:
        self._under_way, size = self._waiting, self._waiting_bytes
        self._waiting, self._waiting_bytes = [], 0
        self._taken()
        try:
            durable = await self._append(self._under_way)
        finally:
            self._shared.held_bytes -= size
        kept, self._under_way = self._under_way, []
        if not durable:
            self._count_lost(kept)
            return
        self._shared.counters.add("received.fluent", len(kept))
        self._shared.counters.add("received_bytes.fluent", sum(len(frame.body) for frame, _ in kept))
        if acks := b"".join(ack for _, ack in kept if ack is not None):
            await self._answer(acks)

    async def _append(self, kept: Sequence[_Kept]) -> bool:
        """Append; while the spool is full try again, unless all senders have their copy and nobody waits any more."""
        frames = [frame for frame, _ in kept]
        while True:
            try:
                await self._shared.spool.append(frames)
            except SpoolFullError:
                if self._gone() and all(ack is not None for _, ack in kept):
                    return False
                await asyncio.sleep(self._shared.config.retry_seconds)
            else:
                return True

    def _count_lost(self, lost: Sequence[_Kept]) -> None:
        """Count what was not kept: what waits for an acknowledgement comes again, the rest does not."""
        unpromised = sum(ack is None for _, ack in lost)
        if unpromised:
            self._shared.counters.add("dropped.fluent.spool_full", unpromised)
        if len(lost) > unpromised:
            self._shared.counters.add("refused.fluent.spool_full", len(lost) - unpromised)
