"""``taskscope metrics``, without a server."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner, Result

from taskscope.cli import metrics as command
from taskscope.errors import NotFoundError
from taskscope.model.metric_series import LabelValues, MetricAnswer, MetricEntry, MetricPage, MetricPoint, MetricSeries

_NAMES = ("http.requests", "http.request.duration", "memory")
_SERIES = (
    MetricSeries({"code": "200"}, (MetricPoint(0, 1.0), MetricPoint(60_000_000_000, 2.0))),
    MetricSeries({"code": "500"}, (MetricPoint(0, 0.5),)),
)


def _entry(name: str) -> MetricEntry:
    return MetricEntry(
        name, "gauge", "By", "", "", is_monotonic=False, services=("shop",), series=1, points=2, first_ns=3, last_ns=4
    )


class _Store:
    """Has three metrics, and answers for one."""

    asked: dict[str, Any]
    series: Sequence[MetricSeries] = _SERIES

    def __init__(self, _rest: object) -> None:
        """Take a server that is not asked."""

    def find(self, _window: object, text: str = "", *, limit: int, cursor: str = "") -> MetricPage:
        """Give a page of two names; a pattern is a beginning."""
        found = [name for name in _NAMES if name.startswith(text.rstrip("*"))]
        begin = int(cursor or 0)
        page = found[begin : begin + min(limit, 2)]
        end = begin + len(page)
        return MetricPage(tuple(map(_entry, page)), str(end) if end < len(found) else "")

    def labels(self, _window: object, _name: str, **asked: Any) -> Sequence[LabelValues]:
        """Give one label."""
        _Store.asked = asked
        return [LabelValues("code", ("200", "500"), 2)]

    def query(self, _window: object, name: str, **asked: Any) -> MetricAnswer:
        """Answer, if the name is known."""
        _Store.asked = {"name": name, **asked}
        if name not in _NAMES:
            raise NotFoundError(f"nobody sent a metric {name!r} in this time", hint="is its name right?")
        return MetricAnswer(name, "gauge", "By", "avg", 60_000_000_000, tuple(self.series), 1)


@contextmanager
def _nobody(_choice: object) -> Iterator[None]:
    yield


@pytest.fixture(autouse=True)
def _store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "Metrics", _Store)
    monkeypatch.setattr(command, "asking", _nobody)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(command.metrics, arguments)


def test_without_a_name_all_are_listed() -> None:
    """Over pages; or as many as are asked for."""
    rows = [line.split("\t")[0] for line in _run().stdout.splitlines()]

    assert rows == ["NAME", *_NAMES]
    assert len(_run("--limit", "1").stdout.splitlines()) == 2
    assert [each["name"] for each in json.loads(_run("-o", "json").stdout)] == [*_NAMES]
    assert [json.loads(line)["name"] for line in _run("-o", "jsonl").stdout.splitlines()] == [*_NAMES]


def test_a_name_is_plotted_with_a_legend() -> None:
    """What is left out is said."""
    result = _run("memory", "--by", "code,zone", "--by", "task", "--where", "a=1", "--step", "1m", "--limit", "2")

    assert result.stdout.startswith("memory · avg · each 1m00s · 2 of 3 series, 1h00m\n")
    assert "code=500" in result.stdout
    assert result.stderr == "taskscope: 1 more series have smaller values: narrow --where, or see --limit\n"
    assert _Store.asked == {
        "name": "memory", "kind": "", "aggregate": "", "percentile": None, "by": ["code", "zone", "task"],
        "where": ("a=1",), "step_ns": 60_000_000_000, "limit": 2,
    }  # fmt: skip


def test_a_pattern_that_means_one_metric_is_enough() -> None:
    """One that means several, or none, is told so."""
    assert _run("mem*").stdout.startswith("memory ")
    assert "'http*' fits http.request.duration, http.requests (name one of them)" in str(_run("http*").exception)
    assert "no metric that was sent in this time fits 'x*'" in str(_run("x*").exception)


def test_a_name_that_nobody_sent_is_guessed_at() -> None:
    """By likeness, and by what it is a part of."""
    assert "(did you mean memory?)" in str(_run("memroy").exception)
    assert "did you mean http.requests, http.request.duration?" in str(_run("http.request").exception)
    assert "(taskscope metrics lists them)" in str(_run("zzz").exception)


def test_answers_as_json() -> None:
    """As a whole, or a line for each series."""
    whole = json.loads(_run("memory", "-o", "json").stdout)
    lines = [json.loads(line) for line in _run("memory", "-o", "jsonl").stdout.splitlines()]

    assert whole["left_out"] == 1
    assert [each["labels"] for each in whole["series"]] == [{"code": "200"}, {"code": "500"}]
    assert [(each["name"], each["labels"]["code"], len(each["points"])) for each in lines] == [
        ("memory", "200", 2), ("memory", "500", 1),
    ]  # fmt: skip


def test_labels_are_listed() -> None:
    """With some of their values."""
    assert _run("memory", "--labels", "--where", "x=1").stdout.splitlines()[1] == "code\t2\t200, 500"
    assert _Store.asked == {"kind": "", "where": ("x=1",), "limit": 20}
    assert json.loads(_run("memory", "--labels", "-o", "jsonl").stdout)["values"] == ["200", "500"]


def test_nothing_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty answer is no plot."""
    monkeypatch.setattr(_Store, "series", ())
    result = _run("memory")

    assert result.stdout == ""
    assert "nothing of the metric fits" in result.stderr


def test_what_asks_about_one_metric_needs_its_name() -> None:
    """Instead of listing as if it were not there."""
    for option in (["--by", "x"], ["--labels"], ["--percentile", "0"]):
        assert "this asks about one metric, and none is named" in str(_run(*option).exception)
