"""Metrics, asked over REST."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from taskscope.client.metrics import Metrics
from taskscope.errors import UnreachableError
from taskscope.model.document import to_document
from taskscope.model.metric_series import LabelValues, MetricAnswer, MetricEntry, MetricPage, MetricPoint, MetricSeries
from taskscope.model.window import Window

_WINDOW = Window(1, 2)
_ENTRY = MetricEntry(
    "m", "gauge", "By", "", "", is_monotonic=False, services=("shop",), series=1, points=2, first_ns=3, last_ns=4
)
_ANSWER = MetricAnswer(
    "m", "gauge", "By", "avg", 10, (MetricSeries({"code": "200"}, (MetricPoint(0, 1.5), MetricPoint(10, 2.0))),), 1
)


class _Rest:
    """Answers with one document, and notes what it is asked."""

    def __init__(self, document: object) -> None:
        self._document = document
        self.asked = ""

    def get(self, path: str) -> Any:
        """Answer."""
        self.asked = path
        return self._document

    def parameters(self) -> dict[str, list[str]]:
        """Return what was asked, but when."""
        found = parse_qs(urlsplit(self.asked).query)
        assert (found.pop("start"), found.pop("end")) == (["1"], ["2"])
        return found


def _metrics(rest: _Rest) -> Metrics:
    return Metrics(rest)  # type: ignore[arg-type]  # its double


def test_a_list() -> None:
    """A page as it was sent; what is not asked is not said."""
    rest = _Rest(to_document(MetricPage((_ENTRY,), "next")))

    assert _metrics(rest).find(_WINDOW, "http", limit=5) == MetricPage((_ENTRY,), "next")
    assert rest.asked.startswith("/api/metrics?")
    assert rest.parameters() == {"q": ["http"], "limit": ["5"]}


def test_labels() -> None:
    """Of one metric."""
    rest = _Rest({"labels": [to_document(LabelValues("code", ("200",), 1))]})

    assert _metrics(rest).labels(_WINDOW, "a b", where=["x=1", "y=2"]) == [LabelValues("code", ("200",), 1)]
    assert rest.asked.startswith("/api/metrics/labels?")
    assert rest.parameters() == {"name": ["a b"], "where": ["x=1", "y=2"], "limit": ["20"]}


def test_a_range_query() -> None:
    """Everything that can be asked; a percentile of 0 is one."""
    rest = _Rest(to_document(_ANSWER))
    asked = {"aggregate": "percentile", "percentile": 0, "by": ["code", "zone"], "where": ["a=~b&c"], "step_ns": 90}

    assert _metrics(rest).query(_WINDOW, "m", kind="gauge", limit=7, **asked) == _ANSWER  # type: ignore[arg-type]  # all of them
    assert rest.asked.startswith("/api/metrics/query?")
    assert rest.parameters() == {
        "name": ["m"], "kind": ["gauge"], "agg": ["percentile"], "percentile": ["0"], "by": ["code", "zone"],
        "where": ["a=~b&c"], "step": ["90ns"], "limit": ["7"],
    }  # fmt: skip


def test_what_is_not_understood_is_told() -> None:
    """As of a server of another version."""
    with pytest.raises(UnreachableError, match="the server's answer is not understood"):
        _metrics(_Rest({"name": 1})).query(_WINDOW, "m")
