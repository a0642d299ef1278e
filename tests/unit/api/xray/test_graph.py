"""Service maps in X-Ray's shape."""

from taskscope.api.xray.graph import services_of, together
from taskscope.api.xray.shapes import write_output
from taskscope.clock import SECOND
from taskscope.model.service_map import (
    EdgeKind,
    MapEdge,
    MapNode,
    NodeKey,
    NodeKind,
    ServiceMap,
    Statistics,
    Tally,
    bucket_of,
)

_FAST = Statistics(Tally(ok=3, errors=2, throttles=1, faults=4), 5 * SECOND, SECOND, {bucket_of(SECOND): 10})
_SLOW = Statistics(Tally(faults=1), 9 * SECOND, 9 * SECOND, {bucket_of(SECOND): 1, bucket_of(9 * SECOND): 1})
_NONE = Statistics()


def _node(index: int, name: str, kind: NodeKind, statistics: Statistics = _NONE, *, entry: bool = False) -> MapNode:
    return MapNode(index, NodeKey(name, "AWS::X" if index else ""), kind, entry, statistics, SECOND, 2 * SECOND)


def _edge(source: int, target: int, statistics: Statistics, kind: EdgeKind = EdgeKind.CALL) -> MapEdge:
    return MapEdge(source, target, kind, statistics, SECOND, 2 * SECOND)


_MAP = ServiceMap(
    (
        _node(0, "shop", NodeKind.CLIENT),
        _node(1, "shop", NodeKind.SERVICE, _FAST, entry=True),
        _node(2, "orders", NodeKind.INFERRED),
    ),
    (_edge(0, 1, _FAST), _edge(1, 2, _FAST), _edge(1, 2, _SLOW, EdgeKind.LINK)),
)


def test_every_request_is_counted_once() -> None:
    """Ok, errors and faults are all of them; an error is a throttle or another."""
    service = services_of(_MAP)[1]

    assert service["SummaryStatistics"] == {
        "OkCount": 3,
        "ErrorStatistics": {"ThrottleCount": 1, "OtherCount": 2, "TotalCount": 3},
        "FaultStatistics": {"OtherCount": 4, "TotalCount": 4},
        "TotalCount": 10,
        "TotalResponseTime": 5.0,
    }


def test_clients_have_no_figures_and_what_sent_no_spans_has_those_of_its_callers() -> None:
    """As AWS shows them."""
    client, _, inferred = services_of(_MAP)

    assert client["SummaryStatistics"] is None
    assert client["ResponseTimeHistogram"] == []
    assert (inferred["State"], inferred["SummaryStatistics"]["TotalCount"]) == ("unknown", 11)
    assert sum(each["Count"] for each in inferred["ResponseTimeHistogram"]) == 12


def test_an_edge_names_the_node_that_it_leads_to() -> None:
    """And whether it is a link between traces."""
    edges = services_of(_MAP)[1]["Edges"]

    assert [(each["ReferenceId"], each["EdgeType"]) for each in edges] == [(2, None), (2, "link")]


def test_it_fits_the_model() -> None:
    """With no member that botocore does not know, and nothing where nothing is."""
    written = write_output("GetServiceGraph", {"Services": services_of(_MAP), "StartTime": SECOND, "EndTime": SECOND})

    assert "Type" not in written["Services"][0]
    assert "Root" not in written["Services"][0]
    assert (written["Services"][1]["Root"], written["Services"][1]["StartTime"]) == (True, 1.0)


def test_nothing_added_up_is_nothing() -> None:
    """A node that nobody called."""
    assert together([]) == Statistics(histogram={})
