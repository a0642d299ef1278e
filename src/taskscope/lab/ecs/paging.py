"""Pages of a list: ``nextToken`` and ``maxResults`` as every List operation of ECS has them."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any

from taskscope.lab.ecs import wording
from taskscope.lab.gateway.service import Document

MOST = 100
"""Largest page of the List operations."""


def page(
    arns: Sequence[str],
    params: Document,
    member: str,
    *,
    default: int = MOST,
    key: Callable[[str], Any] = str,
    descending: bool = False,
) -> Document:
    """
    Answer one page of ``arns`` as ``{member: [...], "nextToken": ...}``, sorted by ``key``.

    A token names the last item of its page, not a position, so that a list which changes between
    two pages neither repeats nor skips what stays in it; it also names the list, and fits no other.

    Raises:
        ApiError: InvalidParameterException for a size out of range or a token that is none of this list.
    """
    size = default if params.get("maxResults") is None else params["maxResults"]
    if not 1 <= size <= MOST:
        raise wording.invalid(f"maxResults must be between 1 and {MOST}.")
    left = sorted(set(arns), key=key, reverse=descending)
    if token := params.get("nextToken"):
        last = key(_last(token, member))
        left = [arn for arn in left if (key(arn) < last if descending else key(arn) > last)]
    found: Document = {member: left[:size]}
    if len(left) > size:
        found["nextToken"] = base64.urlsafe_b64encode(f"{member}:{left[size - 1]}".encode()).decode()
    return found


def _last(token: str, member: str) -> str:
    """Return the item that a token names."""
    try:
        text = base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        text = ""
    of, colon, item = text.partition(":")
    if not colon or of != member:
        raise wording.invalid("Invalid token.")
    return item
