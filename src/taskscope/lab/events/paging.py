"""Pages of a list: EventBridge's ``Limit`` and ``NextToken``."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from taskscope.lab.gateway.service import ApiError, Document

_Item = TypeVar("_Item")
_LARGEST_PAGE: Final = 100


def page(items: Sequence[_Item], params: Document) -> tuple[list[_Item], str | None]:
    """
    Return the page that ``params`` asks for and the token of the next one; a token is the offset as text.

    Raises:
        ApiError: ``ValidationException``, the token is none of ours.
    """
    token: Any = params.get("NextToken", "0")
    if not token.isascii() or not token.isdigit():
        raise ApiError("ValidationException", f"Invalid NextToken: {token}")
    start = int(token)
    end = start + min(params.get("Limit", _LARGEST_PAGE), _LARGEST_PAGE)
    return list(items[start:end]), str(end) if end < len(items) else None
