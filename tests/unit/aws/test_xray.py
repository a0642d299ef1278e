"""What X-Ray answers, and how its daemon would count what goes wrong on the way."""

from typing import Any

import pytest
from botocore import exceptions as sdk

from taskscope.aws.failures import named
from taskscope.aws.xray import Unprocessed, error_kind
from taskscope.errors import TaskscopeError


def _answered(status: int, code: str = "InternalFailure") -> sdk.ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return sdk.ClientError(answer, "PutTraceSegments")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (sdk.ReadTimeoutError(endpoint_url="u"), "TimeoutCount"),
        (sdk.ConnectTimeoutError(endpoint_url="u"), "TimeoutCount"),
        (sdk.EndpointConnectionError(endpoint_url="u", error="Connection refused"), "ConnectionRefusedCount"),
        (sdk.EndpointConnectionError(endpoint_url="u", error="Failed to resolve 'u'"), "UnknownHostCount"),
        (sdk.ConnectionClosedError(endpoint_url="u"), "OtherCount"),
        (sdk.NoCredentialsError(), "OtherCount"),
        (_answered(500), "HTTPCode5XXCount"),
        (_answered(403, "AccessDenied"), "HTTPCode4XXCount"),
        (_answered(429, "ThrottledException"), "HTTPCode4XXCount"),
    ],
)
def test_failed_calls_are_counted_under_the_daemon_s_names(error: Exception, kind: str) -> None:
    """Time-outs, refused connections, unknown hosts, and statuses by their hundreds."""
    with pytest.raises(TaskscopeError) as caught, named("send", service="xray"):
        raise error

    assert error_kind(caught.value) == kind


@pytest.mark.parametrize(
    ("code", "transient"),
    [
        ("ThrottledException", True),
        ("Throttled", True),
        ("InternalFailure", True),
        ("ServiceUnavailable", True),
        ("TooManyRequests", True),
        ("InvalidTraceId", False),
        ("InvalidSegment", False),
        ("MissingId", False),
        ("", False),
    ],
)
def test_an_error_code_says_whether_the_document_may_come_again(code: str, *, transient: bool) -> None:
    """X-Ray being busy is no fault of a document."""
    assert Unprocessed("", code, "").is_transient is transient
