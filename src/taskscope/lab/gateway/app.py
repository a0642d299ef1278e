"""
The gateway: an ASGI application that answers the AWS API on one port.

It finds service and operation of each request, decodes and validates by botocore's models, calls the operation, and
encodes strictly by the same models. It is for programs of this machine: a web page may not reach it.
"""

import asyncio
import inspect
import logging
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from taskscope.lab.gateway.answers import encode
from taskscope.lab.gateway.decode import decode
from taskscope.lab.gateway.errors import error_answer, internal_failure
from taskscope.lab.gateway.handover import hand_over
from taskscope.lab.gateway.http import (
    BodyTooLargeError,
    ClientGoneError,
    HttpAnswer,
    Request,
    read_body,
    read_request,
    send_answer,
)
from taskscope.lab.gateway.models import service_model
from taskscope.lab.gateway.routing import Route, Router, unsigned
from taskscope.lab.gateway.service import ApiError, Call, EventStream, Service
from taskscope.lab.gateway.streaming import send_stream

API_BODY_BYTES: Final = 20 * 1024 * 1024
"""Largest body of a call that the lab answers itself; AWS's own limits are far below."""

FALLBACK_BODY_BYTES: Final = 70 * 1024 * 1024
"""Largest body for the fallback: a Lambda zip of 50 MB in base64 fits."""

Forward: TypeAlias = Callable[[Request, bytes], Awaitable[HttpAnswer]]
"""Answers a request, of which it is given the body too, in place of the lab."""

_LOG: Final = logging.getLogger(__name__)
_LIFESPAN: Final = frozenset({"startup", "shutdown"})


class Gateway:
    """
    Answers for the services given, hands the rest to ``fallback`` and refuses it where there is none.

    Calls of the services in ``forwards`` are not looked into: another server answers them.

    ``region`` is that of unsigned requests; signed ones carry theirs. ``latency`` seconds pass before each API answer.
    """

    def __init__(
        self,
        services: Sequence[Service],
        *,
        fallback: ASGIApp | None,
        account: str,
        region: str,
        latency: float = 0.0,
        forwards: Mapping[str, Forward] | None = None,
    ) -> None:
        self._router = Router(services)
        self._forwards = forwards or {}
        self._whole = frozenset(service.name for service in services if service.whole)
        self._fallback = fallback
        self._account = account
        self._region = region
        self._latency = latency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection; whatever goes wrong inside becomes an answer."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            request = read_request(scope)
            try:
                await self._serve(request, scope, receive, send)
            except ApiError as error:
                await send_answer(send, _with_id(error_answer(error, media=_media(request)), _request_id()))
            except ClientGoneError:
                _LOG.debug("the client of %s %s hung up", request.method, request.path)

    async def _serve(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        if _is_from_a_page(request):
            raise ApiError("AccessDeniedException", "the embedded AWS does not answer web pages", status=403)
        if _is_a_visit(request):
            await send_answer(send, self._welcome())
            return
        route = self._router.find(request)
        body = await _bounded_body(receive, limit=API_BODY_BYTES if route else FALLBACK_BODY_BYTES)
        if self._latency:
            await asyncio.sleep(self._latency)
        if forward := self._forwards.get(_service_name(route, request)):
            await send_answer(send, _with_id(await forward(request, body), _request_id()))
        elif route:
            await self._answer(route, request, body, receive, send)
        else:
            await self._fall_back(request, scope, body, receive, send)

    async def _answer(self, route: Route, request: Request, body: bytes, receive: Receive, send: Send) -> None:
        request_id = _request_id()
        where = f"{route.service.name}.{route.operation}"
        operation = service_model(route.service.name).operation_model(route.operation)
        try:
            params = decode(operation, request, route.path_params, body)
            result = route.service.operations[route.operation](self._call(route, request, params))
            answer = await result if inspect.isawaitable(result) else result
            if isinstance(answer, EventStream):
                await send_stream(operation, answer, request_id, receive, send)
                return
            encoded = encode(operation, answer)
        except ApiError as error:
            encoded = error_answer(error, media=_media(request))
        except Exception as error:  # noqa: BLE001 a bug in one operation must not end the server
            _LOG.exception("%s crashed", where)
            encoded = error_answer(internal_failure(where, error), media=_media(request))
        await send_answer(send, _with_id(encoded, request_id))

    def _call(self, route: Route, request: Request, params: dict[str, object]) -> Call:
        signed = request.signed_for
        return Call(
            service=route.service.name,
            operation=route.operation,
            params=params,
            region=signed[0] if signed else self._region,
            account=self._account,
            host=request.headers.get("host", ""),
        )

    async def _fall_back(self, request: Request, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        signed = request.signed_for
        asked = request.headers.get("x-amz-target") or f"{request.method} {request.path}"
        if signed and signed[1] in self._whole:
            raise ApiError("UnknownOperationException", f"the embedded AWS does not implement {signed[1]}.{asked}")
        if self._fallback is None:
            raise ApiError("UnknownOperationException", f"the embedded AWS has nothing that answers {asked}")
        if signed is None and "x-amz-target" in request.headers:
            raise unsigned(asked)
        await hand_over(self._fallback, scope, body, receive, send, asked=asked)

    def _welcome(self) -> HttpAnswer:
        text = (
            "This is Taskscope's embedded AWS: a development tool for programs of this machine, without an account.\n"
            f"Account {self._account}, region {self._region}. Point an AWS client here with AWS_ENDPOINT_URL.\n"
        )
        return HttpAnswer(200, text.encode(), {"content-type": "text/plain; charset=utf-8"})


async def _live(receive: Receive, send: Send) -> None:
    """Say yes to start and end of the server."""
    while True:
        phase = (await receive())["type"].removeprefix("lifespan.")
        if phase in _LIFESPAN:
            await send({"type": f"lifespan.{phase}.complete"})
        if phase == "shutdown":
            return


def _is_from_a_page(request: Request) -> bool:
    """Browsers name the page's origin on every call that it could read or that changes something."""
    return "origin" in request.headers or request.headers.get("sec-fetch-site") in ("cross-site", "same-site")


def _is_a_visit(request: Request) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and request.path == "/"
        and not request.query
        and "authorization" not in request.headers
    )


def _service_name(route: Route | None, request: Request) -> str:
    """Return which service a request is for, as far as route or signature tell."""
    if route:
        return route.service.name
    return request.signed_for[1] if request.signed_for else ""


async def _bounded_body(receive: Receive, *, limit: int) -> bytes:
    try:
        return await read_body(receive, limit=limit)
    except BodyTooLargeError:
        raise ApiError(
            "RequestEntityTooLargeException", f"the embedded AWS takes bodies of at most {limit} bytes here", status=413
        ) from None


def _media(request: Request) -> str:
    """Media type of errors: that of the json protocol where the request speaks it."""
    return "application/x-amz-json-1.1" if "x-amz-target" in request.headers else "application/json"


def _request_id() -> str:
    return str(uuid.uuid4())


def _with_id(answer: HttpAnswer, request_id: str) -> HttpAnswer:
    return HttpAnswer(answer.status, answer.body, {**answer.headers, "x-amzn-requestid": request_id})
