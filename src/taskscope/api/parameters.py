"""Parameters in query strings that many routes share."""

import re
from typing import Annotated, Final, TypeAlias

from fastapi import Depends, Query
from fastapi.dependencies.models import Dependant
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute
from starlette.requests import Request

from taskscope.api.guard import Guard
from taskscope.clock import Clock
from taskscope.config.times import parse_instant
from taskscope.errors import UsageError
from taskscope.model.window import Window

_LAST_NS: Final = (1 << 63) - 1
_LOST_PLUS: Final = re.compile(r"(\d) (\d\d:?\d\d)$")
"""A ``+`` of an offset that was not written ``%2B`` arrives as a space."""

Start: TypeAlias = Annotated[
    str, Query(description="Begin: nanoseconds since the epoch, ISO 8601, or before now as in `-1h`.", max_length=64)
]
End: TypeAlias = Annotated[str, Query(description="End, and not itself: as `start`, or `now`.", max_length=64)]
Limit: TypeAlias = Annotated[int, Query(description="How many at most.", ge=1, le=1000)]
Cursor: TypeAlias = Annotated[
    str, Query(description="Where to go on: `cursor` of the page before; empty for the first.", max_length=2048)
]
Filter: TypeAlias = Annotated[str, Query(alias="q", description="Filter expression, as X-Ray's.", max_length=4096)]
GroupName: TypeAlias = Annotated[
    str, Query(alias="group", description="Group whose filter expression applies as well.", max_length=64)
]
TraceId: TypeAlias = str
"""In a path: 32 hexadecimal digits, or X-Ray's `1-5759e988-bd862e3fe1be46a994272793`."""


def window_of(start: str, end: str, clock: Clock) -> Window:
    """
    Read a window.

    Raises:
        UsageError: A time cannot be read, or the end is not after the start.
    """
    now = clock()
    window = Window(instant(start, now), instant(end, now))
    if window.start_ns >= window.end_ns:
        raise UsageError(f"start {start!r} is not before end {end!r}")
    return window


def instant(text: str, now: int) -> int:
    """
    Read a time.

    Raises:
        UsageError: It is none.
    """
    plain = text.strip()
    if plain.isascii() and plain.isdigit():
        found = int(plain) if len(plain) < 20 else _LAST_NS + 1  # noqa: PLR2004 (digits of 2**63)
    else:
        found = parse_instant(_LOST_PLUS.sub(r"\1+\2", plain).removeprefix("-"), now=now)
    if not 0 <= found <= _LAST_NS:
        raise UsageError(f"{text!r} is no time between 1970 and 2262")
    return found


def guarded(guard: Guard) -> list[Dependency]:
    """Return what every route depends on: its guard, and that it knows the parameters that it is given."""
    return [Depends(guard), Depends(known_parameters)]


async def known_parameters(request: Request) -> None:
    """
    Refuse a parameter that a route does not have: a misspelt one would change nothing, and nobody would see it.

    Raises:
        UsageError: It names the parameter, and those that there are.
    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    known = _names(route.dependant)
    for name in request.query_params:
        if name not in known:
            hint = f"there are {', '.join(known)}" if known else "it has none"
            raise UsageError(f"{request.url.path} has no parameter {name[:80]!r}", hint=hint)


def _names(dependant: Dependant) -> list[str]:
    own = [each.alias for each in dependant.query_params]
    return own + [name for each in dependant.dependencies for name in _names(each)]
