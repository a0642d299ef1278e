"""An application on sockets of ours, from its start to its stop."""

import asyncio
import http.client
import subprocess
import sys

import pytest

from taskscope.serving.asgi import AsgiServer, Receive, Scope, Send
from taskscope.sockets import listen_tcp


async def _hello(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"hi"})


def _ask(port: int) -> tuple[bytes, str | None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        answer = connection.getresponse()
        return answer.read(), answer.getheader("date")
    finally:
        connection.close()


@pytest.mark.parametrize("has_date", [True, False])
def test_requests_are_answered_until_the_stop(has_date: bool) -> None:  # noqa: FBT001 (a parameter of the table)
    """With the time for clients that set their clocks by it, without for senders; then the port is free."""

    async def scenario() -> tuple[bytes, str | None]:
        server = AsgiServer(_hello, has_date=has_date)
        bound = listen_tcp("127.0.0.1", 0, flag="--port")
        port = bound.getsockname()[1]
        await server.start([bound])
        answer = await asyncio.to_thread(_ask, port)
        await server.stop()
        await server.stop()
        listen_tcp("127.0.0.1", port, flag="--port").close()
        return answer

    body, date = asyncio.run(scenario())

    assert body == b"hi"
    assert (date is not None) == has_date


def test_it_needs_no_more_than_uvicorn_itself() -> None:
    """The lab is installed without the parser that deadlines need."""
    code = "import sys; sys.modules['httptools'] = None; import taskscope.serving.asgi"
    subprocess.run([sys.executable, "-c", code], check=True)
