"""Bodies of requests: bounded, and said to be JSON."""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from taskscope.api import body
from taskscope.api.body import MAX_BYTES, read_object
from taskscope.api.problems import HANDLERS
from tests.unit.api.asgi import Answer, ask

_JSON = {"content-type": "application/json; charset=utf-8"}


def _ask(*pieces: bytes, headers: dict[str, str] = _JSON, ends: bool = True) -> Answer:
    async def echo(request: Request) -> JSONResponse:
        return JSONResponse(await read_object(request))

    app = Starlette(routes=[Route("/", echo, methods=["POST"])], exception_handlers=dict(HANDLERS))
    return asyncio.run(ask(app, "POST", "/", headers=headers, pieces=pieces, ends=ends))


def test_an_object_is_read_from_all_its_pieces() -> None:
    """However it was cut on its way."""
    assert _ask(b'{"a', b'": 1}').document == {"a": 1}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_refused(content: bytes) -> None:
    """Whatever it is, deep nesting included."""
    assert _ask(content).status == 400


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_a_body_has_to_be_said_to_be_json(kind: str) -> None:
    """A stranger's page can have a browser send a form, and not ``application/json`` without asking first."""
    assert _ask(b"{}", headers={"content-type": kind}).status == 415


def test_a_large_body_is_refused_before_it_is_all_read() -> None:
    """The rest never comes, and the answer does not wait for it."""
    answer = _ask(b'{"a": "', b"x" * MAX_BYTES, ends=False)

    assert answer.status == 413
    assert answer.headers["connection"] == "close"


def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds a connection no longer than some seconds."""
    monkeypatch.setattr(body, "_SECONDS", 0.01)

    assert _ask(b'{"a', ends=False).status == 408
