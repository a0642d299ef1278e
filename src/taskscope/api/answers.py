"""Answers of the REST API: JSON of our documents, and what caches may do with it."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from taskscope.model.document import to_document

KEPT = "private, no-cache"
"""A cache may keep it, and asks each time whether it is still so: spans of a trace may come days later."""


def encode(value: object) -> bytes:
    """Write a document as JSON; not a number and infinities become null. Bytes are JSON already."""
    return value if isinstance(value, bytes) else msgspec.json.encode(to_document(value))


def encode_plain(value: Mapping[str, Any]) -> bytes:
    """Write what has JSON's own types only: nothing looks at each value, which takes 70 ms for 50,000 spans."""
    return msgspec.json.encode(value)


def answer(value: object) -> Response:
    """Return a document that nobody keeps: the next moment it may be another."""
    return Response(encode(value), media_type="application/json")


def kept_answer(request: Request, value: object) -> Response:
    """Return a document with its tag, or 304 where the one who asks has it already."""
    content = encode(value)
    tag = f'W/"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'  # weak: the compressed form has the same
    headers = {"etag": tag, "cache-control": KEPT}
    if _names(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="application/json")


def _names(header: str, tag: str) -> bool:
    """Whether ``If-None-Match`` names a tag (RFC 9110, 13.1.2: weak comparison)."""
    given = {each.strip().removeprefix("W/") for each in header.split(",")}
    return "*" in given or tag.removeprefix("W/") in given


def answers(kind: type | str, *, many: bool = False, listed: str = "") -> dict[str, Any]:
    """
    Return ``openapi_extra`` of a route: which document it answers with.

    The name of a class, as text; its schema is made when somebody asks for the OpenAPI document. ``many``: a
    list of such; ``listed`` is the member of the answer that has the list.
    """
    name = kind if isinstance(kind, str) else f"{kind.__module__}:{kind.__qualname__}"
    return {"x-answer": name, "x-many": many, "x-listed": listed}
