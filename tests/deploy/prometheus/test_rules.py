"""Rules, alerts and configurations of ``deploy/prometheus``, as Prometheus' own tool reads them."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).parents[3] / "deploy" / "prometheus"
HERE = Path(__file__).parent


def promtool(*arguments: str | Path, cwd: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    """Run promtool; a test is skipped, and says so, where it is missing."""
    if (program := shutil.which("promtool")) is None:
        pytest.skip("promtool is not installed: rules and alerts are not checked (Debian package prometheus)")
    return subprocess.run([program, *arguments], cwd=cwd, capture_output=True, text=True, timeout=50, check=False)


@pytest.mark.parametrize("name", ["rules.yml", "alerts.yml"])
def test_rules_are_valid(name: str) -> None:
    """Expressions parse, names are legal, none is there twice."""
    checked = promtool("check", "rules", "--lint=all", "--lint-fatal", name)

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", ["rules_test.yml", "alerts_test.yml"])
def test_rules_say_what_series_mean(name: str) -> None:
    """Series whose rates are known in, shares and alerts out."""
    tested = promtool("test", "rules", name, cwd=HERE)

    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("name", ["prometheus.yml", "prometheus-http.yml"])
def test_configuration_is_valid(name: str, tmp_path: Path) -> None:
    """With the rules that it names beside it, and a file of targets that there is."""
    for each in (name, "rules.yml", "alerts.yml"):
        shutil.copy(FOLDER / each, tmp_path)
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "ecs.json").write_text("[]")
    checked = promtool("check", "config", name, cwd=tmp_path)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "WARNING" not in checked.stdout + checked.stderr


def _rules(name: str) -> list[dict[str, object]]:
    document = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def test_every_rule_and_alert_is_tested() -> None:
    """By a case that gives it samples, or fires it."""
    text = "".join((HERE / name).read_text(encoding="utf-8") for name in ("rules_test.yml", "alerts_test.yml"))
    names = [
        str(rule.get("record") or rule.get("alert")) for name in ("rules.yml", "alerts.yml") for rule in _rules(name)
    ]
    # These are sums of what is tested, or what a tested one is made of.
    parts = {"container:ecs_cpu_usage:vcpus_rate5m", "container:ecs_disk_read:bytes_rate5m"}
    parts |= {"container:ecs_disk_written:bytes_rate5m", "task:ecs_memory_working_set:bytes"}

    assert [name for name in names if name not in text and name not in parts] == []


def test_every_alert_says_what_it_is_and_how_bad() -> None:
    """Severity, a summary of one line, and a description that says more."""
    for alert in _rules("alerts.yml"):
        annotations, labels = alert["annotations"], alert["labels"]
        assert isinstance(annotations, dict)
        assert isinstance(labels, dict)
        assert labels["severity"] in {"warning", "critical"}
        assert len(annotations["summary"]) < len(annotations["description"])
        assert "\n" not in annotations["summary"]
