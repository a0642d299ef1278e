"""EMF documents keep to the limits that are written down for them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.errors import UsageError
from taskscope.model.metric import Datapoint, Histogram, Metric, MetricKind, Temporality, Value
from taskscope.model.resource import Resource
from taskscope.pipeline.aggregate.distribution import Distribution
from taskscope.wire.emf.encode import check_namespace, encode

WEB = Resource({"service.name": "web"})
AT = 1_710_277_074_120_000_000


def _point(
    name: str = "m", value: Value = 1.0, *, attributes: dict[str, Any] | None = None, time_ns: int = AT,
    kind: MetricKind = MetricKind.GAUGE, resource: Resource = WEB, unit: str = "",
) -> Datapoint:  # fmt: skip
    metric = Metric(name, kind, unit, temporality=Temporality.DELTA)
    return Datapoint(metric, attributes or {}, time_ns, value, resource)


def _documents(*points: Datapoint) -> list[dict[str, Any]]:
    return [json.loads(document.body) for document in encode(points, namespace="Shop").documents]


def test_document_is_as_cloudwatch_reads_it() -> None:
    """One directive; dimensions and metrics are members of the root."""
    latency = Histogram(2, 30.0, [2], [], 10.0, 20.0)
    encoded = encode(
        [
            _point("latency", latency, kind=MetricKind.HISTOGRAM, unit="ms", attributes={"route": "/a"}),
            _point("orders", 3, kind=MetricKind.SUM, attributes={"route": "/a"}),
        ],
        namespace="Shop",
    )  # fmt: skip

    [document] = encoded.documents
    assert (document.time_ms, document.resource, encoded.unencoded) == (1_710_277_074_120, WEB, [])
    assert json.loads(document.body) == {
        "_aws": {
            "Timestamp": 1_710_277_074_120,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Shop",
                    "Dimensions": [["route", "service.name"]],
                    "Metrics": [{"Name": "latency", "Unit": "Milliseconds"}, {"Name": "orders", "Unit": "None"}],
                }
            ],
        },
        "route": "/a",
        "service.name": "web",
        "latency": {"Values": [15.0], "Counts": [2], "Min": 10.0, "Max": 20.0, "Count": 2, "Sum": 30.0},
        "orders": 3.0,
    }


def test_other_dimensions_times_and_resources_are_other_documents() -> None:
    """In the order in which they come."""
    points = [
        _point("a"),
        _point("b", attributes={"k": "1"}),
        _point("c"),
        _point("d", time_ns=AT + 1_000_000),
        _point("e", time_ns=AT + 999_999),
        _point("f", resource=Resource({"service.name": "web"})),
    ]

    assert [sorted(set("abcdef") & document.keys()) for document in _documents(*points)] == [
        ["a", "c", "e"], ["b"], ["d"], ["f"]
    ]  # fmt: skip


def test_second_value_of_a_series_at_the_same_time_has_a_document_of_its_own() -> None:
    """A member has one value only, and none is lost."""
    documents = _documents(_point("a", 1), _point("b", 2), _point("a", 3), _point("a", 4))

    assert [(document.get("a"), document.get("b")) for document in documents] == [(1, 2), (3, None), (4, None)]


def test_metric_that_clashes_with_a_dimension_stands_alone() -> None:
    """Others keep the dimension's own name."""
    documents = _documents(_point("route", attributes={"route": "/a"}), _point("other", attributes={"route": "/a"}))

    assert [(document["route"], document.get("route_"), document.get("other")) for document in documents] == [
        (1.0, "/a", None),
        ("/a", None, 1.0),
    ]


def test_datapoint_without_a_form_is_told_with_its_position() -> None:
    """The others are written."""
    encoded = encode([_point("a"), _point("b", float("nan")), _point("c")], namespace="Shop")

    assert [(each.position, each.reason) for each in encoded.unencoded] == [
        (1, "a value that is not finite, or beyond 2**360")
    ]
    assert len(encoded.documents) == 1


@pytest.mark.parametrize("namespace", ["", "AWS/ECS", "x" * 257])
def test_namespace_of_aws_is_refused(namespace: str) -> None:
    """Before anything is sent."""
    check_namespace("Shop/Orders")
    with pytest.raises(UsageError):
        check_namespace(namespace)


def _check(document: dict[str, Any], body: str) -> None:
    """Check a document against every written limit of the format."""
    assert len(body.encode()) + 26 <= 262_144
    assert isinstance(document["_aws"]["Timestamp"], int)
    [directive] = document["_aws"]["CloudWatchMetrics"]
    assert 0 < len(directive["Metrics"]) <= 100
    [dimensions] = directive["Dimensions"]
    assert len(dimensions) <= 30
    for name in dimensions:
        value = document[name]
        assert isinstance(value, str)
        assert 0 < len(value) <= 1024
        assert 0 < len(name) <= 255
    names = [metric["Name"] for metric in directive["Metrics"]]
    assert len({*names, *dimensions, "_aws"}) == len(names) + len(dimensions) + 1
    for name in names:
        assert 0 < len(name) <= 1024
        _check_value(document[name])


def _check_value(value: Any) -> None:
    if isinstance(value, dict):
        assert set(value) == {"Values", "Counts", "Min", "Max", "Count", "Sum"}
        assert 0 < len(value["Values"]) == len(value["Counts"]) <= 100
        assert sum(value["Counts"]) == value["Count"]
        numbers = [*value["Values"], value["Min"], value["Max"], value["Sum"]]
    else:
        numbers = [value]
    assert all(abs(number) <= 2**360 for number in numbers)


def _distribution(values: list[float]) -> Value:
    distribution = Distribution()
    for value in values:
        distribution.add(repr(value).encode(), 1.0)
    return distribution.result()


_names = st.sampled_from(["a", "b", "_aws", "route", "m" * 2000, '"' * 1024, ""]) | st.text(max_size=5)
_texts = st.text(max_size=5) | st.sampled_from(["", "x" * 3000, "\\" * 3000, "\x00" * 3000])
_attributes = st.dictionaries(_names, _texts | st.integers() | st.booleans(), max_size=5) | st.integers(0, 80).map(
    lambda count: {f"{number}{chr(34) * 300}": '"' * 2000 for number in range(count)}
)
_points = st.builds(
    lambda name, attributes, time_ns, value: _point(
        name,
        value,
        attributes=attributes,
        time_ns=time_ns,
        kind=MetricKind.GAUGE if isinstance(value, float) else MetricKind.EXPONENTIAL_HISTOGRAM,
    ),
    _names,
    _attributes,
    st.integers(0, 3_000_000),
    st.floats() | st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=20).map(_distribution),
)


@given(st.lists(_points, max_size=6))
def test_every_document_keeps_to_the_limits_and_no_datapoint_is_lost(points: list[Datapoint]) -> None:
    """Whatever names, texts and values there are."""
    encoded = encode(points, namespace="Shop")

    declared = 0
    for each in encoded.documents:
        document = json.loads(each.body)
        _check(document, each.body)
        declared += len(document["_aws"]["CloudWatchMetrics"][0]["Metrics"])
    assert declared + len(encoded.unencoded) == len(points)


def test_many_large_metrics_are_divided() -> None:
    """By a hundred, and by size."""
    wide = _distribution([2.0**number for number in range(-80, 80)])
    attributes = {f"{number:02d}" + '"' * 300: '"' * 2000 for number in range(80)}
    points = [
        _point(f"{number:03d}" + "\\" * 2000, wide, attributes=attributes, kind=MetricKind.EXPONENTIAL_HISTOGRAM)
        for number in range(120)
    ]
    encoded = encode([*points, *(_point(f"n{number}") for number in range(250))], namespace="Shop")

    for each in encoded.documents:
        _check(json.loads(each.body), each.body)
    counts = [len(json.loads(each.body)["_aws"]["CloudWatchMetrics"][0]["Metrics"]) for each in encoded.documents]
    assert sum(counts) == 370
    assert counts[-3:] == [100, 100, 50]
    assert max(counts[:-3]) > 1
