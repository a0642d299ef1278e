"""``taskscope cost``, asked for figures that are given."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from taskscope.cli.account.cost import cost
from taskscope.errors import UsageError
from taskscope.sources.cost.prices import shipped_text


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the developer's own server, files and variables out."""
    for name in ("TASKSCOPE_TO", "TASKSCOPE_SERVER", "TASKSCOPE_CONFIG", "TASKSCOPE_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def _cost(*arguments: str) -> Result:
    return CliRunner().invoke(cost, arguments, catch_exceptions=False)


def _document(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_cost(*arguments, "--output", "json").stdout)
    return found


def test_the_text_says_amounts_prices_and_what_they_rest_on() -> None:
    """In the order of the targets, with their sum and AWS's own to compare."""
    said = _cost("--to", "container-insights", "--to", "cloudwatch-logs", "--services", "3", "--tasks", "10",
                 "--containers", "20", "--log-bytes-per-day", "1GB").stdout.splitlines()  # fmt: skip

    assert said[0] == "for 1 cluster, 3 services, 10 tasks, 20 containers, 1 GB of logs a day"
    assert [line.split() for line in said[2:6]] == [
        ["METRICS", "LOG", "GB", "USD", "A", "MONTH"],
        ["container-insights", "70", "1.00", "21.50"],
        ["cloudwatch-logs", "0", "30.42", "15.21"],
        ["together", "70", "31.41", "36.71"],
    ]
    assert [line.split()[:3] for line in said[8:10]] == [
        ["Container", "Insights,", "standard"],
        ["Container", "Insights,", "enhanced"],
    ]
    assert any("check https://aws.amazon.com/cloudwatch/pricing/" in line for line in said)
    assert any("free tiers" in line for line in said)


def test_json_has_the_same() -> None:
    """With full precision."""
    document = _document("--to", "emf", "--series", "100")

    assert [each["name"] for each in document["targets"]] == ["emf"]
    assert document["together"]["metrics_price"] == pytest.approx(30)
    assert document["load"]["points_a_day"] == 864_000


def test_a_task_has_one_container_and_one_service_unless_said() -> None:
    """The least that there can be."""
    load = _document("--tasks", "4")["load"]

    assert (load["clusters"], load["services"], load["containers"]) == (1, 1, 4)


def test_tasks_without_services_are_of_a_family() -> None:
    """Such as those of batches: a cluster and a family are two sets of ten metrics."""
    said = _cost("--services", "0", "--tasks", "4", "--to", "container-insights").stdout.splitlines()

    assert said[0] == "for 1 cluster, 0 services, 1 family without a service, 4 tasks, 4 containers"
    assert said[3].split()[1] == "20"


def test_targets_are_those_of_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The variable first, then the file; sinks that send nothing to CloudWatch are named and left out."""
    (tmp_path / "taskscope.toml").write_text('to = ["cloudwatch-logs", "otlp=http://host:4318"]\n')
    of_file = _document("--tasks", "1")
    monkeypatch.setenv("TASKSCOPE_TO", "emf,containers=true;xray")
    of_variable = _document("--tasks", "1")

    assert [each["name"] for each in of_file["targets"]] == ["cloudwatch-logs"]
    assert [each["name"] for each in of_variable["targets"]] == ["emf"]
    assert "otlp: it sends no metrics or logs to CloudWatch" in of_file["assumed"]
    assert "xray: it sends no metrics or logs to CloudWatch" in of_variable["assumed"]


def test_the_table_of_prices_can_be_taken_changed_and_given(tmp_path: Path) -> None:
    """It is printed as it is shipped."""
    assert _cost("--show-prices").stdout == shipped_text()
    path = tmp_path / "mine.toml"
    path.write_text(shipped_text().replace("0.30", "0.60"))

    assert _document("--series", "10", "--to", "emf", "--prices", str(path))["together"]["metrics_price"] == 6


def test_nothing_known_is_said() -> None:
    """Rather than a cost of nothing."""
    with pytest.raises(UsageError, match="nothing is known") as caught:
        _cost()

    assert caught.value.hint is not None
    assert "--cluster" in caught.value.hint


@pytest.mark.parametrize(
    "arguments", [("--tasks", "-1"), ("--tasks", "2", "--containers", "1"), ("--to", "nowhere", "--tasks", "1")]
)
def test_wrong_figures_are_refused(arguments: tuple[str, ...]) -> None:
    """By their names."""
    with pytest.raises(UsageError, match=arguments[0] if arguments[0] == "--to" else "--"):
        _cost(*arguments)
