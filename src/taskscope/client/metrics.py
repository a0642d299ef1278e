"""Metrics, asked over REST."""

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from taskscope.client.rest import Rest
from taskscope.errors import UnreachableError
from taskscope.model.document import from_document
from taskscope.model.metric_series import LabelValues, MetricAnswer, MetricPage
from taskscope.model.window import Window

_T = TypeVar("_T")


class Metrics:
    """Each method is one request; errors are those of ``Rest``."""

    def __init__(self, rest: Rest) -> None:
        """Take a server."""
        self._rest = rest

    def find(self, window: Window, text: str = "", *, limit: int = 100, cursor: str = "") -> MetricPage:
        """List metrics by name; ``text`` is a part of it, or a pattern with ``*`` and ``?`` for all of it."""
        return _read(MetricPage, self._get("", window, q=text, limit=limit, cursor=cursor))

    def labels(
        self, window: Window, name: str, *, kind: str = "", where: Sequence[str] = (), limit: int = 20
    ) -> Sequence[LabelValues]:
        """List the labels of a metric, each with so many of its values."""
        found = self._get("/labels", window, name=name, kind=kind, where=where, limit=limit)
        return [_read(LabelValues, each) for each in found["labels"]]

    def query(
        self,
        window: Window,
        name: str,
        *,
        kind: str = "",
        aggregate: str = "",
        percentile: float | None = None,
        by: Sequence[str] = (),
        where: Sequence[str] = (),
        step_ns: int = 0,
        limit: int = 20,
    ) -> MetricAnswer:
        """Return a metric over time; without a step, the server chooses one."""
        step = f"{step_ns}ns" if step_ns else ""
        return _read(
            MetricAnswer,
            self._get(
                "/query", window, name=name, kind=kind, agg=aggregate, percentile=percentile, by=by, where=where,
                step=step, limit=limit,
            ),
        )  # fmt: skip

    def _get(self, path: str, window: Window, **parameters: object) -> Any:
        asked = {name: value for name, value in parameters.items() if value not in ("", None, (), [])}
        times = {"start": window.start_ns, "end": window.end_ns}
        return self._rest.get(f"/api/metrics{path}?{urlencode({**times, **asked}, doseq=True)}")


def _read(kind: type[_T], document: Any) -> _T:
    try:
        return from_document(kind, document)
    except ValueError as error:
        raise UnreachableError(
            f"the server's answer is not understood: {error}", hint="is it of another version than this program?"
        ) from None
