"""The Runtime API, spoken to as a runtime would, and as it would not."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from taskscope.lab.functions.model import Request
from taskscope.lab.functions.runtime_api import RuntimeApi

_RUNTIME = "/2018-06-01/runtime"


async def _exchange(address: str, *requests: bytes) -> bytes:
    """Send requests on one connection and return all that is answered."""
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for request in requests:
        writer.write(request)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def _post(path: str, body: bytes, *headers: str) -> bytes:
    head = [f"POST {_RUNTIME}{path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


_GET_NEXT = f"GET {_RUNTIME}/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def _with_api(test: Callable[[RuntimeApi, str], Awaitable[None]]) -> None:
    async def run() -> None:
        api = RuntimeApi()
        address = await api.start()
        try:
            await test(api, address)
        finally:
            await api.close()

    asyncio.run(run())


def test_invocation_is_handed_over_and_answered() -> None:
    """A runtime that asks gets payload and headers, and its response ends the invocation, on one connection."""

    async def test(api: RuntimeApi, address: str) -> None:
        answer = api.submit(Request("id-1", b'{"a":1}'), {"Lambda-Runtime-Aws-Request-Id": "id-1"})

        said = await _exchange(address, _GET_NEXT, _post("/invocation/id-1/response", b"42"))

        assert api.ready.is_set()
        assert said.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"Lambda-Runtime-Aws-Request-Id: id-1\r\n\r\n" + b'{"a":1}' + b"HTTP/1.1 202 Accepted" in said
        assert (await answer).body == b"42"

    _with_api(test)


def test_error_carries_its_type() -> None:
    """The type of an error is that of its document, and that of the header where the document has none."""

    async def test(api: RuntimeApi, address: str) -> None:
        first = api.submit(Request("1", b"{}"), {})
        second = api.submit(Request("2", b"{}"), {})
        header = "Lambda-Runtime-Function-Error-Type: Unhandled"

        await _exchange(
            address,
            _post("/invocation/1/error", json.dumps({"errorType": "KeyError"}).encode(), header),
            _post("/invocation/2/error", b"no json", header),
        )

        assert (await first).fault == "KeyError"
        assert (await second).fault == "Unhandled"

    _with_api(test)


def test_second_answer_and_unknown_paths_are_refused() -> None:
    """An invocation has one answer, an unknown one none, and other paths do not exist."""

    async def test(api: RuntimeApi, address: str) -> None:
        answer = api.submit(Request("1", b"{}"), {})

        said = await _exchange(
            address,
            _post("/invocation/1/response", b"1"),
            _post("/invocation/1/response", b"2"),
            _post("/invocation/9/error", b"{}"),
            _post("/restore/next", b""),
        )

        assert said.count(b"HTTP/1.1 202") == 1
        assert said.count(b"HTTP/1.1 400") == 2
        assert said.count(b"HTTP/1.1 404") == 1
        assert (await answer).body == b"1"

    _with_api(test)


def test_broken_request_closes_its_connection_only() -> None:
    """What is no HTTP is hung up on, and the next connection is served."""

    async def test(api: RuntimeApi, address: str) -> None:
        assert await _exchange(address, b"hello\r\n\r\n") == b""
        assert await _exchange(address, _post("/invocation/1/response", b"x", "Content-Length: x")) == b""
        api.submit(Request("1", b"{}"), {})

        assert b"202 Accepted" in await _exchange(address, _post("/invocation/1/response", b"1"))

    _with_api(test)


def test_client_may_ask_before_it_sends_much() -> None:
    """A client that expects ``100 Continue`` gets it."""

    async def test(api: RuntimeApi, address: str) -> None:
        answer = api.submit(Request("1", b"{}"), {})

        said = await _exchange(address, _post("/invocation/1/response", b"1", "Expect: 100-continue"))

        assert said.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202")
        assert (await answer).body == b"1"

    _with_api(test)
