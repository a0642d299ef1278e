"""The service map as text and pictures."""

import re
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from taskscope.model.service_map import EdgeKind, MapEdge, MapNode, NodeKey, NodeKind, ServiceMap, Statistics, Tally
from taskscope.render.service_map.diagrams import dot, mermaid
from taskscope.render.service_map.layout import lay_out
from taskscope.render.service_map.svg import svg
from taskscope.render.service_map.text import tree
from taskscope.render.waterfall.lines import plain


def _statistics(ok: int, faults: int = 0) -> Statistics:
    return Statistics(Tally(ok=ok, faults=faults), 10**9, 10**9, {400: ok + faults})


def _node(index: int, name: str, kind: NodeKind = NodeKind.SERVICE, type_: str = "") -> MapNode:
    return MapNode(index, NodeKey(name, type_), kind, is_entry=False, statistics=Statistics(), start_ns=0, end_ns=1)


def _edge(source: int, target: int, ok: int = 1, faults: int = 0, kind: EdgeKind = EdgeKind.CALL) -> MapEdge:
    return MapEdge(source, target, kind, _statistics(ok, faults), 0, 1)


SHOP = ServiceMap(
    (
        _node(0, "shop", NodeKind.CLIENT, "client"),
        _node(1, "shop", type_="AWS::ECS::Fargate"),
        _node(2, "orders", NodeKind.INFERRED, "AWS::DynamoDB::Table"),
        _node(3, 'pay "now"'),
    ),
    (_edge(0, 1, 90, 10), _edge(1, 2, 90), _edge(1, 3, 9, 1), _edge(3, 2), _edge(3, 1, kind=EdgeKind.LINK)),
)


def test_the_tree_names_calls_below_their_caller() -> None:
    """Calls stand below their caller, busiest first; what was drawn above is named and not drawn again."""
    assert list(tree(SHOP, plain)) == [
        "shop [client]",
        "`---> shop [AWS::ECS::Fargate]  100 calls, 10% faults, p50 32.8 ms, p99 32.8 ms",
        "     |---> orders [AWS::DynamoDB::Table]  90 calls, p50 32.8 ms, p99 32.8 ms",
        '     `---> pay "now"  10 calls, 10% faults, p50 32.8 ms, p99 32.8 ms',
        "          |- -> shop [AWS::ECS::Fargate]  1 call, p50 32.8 ms, p99 32.8 ms  (see there)",
        "          `---> orders [AWS::DynamoDB::Table]  1 call, p50 32.8 ms, p99 32.8 ms",
    ]


def test_a_long_chain_goes_on_in_another_tree() -> None:
    """A tree is not wider than 40 levels: what is called there stands further below, each node once."""
    chain = ServiceMap(tuple(_node(at, f"s{at}") for at in range(500)), tuple(_edge(at, at + 1) for at in range(499)))
    lines = list(tree(chain, plain))

    assert max(map(len, lines)) < 300
    assert len(lines) == 500 + sum("(goes on below)" in each for each in lines)
    assert sum(each.startswith("s") for each in lines) == 1 + sum("(goes on below)" in each for each in lines)


def test_mermaid_and_dot_quote_names() -> None:
    """Names cannot break out of their quotes, in Mermaid as in DOT."""
    assert '  n3["pay #34;now#34;"]' in list(mermaid(SHOP))
    assert any(each.startswith('  n3 [label="pay \\"now\\""') for each in dot(SHOP))
    assert '  n3 -.->|"1 call, p50 32.8 ms, p99 32.8 ms"| n1' in list(mermaid(SHOP))


def test_the_picture_is_xml_with_a_circle_for_each_node() -> None:
    """The SVG is well-formed and has each node and each edge, their names as texts."""
    document = ET.fromstring("\n".join(svg(SHOP)))  # noqa: S314 (our own)
    space = {"s": "http://www.w3.org/2000/svg"}
    assert len(document.findall(".//s:circle[@class]", space)) == len(SHOP.nodes)
    assert len(document.findall("./s:path", space)) == len(SHOP.edges)
    assert 'pay "now"' in [each.text for each in document.iter("{http://www.w3.org/2000/svg}text")]


def test_control_characters_get_into_no_picture() -> None:
    """What apps named with control characters is escaped in each form, and the SVG is well-formed all the same."""
    hostile = ServiceMap((_node(0, "a\x1b[31m\x07", type_="Database::x\x9b2J\x00"),), ())
    ET.fromstring("\n".join(svg(hostile)))  # noqa: S314 (our own)
    for lines in (tree(hostile, plain), svg(hostile), mermaid(hostile), dot(hostile)):
        assert all(each.replace("\n", "").isprintable() for each in lines)


_ENDS = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=24, unique=True)


@given(_ENDS)
def test_every_map_can_be_drawn(ends: list[tuple[int, int]]) -> None:
    """Every map can be drawn, rings and loops included: each node has a place of its own, each edge is in the tree."""
    drawn = ServiceMap(tuple(_node(n, f"n{n}") for n in range(8)), tuple(_edge(a, b) for a, b in ends))
    layout = lay_out(drawn)
    taken = [*layout.nodes.values(), *(stop for way in layout.ways.values() for stop in way)]
    assert len(taken) == len(set(taken))
    text = list(tree(drawn, plain))
    assert sum("-> " in each for each in text) == len(ends)
    roots = [each for each in text if not re.match(r"[ |`]", each)]
    assert len(text) == len(ends) + len(roots)
    ET.fromstring("\n".join(svg(drawn)))  # noqa: S314 (our own)
