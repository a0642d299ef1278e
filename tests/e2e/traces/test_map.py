"""`taskscope map` draws who calls whom."""

import json
import xml.etree.ElementTree as ET

import pytest

from tests.e2e.traces.conftest import Ask
from tests.e2e.traces.shop import ORDERS


def _edges(text: str) -> dict[tuple[str, str], dict[str, int]]:
    document = json.loads(text)
    name = {node["index"]: "/".join(node["key"].values()) for node in document["nodes"]}
    return {
        (name[edge["source"]], name[edge["target"]]): {
            outcome: number for outcome, number in edge["statistics"]["tally"].items() if number
        }
        for edge in document["edges"]
    }


def test_the_map_has_each_call_with_its_outcomes(ask: Ask) -> None:
    """Clients, services, and what was called without answering for itself."""
    assert _edges(ask("map", "--output", "json").stdout) == {
        ("shop-api/client", "shop-api/AWS::ECS::Fargate"): {"ok": ORDERS - 2, "faults": 2},
        ("shop-api/AWS::ECS::Fargate", "orders/AWS::DynamoDB::Table"): {"ok": ORDERS},
        ("shop-api/AWS::ECS::Fargate", "payments/AWS::ECS::EC2"): {"ok": ORDERS - 2, "faults": 2},
    }


def test_a_filter_leaves_the_traces_that_match(ask: Ask) -> None:
    """On the map as in the list."""
    edges = _edges(ask("map", "fault", "--output", "json").stdout)
    assert edges["shop-api/AWS::ECS::Fargate", "payments/AWS::ECS::EC2"] == {"faults": 2}
    assert edges["shop-api/AWS::ECS::Fargate", "orders/AWS::DynamoDB::Table"] == {"ok": 2}


def test_the_tree_begins_with_the_client(ask: Ask) -> None:
    """And says how often, how well and how fast."""
    lines = ask("map").stdout.splitlines()
    assert lines[0] == "shop-api [client]"
    assert lines[1].startswith(f"`---> shop-api [AWS::ECS::Fargate]  {ORDERS} calls, 10% faults, p50 ")


@pytest.mark.parametrize(("form", "begins"), [("mermaid", "flowchart LR"), ("dot", "digraph service_map {")])
def test_the_map_is_a_diagram_of_other_tools(ask: Ask, form: str, begins: str) -> None:
    """With every node."""
    text = ask("map", "--output", form).stdout
    assert text.startswith(begins)
    assert all(name in text for name in ("shop-api", "orders", "payments"))


def test_the_map_is_a_picture(ask: Ask) -> None:
    """An SVG that stands alone."""
    picture = ET.fromstring(ask("map", "--output", "svg").stdout)  # noqa: S314 (our own)
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"


def test_no_service_is_said(ask: Ask) -> None:
    """On stderr."""
    assert "no service sent a span" in ask("map", "--since", "2h", "--until", "1h").stderr
