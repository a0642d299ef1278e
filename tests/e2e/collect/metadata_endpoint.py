"""A task metadata endpoint of a test, whose statistics are renewed as often as it says."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from taskscope.lab.runner.metadata_server import MetadataServer, listen_on_loopback

EACH_SECOND: Final = {"TASKSCOPE_CONTAINER_STATS_SECONDS": "1"}
"""Variables of a collector that measures so often."""


class Endpoint:
    """A metadata endpoint whose container has used a second more whenever its statistics are renewed."""

    def __init__(self, *, cluster: str = "shop", renewed_seconds: float = 0) -> None:
        self.given = 0
        self._cluster = cluster
        self._renewed_seconds = renewed_seconds
        self._read = datetime.min.replace(tzinfo=UTC)

    def __call__(self, path: str, _caller: str) -> tuple[int, Any]:
        """Answer."""
        if not path.endswith("/stats"):
            container = {"DockerId": "c1", "Name": "app", "StartedAt": "2026-01-01T00:00:00Z", "Type": "NORMAL"}
            arn = f"arn:aws:ecs:eu-west-1:111122223333:task/{self._cluster}/killed"
            return 200, {"TaskARN": arn, "Cluster": self._cluster, "Family": "killed", "Containers": [container]}
        now = datetime.now(UTC)
        if now - self._read >= timedelta(seconds=self._renewed_seconds):
            self.given += 1
            self._read = now
        read = self._read.isoformat().replace("+00:00", "Z")
        usage = {"cpu_usage": {"total_usage": self.given * 1_000_000_000}}
        return 200, {"c1": {"read": read, "cpu_stats": usage, "memory_stats": {"usage": 1000}}}


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[str]:
    """Serve an endpoint on another thread; give the address as ECS does."""
    listening = listen_on_loopback()
    ready, ended = threading.Event(), threading.Event()

    async def serve() -> None:
        server = MetadataServer(endpoint)
        await server.serve(listening, "127.0.0.1")
        ready.set()
        await asyncio.to_thread(ended.wait)
        await server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(5)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v4/token"
    finally:
        ended.set()
        thread.join(5)
