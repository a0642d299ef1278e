"""Rules, alerts and dashboard name metrics and labels that the exporter has."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from taskscope.exporter.metrics.families import MODERN, families
from taskscope.exporter.reading import Outcome
from taskscope.model.placement import ExposedContainer, PlacedContainer, PlacedTask
from taskscope.sources.discovery.endpoints import Endpoint
from taskscope.sources.discovery.targets import target
from taskscope.wire.task_metadata.decode import read

_ROOT = Path(__file__).parents[3]
_FOLDER = _ROOT / "deploy" / "prometheus"
_READINGS = _ROOT / "tests" / "fixtures" / "tmde"
_BY_PROMETHEUS = {"instance", "job"}
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


@cache
def _exported() -> dict[str, set[str]]:
    """Return the labels of each metric of the modern set, by name, over all platforms that are recorded."""
    found: dict[str, set[str]] = {"up": set()}
    for path in _READINGS.glob("*/task.json"):
        reading = read(path.read_bytes(), (path.parent / "stats.json").read_bytes())
        for family in families(Outcome(reading), sets=frozenset({MODERN})):
            for sample in family.samples:
                found.setdefault(sample.name, set()).update(sample.labels)
    return found


@cache
def _target_labels() -> set[str]:
    """Return the labels that ``taskscope discover`` gives to every series."""
    container = PlacedContainer("c", image="i")
    arn = "arn:aws:ecs:eu-west-1:111122223333"
    task = PlacedTask(
        f"{arn}:task/shop/1", f"{arn}:cluster/shop", f"{arn}:task-definition/f:1", group="service:s",
        launch_type="EC2", availability_zone="z", address="10.0.0.1",
    )  # fmt: skip
    found = target(task, Endpoint(container, 1, 1, "/metrics"), ExposedContainer("c"), mode="awsvpc", host=None)
    return {name for name in found.labels if not name.startswith("__")}


def _rules(name: str) -> list[dict[str, Any]]:
    document = yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def _dashboard() -> list[str]:
    document = json.loads((_FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    expressions = [each["expr"] for panel in document["panels"] for each in panel.get("targets", ())]
    asked = [each["query"] for each in document["templating"]["list"] if each["type"] == "query"]
    return expressions + asked + [each["expr"] for each in document["annotations"]["list"] if "expr" in each]


def _expressions() -> list[str]:
    return [rule["expr"] for name in ("rules.yml", "alerts.yml") for rule in _rules(name)] + _dashboard()


def _metrics(expression: str) -> set[str]:
    """Return the names of metrics in an expression: what is no label, function, keyword, number or text."""
    without_labels = re.sub(r"\{[^}]*\}|\"[^\"]*\"", "", expression)
    without_lists = re.sub(r"\b(on|by|without|ignoring|group_left)\s*\([^)]*\)", "", without_labels)
    without_ranges = re.sub(r"\[[^\]]*\]", "", without_lists)
    calls = set(re.findall(r"([a-z_]+)\s*\(", without_ranges))
    words = set(_NAME.findall(without_ranges)) - calls - {"or", "and", "unless"}
    return {each for each in words if "_" in each or ":" in each or each == "up"} - {"container_name"}


def _labels(expression: str) -> set[str]:
    """Return the labels in an expression: of matchers and of lists."""
    matched = re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)\s*\"", expression)
    listed = re.findall(r"\b(?:on|by|without|ignoring)\s*\(([^)]*)\)", expression)
    return set(matched) | {name.strip() for some in listed for name in some.split(",")}


@pytest.mark.parametrize("expression", _expressions())
def test_metrics_are_those_of_the_exporter_or_of_rules(expression: str) -> None:
    """A name that nothing exports makes a rule that is never there, and an alert that never fires."""
    recorded = {rule["record"] for rule in _rules("rules.yml")}
    known = _exported().keys() | recorded

    assert _metrics(expression) <= known
    assert _metrics(expression)


@pytest.mark.parametrize("expression", _expressions())
def test_labels_are_those_of_the_exporter_or_of_discovery(expression: str) -> None:
    """Likewise a label."""
    known = _target_labels() | _BY_PROMETHEUS | {label for labels in _exported().values() for label in labels}

    assert _labels(expression) <= known


def test_labels_in_texts_are_known() -> None:
    """Of alerts, and of legends."""
    known = _target_labels() | _BY_PROMETHEUS | {label for labels in _exported().values() for label in labels}
    texts = [text for rule in _rules("alerts.yml") for text in rule["annotations"].values()]
    document = (_FOLDER / "dashboard.json").read_text(encoding="utf-8")
    named = {name for text in texts for name in re.findall(r"\$labels\.(\w+)", text)}

    assert named <= known
    assert set(re.findall(r"\{\{(\w+)\}\}", document)) <= known


def test_dashboard_does_not_need_the_rules() -> None:
    """It is useful at once, wherever the metrics are."""
    assert [name for each in _dashboard() for name in _metrics(each) if ":" in name] == []
