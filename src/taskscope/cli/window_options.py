"""``--since`` and ``--until`` of commands that ask about what is kept."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from taskscope.cli.options import INSTANT
from taskscope.clock import system_clock
from taskscope.errors import UsageError
from taskscope.model.window import Window

_F = TypeVar("_F", bound=Callable[..., Any])


def kept_window(command: _F) -> _F:
    """Pass ``--since`` (an hour ago) and ``--until`` (now) on as ``window``."""

    @click.option(
        "-s", "--since", type=INSTANT, default="1h", show_default=True, help="From when on: 5m, '2h ago', ISO 8601."
    )
    @click.option("-e", "--until", type=INSTANT, help="Up to when. [default: now]")
    @functools.wraps(command)
    def with_window(*args: Any, since: int, until: int | None, **kwargs: Any) -> Any:
        end = system_clock() if until is None else until
        if since >= end:
            if until is None:
                raise UsageError("--since is in the future")
            raise UsageError("--since is not before --until", hint="exchange them")
        return command(*args, window=Window(max(0, since), end), **kwargs)

    return with_window  # type: ignore[return-value]
