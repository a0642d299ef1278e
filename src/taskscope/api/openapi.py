"""The OpenAPI document of the REST API."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from taskscope import __version__
from taskscope.api.guard import Guard
from taskscope.api.schemas import schema_named

_PROBLEM: Final = {
    "title": "Problem",
    "description": "An error (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "hint": {"type": "string", "description": "What may help."},
    },
}
_ERRORS: Final[Mapping[str, str]] = {
    "400": "A parameter or the body is wrong.",
    "401": "The token is missing or wrong.",
    "403": "Another machine's name or page asks, or the store's own user may not.",
    "404": "It is not there.",
    "405": "Another method is needed.",
    "408": "The body is too slow.",
    "413": "The body is too large.",
    "415": "The body is not said to be JSON.",
    "429": "Too many questions are under way.",
    "500": "It took too long or too much memory; or a mistake of the program.",
    "503": "The store does not answer for now.",
}
_OF_BODIES: Final = frozenset({"408", "413", "415"})


def document(app: FastAPI) -> dict[str, Any]:
    """Return the document; it is made anew at each call."""
    routes = list(api_routes(app))
    made: dict[str, Any] = get_openapi(
        title="Taskscope", version=__version__, description="What `taskscope serve` answers.", routes=routes
    )
    for route in routes:
        for method in route.methods or ():
            _complete(made["paths"][route.path_format][method.lower()], route)
    made["components"] = {
        "schemas": {"Problem": _PROBLEM},
        "securitySchemes": {name: {"type": "http", "scheme": "bearer"} for name in ("read", "write")},
    }
    return made


def api_routes(app: FastAPI) -> Iterator[APIRoute]:
    """Yield the routes that the document tells of."""
    for each in app.routes:
        if isinstance(each, APIRoute) and each.include_in_schema:
            yield each


def guard_of(dependant: Dependant) -> Guard | None:
    """Return who lets requests to a route pass; None if nobody asks."""
    if isinstance(dependant.call, Guard):
        return dependant.call
    return next((found for each in dependant.dependencies if (found := guard_of(each))), None)


def _complete(operation: dict[str, Any], route: APIRoute) -> None:
    """Say what a route answers, how its errors look, and whose token it asks for."""
    kind = operation.pop("x-kind", "application/json")
    responses = {"200": {"description": "The answer.", "content": {kind: {"schema": _answer(operation)}}}}
    if operation.pop("x-kept", False):
        responses["304"] = {"description": "The one that asks has it already."}
    for status, meaning in _ERRORS.items():
        if "requestBody" in operation or status not in _OF_BODIES:
            content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
            responses[status] = {"description": meaning, "content": content}
    operation["responses"] = responses
    guard = guard_of(route.dependant)
    if guard is not None:
        operation["security"] = [{guard.whose: []}]


def _answer(operation: dict[str, Any]) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = operation.pop("x-schema", {})
    name, many, listed = (operation.pop(each, "") for each in ("x-answer", "x-many", "x-listed"))
    if not name:
        return schema
    if not (many or listed):
        return schema_named(name)
    items = {"type": "array", "items": schema_named(name)}
    return items if many else {"type": "object", "required": [listed], "properties": {listed: items}}
