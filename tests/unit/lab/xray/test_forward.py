"""X-Ray's calls at the gateway, forwarded to a server that says what it was asked."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from taskscope.clock import system_clock
from taskscope.errors import UnreachableError
from taskscope.lab.gateway.app import Gateway
from taskscope.lab.xray.forward import XRayForward
from taskscope.lab.xray.service import XRayService

Serve = Callable[[Any], str]


class _XRay:
    """An X-Ray that keeps what it is asked."""

    def __init__(self, status: int, answer: dict[str, Any]) -> None:
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        self._status = status
        self._answer = json.dumps(answer).encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode(): text.decode() for name, text in scope["headers"]}
        self.asked.append((scope["path"], headers, json.loads((await receive())["body"])))
        told = [(b"content-type", b"application/json"), (b"x-amzn-errortype", b"ThrottledException")]
        await send({"type": "http.response.start", "status": self._status, "headers": told})
        await send({"type": "http.response.body", "body": self._answer})


def lab(serve: Serve, address: Callable[[], Any]) -> Any:
    """Return a client of a gateway that forwards X-Ray."""
    forward = XRayForward(address)
    url = serve(
        Gateway(
            [XRayService(clock=system_clock)],
            fallback=None,
            account="123456789012",
            region="us-east-1",
            forwards={"xray": forward},
        )
    )
    return boto3.client("xray", region_name="us-east-1", endpoint_url=url, config=Config(retries={"max_attempts": 0}))


def at(url: str) -> Callable[[], Any]:
    """Return what gives a server's address."""
    parts = urlsplit(url)

    async def address() -> tuple[str, int]:
        return str(parts.hostname), int(parts.port or 0)

    return address


def test_calls_arrive_as_they_came_and_answers_go_back(serve: Serve) -> None:
    """Path, body and signature are the client's, of the operations that the lab has itself too."""
    far = _XRay(200, {"UnprocessedTraceSegments": [{"Id": "a"}], "SamplingRuleRecords": []})
    client = lab(serve, at(serve(far)))

    assert client.put_trace_segments(TraceSegmentDocuments=["{}"])["UnprocessedTraceSegments"] == [{"Id": "a"}]
    answer = client.get_sampling_rules()
    assert answer["SamplingRuleRecords"] == []
    assert answer["ResponseMetadata"]["RequestId"]
    assert [(path, body) for path, _, body in far.asked] == [
        ("/TraceSegments", {"TraceSegmentDocuments": ["{}"]}),
        ("/GetSamplingRules", {}),
    ]
    assert "/xray/aws4_request" in far.asked[0][1]["authorization"]


def test_errors_of_the_server_are_those_of_the_client(serve: Serve) -> None:
    """Status and type stay."""
    client = lab(serve, at(serve(_XRay(429, {"Message": "slower"}))))

    with pytest.raises(client.exceptions.ThrottledException, match="slower"):
        client.get_service_graph(StartTime=0, EndTime=1)


def test_a_server_that_does_not_start_is_service_unavailable(serve: Serve) -> None:
    """A retry may help, and the reason is told."""

    async def address() -> tuple[str, int]:
        raise UnreachableError("it did not start")

    with pytest.raises(ClientError, match="it did not start") as raised:
        lab(serve, address).get_groups()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


def test_unsigned_polls_of_samplers_are_forwarded_too(serve: Serve) -> None:
    """The X-Ray SDKs do not sign them."""
    far = _XRay(200, {"SamplingRuleRecords": []})
    url = lab(serve, at(serve(far))).meta.endpoint_url
    config = Config(signature_version=UNSIGNED, retries={"max_attempts": 0})

    boto3.client("xray", region_name="us-east-1", endpoint_url=url, config=config).get_sampling_rules()

    assert far.asked[0][0] == "/GetSamplingRules"
    assert "authorization" not in far.asked[0][1]
