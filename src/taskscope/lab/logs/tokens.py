"""Tokens of paged answers: opaque to clients, a position to us."""

import base64
import binascii
import json
import re
from typing import Any, Final, Literal, TypeAlias

from taskscope.lab.logs.errors import invalid_token
from taskscope.lab.logs.store import Gap

Direction: TypeAlias = Literal["f", "b"]
"""``f``: what comes after a position; ``b``: what comes before it."""

_POSITION: Final = re.compile(r"(?P<direction>[fb])/(?P<timestamp>[0-9]{20})(?P<sequence>[0-9]{36})")


def write_position(direction: Direction, gap: Gap) -> str:
    """Write a token of GetLogEvents: ``f/`` or ``b/`` and 56 digits, as AWS's look."""
    return f"{direction}/{gap[0]:020d}{gap[1]:036d}"


def read_position(token: str) -> tuple[Direction, Gap]:
    """
    Read a token of GetLogEvents.

    Raises:
        ApiError: ``InvalidParameterException``, it is none.
    """
    found = _POSITION.fullmatch(token)
    if found is None:
        raise invalid_token()
    return "f" if found["direction"] == "f" else "b", (int(found["timestamp"]), int(found["sequence"]))


def write_key(*key: str | int) -> str:
    """Write a token that holds the key of the last item of a page."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def read_key(token: str, *types: type) -> tuple[Any, ...]:
    """
    Read the key in a token, whose parts have these types.

    Raises:
        ApiError: ``InvalidParameterException``, the token is none of ours.
    """
    try:
        key = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise invalid_token() from None
    if not isinstance(key, list) or [type(part) for part in key] != list(types):
        raise invalid_token()
    return tuple(key)
