"""What clusters, services, tasks and containers use, asked over REST."""

from collections.abc import Iterator
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from taskscope.client.rest import Rest
from taskscope.errors import UnreachableError
from taskscope.model.document import from_document
from taskscope.model.resource_usage import (
    Level,
    LiveView,
    ResourceEntry,
    ResourceKey,
    ResourceMap,
    ResourcePage,
    UsageSeries,
)
from taskscope.model.window import Window

_T = TypeVar("_T")

_PAGE: Final = 1000
"""Resources in one answer, at most."""


class UsageClient:
    """Each method asks; errors are those of ``Rest``."""

    def __init__(self, rest: Rest) -> None:
        """Take a server."""
        self._rest = rest

    def live(self, *, cluster: str = "", service: str = "", limit: int = 1000) -> LiveView:
        """Return what runs now."""
        return self._get(LiveView, "/api/live", cluster=cluster, service=service, limit=limit)

    def resources(
        self, window: Window, level: Level, *, text: str = "", cluster: str = "", service: str = ""
    ) -> Iterator[ResourceEntry]:
        """Yield the resources of a level with their averages, page after page."""
        cursor = ""
        while True:
            page = self._get(
                ResourcePage, "/api/resources", level=level.value, text=text, cluster=cluster, service=service,
                start=window.start_ns, end=window.end_ns, limit=_PAGE, cursor=cursor,
            )  # fmt: skip
            yield from page.resources
            if not (cursor := page.cursor):
                return

    def series(self, window: Window, key: ResourceKey, *, step: str = "") -> UsageSeries:
        """Return what a resource used over time; ``step`` is a duration, or empty."""
        names = {"cluster": key.cluster, "service": key.service, "task": key.task, "container": key.container}
        bounds = {"start": window.start_ns, "end": window.end_ns}
        return self._get(UsageSeries, "/api/resources/series", level=key.level.value, **names, **bounds, step=step)

    def resource_map(self, window: Window) -> ResourceMap:
        """Return all resources, each below what it belongs to."""
        return self._get(ResourceMap, "/api/resources/map", start=window.start_ns, end=window.end_ns)

    def _get(self, kind: type[_T], path: str, **parameters: object) -> _T:
        asked = {name: value for name, value in parameters.items() if value not in ("", None)}
        document: Any = self._rest.get(f"{path}?{urlencode(asked)}")
        try:
            return from_document(kind, document)
        except ValueError as error:
            raise UnreachableError(
                f"the server's answer is not understood: {error}", hint="is it of another version than this program?"
            ) from None
