"""Traces and the service map, asked over REST."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

from taskscope.client.rest import Rest
from taskscope.errors import UnreachableError
from taskscope.model.document import from_document
from taskscope.model.log_line import JoinedLog
from taskscope.model.service_map import ServiceMap
from taskscope.model.trace import TraceOverview, TracePage, TraceView
from taskscope.model.window import Window

_T = TypeVar("_T")

_FORMS: Final[Mapping[str, str]] = {"xray": "documents", "otlp": "otlp"}


class Traces:
    """Each method is one request; errors are those of ``Rest``."""

    def __init__(self, rest: Rest) -> None:
        """Take a server."""
        self._rest = rest

    def find(
        self, window: Window, expression: str = "", *, sort: str = "time", limit: int = 20, cursor: str = ""
    ) -> TracePage:
        """Search; ``sort`` is ``time`` or ``duration``."""
        answer = self._get("/api/traces", window, q=expression, sort=sort, limit=limit, cursor=cursor)
        return _read(TracePage, answer)

    def groups(self, window: Window, by: str, expression: str = "", *, limit: int = 50) -> TraceOverview:
        """Count traces by what they share."""
        return _read(TraceOverview, self._get("/api/traces/groups", window, by=by, q=expression, limit=limit))

    def view(self, trace_id: str, *, attributes: bool = False) -> TraceView:
        """Return a whole trace."""
        answer = self._rest.get(f"/api/traces/{_path(trace_id)}{'?attributes=1' if attributes else ''}")
        return _read(TraceView, answer)

    def logs(self, trace_id: str) -> Sequence[JoinedLog]:
        """Return the log records that belong to a trace."""
        answer = self._rest.get(f"/api/traces/{_path(trace_id)}/logs")
        return [_read(JoinedLog, each) for each in answer["logs"]]

    def documents(self, trace_id: str, form: str) -> Any:
        """Return a trace as ``xray`` or ``otlp`` writes it."""
        return self._rest.get(f"/api/traces/{_path(trace_id)}/{_FORMS[form]}")

    def service_map(self, window: Window, expression: str = "") -> ServiceMap:
        """Return who called whom."""
        return _read(ServiceMap, self._get("/api/map", window, q=expression))

    def _get(self, path: str, window: Window, **parameters: object) -> Any:
        asked = {name: value for name, value in parameters.items() if value not in ("", None)}
        return self._rest.get(f"{path}?{urlencode({'start': window.start_ns, 'end': window.end_ns, **asked})}")


def _path(text: str) -> str:
    return quote(text, safe="")


def _read(kind: type[_T], document: Any) -> _T:
    try:
        return from_document(kind, document)
    except ValueError as error:
        raise UnreachableError(
            f"the server's answer is not understood: {error}", hint="is it of another version than this program?"
        ) from None
