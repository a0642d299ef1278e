"""Roles on one event loop: started in order; on the way down receivers stop side by side, then what delivers."""

import asyncio
import gc
import logging
from collections.abc import Callable
from typing import Final, Protocol

import uvloop

from taskscope.app.components import ROLES
from taskscope.app.named import load_named
from taskscope.app.processes.context import Context

_DELIVERING: Final = ("consumers", "store")
"""Roles that deliver what the others receive."""

_log = logging.getLogger(__name__)


class Role(Protocol):
    """A part of a process."""

    async def start(self) -> None:
        """Return when it does its work."""
        ...

    async def stop(self) -> None:
        """Finish what is under way; safe to call twice."""
        ...


def run_roles(context: Context, ready: Callable[[], None], wait: Callable[[], None]) -> None:
    """Run the roles of a plan until ``wait``, called on a thread, returns."""
    uvloop.run(_run(context, ready, wait))


async def _run(context: Context, ready: Callable[[], None], wait: Callable[[], None]) -> None:
    started: list[tuple[str, Role]] = []
    try:
        for name in context.plan.roles:
            role = _make(name, context)
            await role.start()
            started.append((name, role))
        if not {name for name, _ in started}.isdisjoint(_DELIVERING):
            _look_for_cycles_less_often()
        ready()
        await asyncio.to_thread(wait)
    finally:
        receiving = [role for name, role in started if name not in _DELIVERING]
        await asyncio.gather(*(role.stop() for role in receiving))
        for _, role in started:
            await role.stop()
        await context.close()


def _look_for_cycles_less_often() -> None:
    """
    Spare a decoder 13 % of its time: rows come and go by the thousand, and none of them is in a cycle.

    Not where only receivers are: 5,000 connections that have ended, with their buffers, would stay as 200 MB.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _make(name: str, context: Context) -> Role:
    made: Role = load_named(ROLES[name])(context)
    return made
