"""Names and texts of an EMF document."""

from typing import Any

import pytest

from taskscope.model.metric import Datapoint, Metric, MetricKind
from taskscope.model.resource import Resource
from taskscope.wire.emf.members import Members, members_of, metric_name, plain


def _members(
    attributes: dict[str, Any], resource: dict[str, Any] | None = None, names: tuple[str, ...] = ()
) -> Members:
    point = Datapoint(Metric("m", MetricKind.GAUGE), attributes, 0, 1.0, Resource(resource or {}))
    return members_of(point, ("service.name", "aws.ecs.task.id"), names)


def test_dimensions_are_attributes_and_the_named_ones_of_the_resource() -> None:
    """As texts, sorted; what the datapoint says itself wins."""
    assert _members(
        {"route": "/a", "status": 200, "ok": True, "service.name": "own"}, {"service.name": "web", "other": "x"}
    ) == Members((("ok", "true"), ("route", "/a"), ("service.name", "own"), ("status", "200")), ())


def test_more_than_thirty_are_in_the_event_but_not_in_the_metric() -> None:
    """CloudWatch takes thirty."""
    members = _members({f"k{number:02d}": "v" for number in range(70)})

    assert [name for name, _ in members.dimensions] == [f"k{number:02d}" for number in range(30)]
    assert [name for name, _ in members.further] == [f"k{number:02d}" for number in range(30, 60)]


def test_attribute_named_like_a_metric_gets_an_underscore() -> None:
    """They share the root of the document, as does the directive."""
    assert _members({"m": "a", "m_": "b", "_aws": "c"}, names=("m",)).dimensions == (
        ("_aws_", "c"),
        ("m_", "a"),
        ("m__", "b"),
    )


@pytest.mark.parametrize(
    ("text", "fit"),
    [("a b", "a b"), ("", "-"), ("  ", "-"), ("é\n☃", "???"), ("x" * 2000, "x" * 1024)],
)
def test_texts_are_printable_ascii_with_something_in_them(text: str, fit: str) -> None:
    """As CloudWatch wants dimensions."""
    assert plain(text, 1024) == fit


def test_names_keep_out_of_cloudwatchs_way() -> None:
    """No dimension begins with a colon, no metric is the directive."""
    assert _members({":a": "v", ":": "w"}).dimensions == (("-", "w"), ("a", "v"))
    assert (metric_name("_aws"), metric_name("a" * 2000)) == ("_aws_", "a" * 1024)
