"""Metrics as rows, and below a plot."""

from dataclasses import replace
from datetime import UTC

import pytest

from taskscope.clock import SECOND
from taskscope.model.metric_series import LabelValues, MetricAnswer, MetricEntry, MetricPoint, MetricSeries
from taskscope.model.window import Window
from taskscope.render.metric_plot import print_answer
from taskscope.render.metrics import label_cells, labels_text, labels_without_values, legend_cells, metric_cells

_NOON = 1_790_078_400 * SECOND


def _series(*values: float, **labels: str) -> MetricSeries:
    return MetricSeries(labels, tuple(MetricPoint(_NOON + 60 * n * SECOND, value) for n, value in enumerate(values)))


def test_a_counter_is_called_so() -> None:
    """With who sent it, and how long ago."""
    services = tuple(f"s{number}" for number in range(7))
    entry = MetricEntry(
        "http\nrequests",
        "sum",
        "",
        "",
        "cumulative",
        is_monotonic=True,
        services=services,
        series=12,
        points=24_120,
        first_ns=0,
        last_ns=_NOON,
    )

    assert metric_cells(entry, _NOON + 90 * SECOND) == [
        r"http\nrequests", "counter, cumulative", "-", "12", "24.1k", "1m", "s0, s1, s2, s3, s4, +2",
    ]  # fmt: skip


def test_labels_show_some_values() -> None:
    """An empty one is seen."""
    assert label_cells(LabelValues("code", ("200", ""), 9)) == ["code", "9", '200, "", +7']


def test_the_legend_has_figures_and_labels() -> None:
    """Last, least, average, greatest."""
    assert legend_cells(_series(1.0, 5.0, 3.0, code="200", route="/a b"), "ms") == [
        "3 ms", "1 ms", "3 ms", "5 ms", "code=200 route=/a b",
    ]  # fmt: skip
    assert labels_text({}) == "all"
    assert labels_text({"zone": ""}) == "zone=-"


def test_labels_that_nothing_has_are_found() -> None:
    """Where some series have one it is a label; of series that are left out nothing is known."""
    series = (_series(1.0, code="200", cod=""), _series(1.0, code="", cod=""))
    answer = MetricAnswer("m", "gauge", "", "avg", 60 * SECOND, series)

    assert labels_without_values(answer) == ["cod"]
    assert labels_without_values(replace(answer, left_out=1)) == []
    assert labels_without_values(replace(answer, series=())) == []


@pytest.mark.parametrize(
    ("width", "figures"),
    [(100, ["LAST", "MIN", "AVG", "MAX"]), (50, ["LAST", "MAX"]), (38, ["LAST"])],
)
def test_a_narrow_legend_says_what_lines_are_of(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int, figures: list[str]
) -> None:
    """Rather than each figure of lines without a name."""
    monkeypatch.setenv("COLUMNS", str(width))
    series = (_series(0.123, 0.456, **{"container.name": "aws-otel-collector"}),)
    answer = MetricAnswer("container.cpu.usage", "gauge", "{cpu}", "avg", 60 * SECOND, series)

    print_answer(
        answer, Window(_NOON, _NOON + 300 * SECOND), size=(width, 24), zone=UTC, colored=False, terminal=True,
        ascii_only=False,
    )  # fmt: skip

    printed = capsys.readouterr().out.splitlines()
    legend = next(number for number, line in enumerate(printed) if "LAST" in line)
    assert printed[legend].split() == [*figures, "SERIES"]
    assert "A  0.456 cpu" in printed[legend + 1]
    assert "container.name=aws-" in printed[legend + 1]


@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_metric_over_time(capsys: pytest.CaptureFixture[str], ascii_only: bool) -> None:  # noqa: FBT001 (a case)
    """What it is, the plot, and a line of the legend for each series."""
    series = (_series(1.0, 2.0, 3.0, code="200"), _series(0.0, 1.0, code="500"))
    answer = MetricAnswer("http.requests", "sum", "1/s", "rate", 60 * SECOND, series, 3)

    print_answer(
        answer,
        Window(_NOON, _NOON + 300 * SECOND),
        size=(60, 24),
        zone=UTC,
        colored=False,
        terminal=False,
        ascii_only=ascii_only,
    )

    lines = capsys.readouterr().out.splitlines()
    separator = "-" if ascii_only else "·"
    assert lines[0] == f"http.requests {separator} rate {separator} each 1m00s {separator} 2 of 5 series, 5m00s"
    assert [line.split() for line in lines[-3:]] == [
        ["LAST", "MIN", "AVG", "MAX", "SERIES"],
        ["A", "3/s", "1/s", "2/s", "3/s", "code=200"],
        ["B", "1/s", "0/s", "0.5/s", "1/s", "code=500"],
    ]
    assert ascii_only is "".join(lines).isascii()
