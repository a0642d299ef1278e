"""A server on loopback answers this machine: strangers' names for it, and strangers' pages, get 403."""

import pytest
from starlette.responses import JSONResponse

from taskscope.api.local import LocalOnly
from tests.unit.api.asgi import Answer, ask_now


def _ask(**headers: str) -> Answer:
    return ask_now(LocalOnly(JSONResponse({"in": True})), "GET", "/", **headers)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8275", "localhost", "localhost:8275", "taskscope.localhost:1", "[::1]:8275", "10.1.2.3", ""]
)
def test_names_of_this_machine_are_answered(host: str) -> None:
    """``localhost``, what is under it, and addresses: no name server can turn those elsewhere."""
    assert _ask(host=host).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8275", "127.0.0.1.evil.example", "localhost.evil.example", "[::1", "a b", "]"],
)
def test_foreign_names_are_refused(host: str) -> None:
    """A page whose name was made to point here (DNS rebinding) is no page of this machine."""
    answer = _ask(host=host)

    assert answer.status == 403
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("origin", ["http://localhost:5173", "https://127.0.0.1", "http://[::1]:8275"])
def test_pages_of_this_machine_may_ask(origin: str) -> None:
    """Whatever port they came from."""
    assert _ask(host="localhost", origin=origin).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "http://10.1.2.3", "null", "file://", "http://[", "x"])
def test_pages_of_others_may_not(origin: str) -> None:
    """Also those that hide where they come from."""
    assert _ask(host="localhost", origin=origin).status == 403
