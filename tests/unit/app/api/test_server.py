"""The API's port as a whole: on which address strangers' names are refused, and that every path asks for its token."""

import asyncio
import http.client
import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from taskscope.app.api.server import ApiServer
from taskscope.app.processes.context import Context
from taskscope.app.processes.plan import Plan
from taskscope.app.store.opening import OpenedStore
from taskscope.counters import Counters
from taskscope.sockets import listen_tcp
from tests.unit.api.parts import Admin


def _ask(
    folder: Path, listen: str, method: str, path: str, headers: Mapping[str, str], *, token: str = ""
) -> tuple[int, Any]:
    """Serve, make one request to 127.0.0.1, and stop."""

    def request(port: int) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(method, path, b"{}", {"content-type": "application/json", **headers})
        answer = connection.getresponse()
        found = answer.status, json.loads(answer.read())
        connection.close()
        return found

    async def scenario() -> tuple[int, Any]:
        with closing(listen_tcp(listen, 0, flag="--port")) as bound, Counters() as counters:
            plan = Plan(
                "store", (), str(folder), {"api": [bound.fileno()]}, write_token=token and "w", read_token=token
            )
            context = Context.of(plan, counters)
            server = ApiServer(OpenedStore(f"chdb://{folder / 'store'}"), Admin(), context)
            await server.start()
            try:
                return await asyncio.to_thread(request, bound.getsockname()[1])
            finally:
                await server.stop()
                await server.stop()
                await context.close()

    return asyncio.run(scenario())


@pytest.mark.parametrize(("listen", "status"), [("127.0.0.1", 403), ("0.0.0.0", 200)])  # noqa: S104 (for one request)
def test_strangers_names_are_refused_on_loopback_only(tmp_path: Path, listen: str, status: int) -> None:
    """Beyond it the server has names that it cannot know, and a token."""
    headers = {"host": "collector.internal", "authorization": "Bearer t"}

    assert _ask(tmp_path, listen, "GET", "/api/store/stats", headers, token="t")[0] == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/events", 401),
        ("GET", "/api/store/stats", 401),
        ("POST", "/api/store/purge", 401),
        ("GET", "/", 404),
        ("GET", "/api/store/purge", 405),
    ],
)
def test_without_a_token_there_is_nothing_to_see(tmp_path: Path, method: str, path: str, status: int) -> None:
    """On every path of the port."""
    found, document = _ask(tmp_path, "127.0.0.1", method, path, {}, token="t")

    assert found == status
    assert "tables" not in document
