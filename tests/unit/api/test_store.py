"""The store's routes: who may ask, what is refused before the store is asked, and how its errors are answered."""

from typing import Any

import pytest
from fastapi import FastAPI

from taskscope.api.app import make_app
from taskscope.errors import (
    AccessError,
    MalformedPayloadError,
    NotFoundError,
    TaskscopeError,
    ThrottledError,
    UnavailableError,
    UsageError,
)
from tests.unit.api.asgi import ask_now
from tests.unit.api.parts import Admin, make_parts

_ROUTES = {
    ("POST", "/api/store/sql"): ("reader", {"sql": "SELECT 1"}),
    ("GET", "/api/store/stats"): ("reader", None),
    ("GET", "/api/store/check"): ("reader", None),
    ("POST", "/api/store/purge"): ("sender", {"signal": "logs", "before_ns": 7}),
    ("POST", "/api/store/migrate"): ("sender", {}),
}
"""Every route, whose token it asks for, and a body that it takes."""


def _app(admin: Admin, *, read: str = "", write: str = "") -> FastAPI:
    return make_app(make_parts(admin=admin, read=read, write=write))


@pytest.mark.parametrize(("method", "path"), list(_ROUTES))
@pytest.mark.parametrize("shown", ["", "Bearer reader", "Bearer sender", "Basic cmVhZGVy", "Bearer readers", "reader"])
def test_a_route_answers_its_token_and_no_other(method: str, path: str, shown: str) -> None:
    """What changes the store asks for the senders' token, the rest for the readers'; others get 401 and no look."""
    asks_for, document = _ROUTES[method, path]
    admin = Admin()

    answer = ask_now(_app(admin, read="reader", write="sender"), method, path, document, authorization=shown)

    admitted = shown == f"Bearer {asks_for}"
    assert answer.status == (200 if admitted else 401)
    assert bool(admin.asked) == admitted
    assert admitted or answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), list(_ROUTES))
def test_without_tokens_everybody_is_answered(method: str, path: str) -> None:
    """On loopback no token is needed."""
    assert ask_now(_app(Admin()), method, path, _ROUTES[method, path][1]).status == 200


def test_sql_has_bounds_unless_it_names_its_own() -> None:
    """The defaults are those of the store."""
    admin = Admin()
    app = _app(admin)

    ask_now(app, "POST", "/api/store/sql", {"sql": "SELECT 1"})
    ask_now(
        app,
        "POST",
        "/api/store/sql",
        {"sql": "S", "parameters": {"a": 1}, "max_rows": 7, "timeout_seconds": 1.5, "max_memory_bytes": 9},
    )

    assert admin.asked == [
        ("SELECT 1", {}, {"max_rows": 10_000, "timeout_seconds": 30, "max_memory_bytes": 2_000_000_000}),
        ("S", {"a": 1}, {"max_rows": 7, "timeout_seconds": 1.5, "max_memory_bytes": 9}),
    ]


@pytest.mark.parametrize(
    ("path", "document", "named"),
    [
        ("sql", {}, "sql"),
        ("sql", {"sql": 7}, "sql"),
        ("sql", {"sql": "S", "parameters": [1]}, "parameters"),
        ("sql", {"sql": "S", "max_rows": 0}, "max_rows"),
        ("sql", {"sql": "S", "max_rows": 100_001}, "max_rows"),
        ("sql", {"sql": "S", "max_rows": True}, "max_rows"),
        ("sql", {"sql": "S", "timeout_seconds": "7"}, "timeout_seconds"),
        ("sql", {"sql": "S", "timeout_seconds": 121}, "timeout_seconds"),
        ("sql", {"sql": "S", "timeout_seconds": float("nan")}, "timeout_seconds"),
        ("sql", {"sql": "S", "max_memory_bytes": 5_000_000_000}, "max_memory_bytes"),
        ("purge", {"signal": "logs"}, "before_ns"),
        ("purge", {"signal": "logs", "before_ns": 1.5}, "before_ns"),
        ("purge", {"signal": "logs", "before_ns": -1}, "before_ns"),
        ("purge", {"signal": "logs", "before_ns": 1 << 63}, "before_ns"),
        ("purge", {"before_ns": 7}, "signal"),
    ],
)
def test_a_wrong_document_is_refused_by_name(path: str, document: dict[str, Any], named: str) -> None:
    """The store is not asked, and the answer says which member is wrong."""
    admin = Admin()

    answer = ask_now(_app(admin), "POST", f"/api/store/{path}", document)

    assert answer.status == 400
    assert f'"{named}"' in answer.document["detail"]
    assert admin.asked == []


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (UsageError("no", hint="yes"), 400),
        (MalformedPayloadError("no", hint="yes"), 400),
        (AccessError("no", hint="yes"), 403),
        (NotFoundError("no", hint="yes"), 404),
        (ThrottledError("no", hint="yes"), 429),
        (UnavailableError("no", hint="yes"), 503),
        (TaskscopeError("no", hint="yes"), 500),
    ],
)
def test_errors_of_the_store_are_problem_details(failure: TaskscopeError, status: int) -> None:
    """The status tells the kind, the document what was said and what to do."""
    answer = ask_now(_app(Admin(failure)), "GET", "/api/store/stats")

    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.document["status"], answer.document["detail"], answer.document["hint"]) == (status, "no", "yes")


def test_a_mistake_of_the_program_is_logged_and_its_text_is_not_sent(caplog: pytest.LogCaptureFixture) -> None:
    """The text may hold anything."""
    app = _app(Admin(RuntimeError("secret")))

    answer = ask_now(app, "GET", "/api/store/stats", x_request_id="mine")

    assert answer.status == 500
    assert "secret" not in str(answer.document)
    assert (answer.document["request_id"], answer.headers["x-request-id"]) == ("mine", "mine")
    assert "secret" in caplog.text
    assert "request mine" in caplog.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/api/store/sql", 405), ("DELETE", "/api/store/stats", 405)],
)
def test_what_is_not_there_is_answered_with_problem_details_too(method: str, path: str, status: int) -> None:
    """A client has one form of error to read; 405 says what is allowed."""
    answer = ask_now(_app(Admin()), method, path)

    assert (answer.status, answer.document["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("allow" in answer.headers) == (status == 405)
