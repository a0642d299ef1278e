"""The API as a whole: every route has its door, every error one form, every answer says what caches may do."""

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from taskscope.api.app import make_app
from taskscope.api.guard import Guard
from taskscope.api.openapi import document, guard_of
from taskscope.api.xray.operations import OF_BOTH, PATHS
from taskscope.errors import TaskscopeError, ThrottledError, UnreachableError
from tests.unit.api.asgi import ask_now
from tests.unit.api.parts import Answering, make_parts

_SENDERS = {
    "/api/store/purge",
    "/api/store/migrate",
    "/api/import/known",
    "/api/import/logs",
    "/api/import/metrics",
    "/api/import/spans",
    "/CreateGroup",
    "/CreateSamplingRule",
    "/DeleteGroup",
    "/DeleteResourcePolicy",
    "/DeleteSamplingRule",
    "/PutEncryptionConfig",
    "/PutResourcePolicy",
    "/TagResource",
    "/TelemetryRecords",
    "/TraceSegments",
    "/UntagResource",
    "/UpdateGroup",
    "/UpdateIndexingRule",
    "/UpdateSamplingRule",
    "/UpdateTraceSegmentDestination",
}
"""Whatever changes something; all the rest is the readers'."""
_OF_BOTH = {PATHS[name] for name in OF_BOTH}


def _routes() -> Iterator[tuple[str, str]]:
    for route in make_app(make_parts()).routes:
        assert isinstance(route, Route | APIRoute)
        for method in sorted(route.methods or ()):
            if method != "HEAD":
                yield method, route.path


_ROUTES = list(_routes())


def _concrete(path: str) -> str:
    return path.replace("{service:path}", "shop").replace("{name:path}", "shop").replace("{", "").replace("}", "")


def _guards(app: FastAPI) -> dict[str, tuple[Guard, ...]]:
    found: dict[str, tuple[Guard, ...]] = {}
    for route in app.routes:
        if isinstance(route, APIRoute):
            guard = guard_of(route.dependant)
            found[route.path] = (guard,) if guard else ()
        elif isinstance(route, Route):
            endpoint: Any = getattr(route.endpoint, "__self__", None)
            found[route.path] = endpoint.door.guards if hasattr(endpoint, "door") else (endpoint.guard,)
    return found


def test_every_route_has_a_guard_of_the_right_people() -> None:
    """A new route without one fails here; one that changes something has to be named above."""
    for path, guards in _guards(make_app(make_parts())).items():
        expected = {"read", "write"} if path in _OF_BOTH else {"write"} if path in _SENDERS else {"read"}

        assert {each.whose for each in guards} == expected, path


@pytest.mark.parametrize("shown", [None, "Bearer wrong", "Bearer ", "Basic cmVhZA==", "AWS4-HMAC-SHA256 Credential=x"])
def test_no_route_answers_without_its_token(shown: str | None) -> None:
    """And the store is not asked; in the X-Ray API AWS's 403 stands for 401."""
    reader = Answering()
    app = make_app(make_parts(reader=reader, read="right", write="right"))
    headers = {} if shown is None else {"authorization": shown}

    for method, path in _ROUTES:
        answer = ask_now(app, method, _concrete(path), {}, **headers)

        assert answer.status == (403 if path in PATHS.values() else 401), path
    assert reader.asked == []


def test_the_other_token_is_of_no_use() -> None:
    """Who may send may not read, nor the other way round; samplers' polls are for both."""
    app = make_app(make_parts(read="reader", write="sender"))

    for method, path in _ROUTES:
        token = "reader" if path in _SENDERS else "sender"
        status = ask_now(app, method, _concrete(path), {}, authorization=f"Bearer {token}").status

        assert (status in (401, 403)) == (path not in _OF_BOTH), path


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("GET", "/nowhere", 404, "/nowhere"),
        ("GET", "/api/", 404, "/api/"),
        ("PUT", "/api/tasks", 405, "PUT"),
        ("GET", "/TraceSegments", 405, "GET"),
        ("GET", "/api/tasks?limit=x", 400, "limit"),
        ("GET", "/api/tasks?limit=0", 400, "limit"),
        ("GET", "/api/tasks?limt=3", 400, "limt"),
        ("GET", "/api/tasks?cursor=x", 400, "cursor"),
        ("GET", "/api/tasks/none", 404, "none"),
    ],
)
def test_every_error_is_a_problem(method: str, path: str, status: int, said: str) -> None:
    """RFC 9457, and the text says what is wrong."""
    answer = ask_now(make_app(make_parts()), method, path)

    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.document["type"], answer.document["status"]) == ("about:blank", status)
    assert said in answer.document["detail"]


@pytest.mark.parametrize(
    ("failure", "status"),
    [(TaskscopeError("long"), 500), (ThrottledError("many"), 429), (UnreachableError("gone"), 503)],
)
def test_errors_of_the_store_have_their_status(failure: TaskscopeError, status: int) -> None:
    """As `client.rest` reads them."""
    answer = ask_now(make_app(make_parts(reader=Answering(failure=failure))), "GET", "/api/clusters")

    assert (answer.status, answer.document["detail"]) == (status, failure.message)
    assert ("retry-after" in answer.headers) == (status in (429, 503))


def test_nobody_keeps_an_answer_that_may_change() -> None:
    """Nor errors; and no browser guesses what an answer is."""
    for path in ("/api/tasks", "/nowhere", "/api/tasks?limit=x"):
        headers = ask_now(make_app(make_parts()), "GET", path).headers

        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


def test_long_answers_are_compressed_for_those_who_read_that() -> None:
    """A trace of 50,000 spans is megabytes."""
    rows = [("a" * 2000, "", "", 0, 0, 0, 0, 0)]
    app = make_app(make_parts(reader=Answering(rows)))

    plain = ask_now(app, "GET", "/api/clusters")
    short = ask_now(app, "GET", "/api/clusters", accept_encoding="gzip")

    assert short.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(short.document)) == plain.document


@pytest.mark.parametrize(
    ("given", "kept"), [("build-7", True), ("", False), ("two words", False), ("x" * 65, False), ("a\nb", False)]
)
def test_a_request_has_an_id(given: str, kept: bool) -> None:  # noqa: FBT001 (a column of the table)
    """The sender's own, if it can do no harm in a log."""
    answer = ask_now(make_app(make_parts()), "GET", "/api/tasks", x_request_id=given)

    assert (answer.headers["x-request-id"] == given) == kept
    assert answer.headers["x-request-id"]


def test_routes_of_others_are_beside_ours() -> None:
    """EventBridge's messages come on the same port, by a door of their own."""

    async def taken(_request: object) -> PlainTextResponse:
        return PlainTextResponse("taken")

    app = make_app(make_parts(read="r"), beside=[Route("/v1/events", taken, methods=["POST"])])

    assert ask_now(app, "POST", "/v1/events").document == b"taken"


def _every(node: Any, wanted: Callable[[Any], bool]) -> Iterator[Any]:
    if wanted(node):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _every(each, wanted)


def test_the_openapi_document_tells_of_every_route_and_whose_token_it_asks_for() -> None:
    """Without a reference that leads nowhere, and with nothing of ours left in it."""
    app = make_app(make_parts())
    made = document(app)

    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                operation = made["paths"][route.path_format][method.lower()]
                assert list(operation["security"][0]) == ["write" if route.path in _SENDERS else "read"]
                assert operation["summary"]
                assert "422" not in operation["responses"]
    assert {each["$ref"] for each in _every(made, lambda node: isinstance(node, dict) and "$ref" in node)} == {
        "#/components/schemas/Problem"
    }
    assert not list(_every(made, lambda node: isinstance(node, dict) and any(key.startswith("x-") for key in node)))


def test_the_document_is_served() -> None:
    """To readers; there is no page that loads scripts from elsewhere."""
    app = make_app(make_parts())

    assert ask_now(app, "GET", "/api/openapi.json").document == json.loads(json.dumps(document(app)))
    assert ask_now(app, "GET", "/docs").status == 404
