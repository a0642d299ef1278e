from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from taskscope.lab.gateway.http import Request
from taskscope.lab.gateway.routing import Router
from taskscope.lab.gateway.service import ApiError, Call, Document, Operation


def _nothing(_call: Call) -> Document:
    return {}


@dataclass
class _Service:
    name: str
    whole: bool
    names: tuple[str, ...]
    operations: Mapping[str, Operation] = field(init=False)

    def __post_init__(self) -> None:
        self.operations = dict.fromkeys(self.names, _nothing)


@pytest.fixture
def router() -> Router:
    """A whole json service, and two rest-json services with one operation each."""
    return Router(
        [
            _Service("logs", whole=True, names=("PutLogEvents",)),
            _Service("xray", whole=False, names=("GetSamplingTargets",)),
            _Service("lambda", whole=False, names=("Invoke",)),
        ]
    )


def _signed(service: str) -> dict[str, str]:
    scope = f"AKID/20261120/eu-west-1/{service}/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"}


_TARGET: Callable[[str], dict[str, str]] = lambda name: {"x-amz-target": name}  # noqa: E731 a table's shorthand


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        ("POST", "/", _TARGET("Logs_20140328.PutLogEvents"), ("PutLogEvents", {})),
        ("POST", "/", _TARGET("Kinesis_20131202.PutRecord"), None),
        ("POST", "/SamplingTargets", {}, ("GetSamplingTargets", {})),
        ("POST", "/SamplingTargets", _signed("xray"), ("GetSamplingTargets", {})),
        ("GET", "/SamplingTargets", {}, None),
        ("PUT", "/SamplingTargets", _signed("s3"), None),
        ("POST", "/TraceSegments", _signed("xray"), None),
        (
            "POST",
            "/2015-03-31/functions/my%3Afn/invocations",
            _signed("lambda"),
            ("Invoke", {"FunctionName": "my:fn"}),
        ),
        ("GET", "/2015-03-31/functions/", _signed("lambda"), None),
        ("GET", "/bucket/key", _signed("s3"), None),
    ],
)
def test_requests_find_their_operation(
    router: Router, method: str, path: str, headers: dict[str, str], *, expected: tuple[str, dict[str, str]] | None
) -> None:
    """By target, or by verb and path, signed or not; all else is the fallback's."""
    route = router.find(Request(method, path, {}, headers))
    assert (None if route is None else (route.operation, route.path_params)) == expected


def test_a_whole_service_has_no_second_store(router: Router) -> None:
    """An operation that a whole service lacks is refused by name, and not handed on."""
    with pytest.raises(ApiError, match=r"the embedded AWS does not implement logs\.StartQuery"):
        router.find(Request("POST", "/", {}, _TARGET("Logs_20140328.StartQuery")))
    with pytest.raises(ApiError, match="does not implement logs"):
        router.find(Request("GET", "/what", {}, _signed("logs")))


def test_what_the_fallback_answers_must_be_signed(router: Router) -> None:
    """Only the signature tells it from a call of S3."""
    with pytest.raises(ApiError, match=r"xray\.PutTraceSegments only if it is signed"):
        router.find(Request("POST", "/TraceSegments", {}, {}))


def test_region_and_service_come_from_the_credential_scope() -> None:
    """An unsigned request has neither."""
    assert Request("POST", "/", {}, _signed("ecs")).signed_for == ("eu-west-1", "ecs")
    assert Request("POST", "/", {}, {}).signed_for is None
