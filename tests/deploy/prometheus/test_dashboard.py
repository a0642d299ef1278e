"""The dashboard is one that Grafana takes: what its panels have, how they lie, and where they get their data."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

_PATH = Path(__file__).parents[3] / "deploy" / "prometheus" / "dashboard.json"
_DOCUMENT: dict[str, Any] = json.loads(_PATH.read_text(encoding="utf-8"))
_PANELS: list[dict[str, Any]] = _DOCUMENT["panels"]
_SHOWN = [each for each in _PANELS if each["type"] != "row"]
_DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH = 24


def test_it_can_be_imported() -> None:
    """It has a name and an id of its own, no number of a server, and no input that is asked for."""
    assert (_DOCUMENT["title"], _DOCUMENT["uid"], _DOCUMENT["id"]) == (
        "ECS tasks and containers",
        "taskscope-ecs",
        None,
    )
    assert _DOCUMENT["schemaVersion"] >= 36
    assert "__inputs" not in _DOCUMENT
    assert _DOCUMENT["time"] == {"from": "now-1h", "to": "now"}


def test_variables_lead_from_data_source_to_container() -> None:
    """Each narrows the next; the data source is one of them, so that the file fits every Grafana."""
    variables = {each["name"]: each for each in _DOCUMENT["templating"]["list"]}

    assert list(variables) == ["datasource", "job", "cluster", "service", "task", "container"]
    assert (variables["datasource"]["type"], variables["datasource"]["query"]) == ("datasource", "prometheus")
    for name in list(variables)[1:]:
        each = variables[name]
        assert each["type"] == "query"
        assert each["datasource"] == _DATASOURCE
        assert (each["multi"], each["includeAll"], each["allValue"]) == (True, True, ".*")
        assert each["query"] == each["definition"]


@pytest.mark.parametrize("panel", _SHOWN, ids=lambda panel: panel["title"])
def test_panel_has_what_grafana_needs(panel: dict[str, Any]) -> None:
    """Type, place, data source, queries with ids of their own, a unit."""
    assert panel["type"] in {"stat", "state-timeline", "table", "timeseries"}
    assert panel["datasource"] == _DATASOURCE
    assert panel["fieldConfig"].keys() == {"defaults", "overrides"}
    assert panel["options"]
    assert panel["targets"]
    identities = [each["refId"] for each in panel["targets"]]
    assert len(set(identities)) == len(identities)
    for each in panel["targets"]:
        assert each["datasource"] == _DATASOURCE
        assert each["expr"].strip()
        assert each["range"] is not each["instant"]


def test_panels_have_ids_of_their_own() -> None:
    """Links to a panel name it."""
    assert len({each["id"] for each in _PANELS}) == len(_PANELS)


def test_panels_do_not_overlap_and_fit() -> None:
    """On a grid of 24 columns."""
    for each in _PANELS:
        assert 0 <= each["gridPos"]["x"] < each["gridPos"]["x"] + each["gridPos"]["w"] <= _WIDTH
    for one, other in combinations([each["gridPos"] for each in _PANELS], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or above


def test_it_shows_what_it_promises() -> None:
    """CPU, throttling, memory, network, storage, restarts and health; counters by Grafana's own interval."""
    expressions = " ".join(target["expr"] for panel in _SHOWN for target in panel["targets"])

    for part in (
        "cpu_usage_seconds_total", "cpu_throttled_periods_total", "memory_working_set_bytes", "receive_bytes_total",
        "disk_read_bytes_total", "ephemeral_storage_used_bytes", "restarts_total", "health_status",
    ):  # fmt: skip
        assert part in expressions
    assert "$__rate_interval" in expressions
