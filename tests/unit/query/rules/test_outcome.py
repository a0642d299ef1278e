"""How a span went, in X-Ray's sense."""

import pytest

from taskscope.model.attributes import AttributeValue
from taskscope.model.resource import Resource
from taskscope.model.span import Span, Status
from taskscope.model.trace import Outcome
from taskscope.query.rules.outcome import http_status, outcome


def _span(attributes: dict[str, AttributeValue], status: int = Status.UNSET) -> Span:
    return Span(bytes(16), bytes(8), b"", "GET", 2, 1, 2, attributes, Resource(), status=status)


@pytest.mark.parametrize(
    ("attributes", "status", "expected"),
    [
        ({}, Status.UNSET, Outcome.OK),
        ({}, Status.ERROR, Outcome.FAULT),
        ({"http.response.status_code": 200}, Status.ERROR, Outcome.FAULT),
        ({"http.response.status_code": 404}, Status.ERROR, Outcome.ERROR),
        ({"http.status_code": "429"}, Status.UNSET, Outcome.THROTTLE),
        ({"http.status_code": 503}, Status.UNSET, Outcome.FAULT),
        ({"aws.xray.error": True, "aws.xray.throttle": True}, Status.ERROR, Outcome.THROTTLE),
        ({"aws.xray.error": True, "aws.xray.fault": True, "http.response.status_code": 400}, 2, Outcome.FAULT),
        ({"aws.xray.fault": False}, Status.UNSET, Outcome.OK),
        ({"http.status_code": "none"}, Status.UNSET, Outcome.OK),
    ],
)
def test_outcome(attributes: dict[str, AttributeValue], status: int, expected: Outcome) -> None:
    """The HTTP status knows better than the span's whose fault it was; what X-Ray says counts beside it."""
    assert outcome(_span(attributes, status)) is expected


@pytest.mark.parametrize("text", ["", "two hundred", "-1", "99999", "\u0662\u0660\u0660", "1" * 5_000])
def test_what_is_no_status_is_none(text: str) -> None:
    """Whatever a sender writes."""
    assert http_status(_span({"http.status_code": text})) == 0
