"""Handing a request, whose body has been read, to the fallback, and answering for it when it crashes."""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from taskscope.lab.gateway.errors import internal_failure

_LOG = logging.getLogger(__name__)


async def hand_over(app: ASGIApp, scope: Scope, body: bytes, receive: Receive, send: Send, *, asked: str) -> None:
    """
    Let another application answer; ``asked`` says for people what.

    Raises:
        ApiError: ``InternalFailure``, the application crashed before it began to answer.
    """
    headers = [pair for pair in scope["headers"] if pair[0] not in (b"content-length", b"transfer-encoding")]
    headers.append((b"content-length", str(len(body)).encode()))
    begun = False

    async def watched_send(message: Message) -> None:
        nonlocal begun
        begun = True
        await send(message)

    try:
        await app({**scope, "headers": headers}, _replay(body, receive), watched_send)
    except Exception as error:
        _LOG.exception("the fallback crashed on %s", asked)
        if begun:
            raise  # too late for an answer: the server cuts the connection
        raise internal_failure(asked, error) from error


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give a body that has been read to the next application; afterwards the client is heard again."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed
