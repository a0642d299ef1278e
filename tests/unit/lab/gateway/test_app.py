import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from taskscope.lab.gateway.app import API_BODY_BYTES, Gateway
from taskscope.lab.gateway.service import ApiError, Call, Document, Operation


class _Ecs:
    """A whole ECS of three operations."""

    name = "ecs"
    whole = True

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.operations: Mapping[str, Operation] = {
            "ListClusters": self._list,
            "DescribeTasks": self._crash,
            "ListTasks": self._refuse,
            "ListServices": self._slip,
        }

    def _list(self, call: Call) -> Document:
        self.calls.append(call)
        return {"clusterArns": ["a"], "nextToken": None}

    async def _crash(self, _call: Call) -> Document:
        raise RuntimeError("a bug")

    async def _refuse(self, _call: Call) -> Document:
        raise ApiError("ClusterNotFoundException", "Cluster not found.")

    def _slip(self, _call: Call) -> Document:
        return {"serviceArn": "x"}


class _Lambda:
    """A Lambda that only invokes."""

    name = "lambda"
    whole = False

    def __init__(self) -> None:
        self.operations: Mapping[str, Operation] = {"Invoke": self._invoke}

    async def _invoke(self, call: Call) -> Document:
        return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": call.params["Payload"][::-1]}


async def _fallback(scope: Any, receive: Any, send: Any) -> None:
    """Answer with path, length and what was sent; crash on one path."""
    if scope["path"] == "/crash":
        raise KeyError("key")
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    length = dict(scope["headers"]).get(b"content-length", b"none")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"%s %s %d" % (scope["path"].encode(), length, len(body))})


@pytest.fixture(scope="module")
def ecs() -> _Ecs:
    """The service that the gateway asks."""
    return _Ecs()


@pytest.fixture(scope="module")
def url(ecs: _Ecs, serve_module: Callable[[Any], str]) -> str:
    """A gateway in front of ECS, Lambda and a fallback."""
    return serve_module(Gateway([ecs, _Lambda()], fallback=_fallback, account="111122223333", region="eu-north-1"))


def _client(url: str, service: str, region: str = "eu-west-1") -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]  # any service
        region_name=region,
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}),
    )


def _request(url: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=body, headers=names)  # noqa: S310 a loopback address of this test
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 as above
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()


def test_an_operation_learns_who_asks_and_where(url: str, ecs: _Ecs) -> None:
    """Region by the signature, account of the lab, and every answer has an id."""
    answer = _client(url, "ecs").list_clusters(maxResults=5)

    assert answer["clusterArns"] == ["a"]
    assert "nextToken" not in answer
    assert len(answer["ResponseMetadata"]["RequestId"]) == 36
    call = ecs.calls[-1]
    assert (call.service, call.operation, call.params) == ("ecs", "ListClusters", {"maxResults": 5})
    assert (call.region, call.account, f"http://{call.host}") == ("eu-west-1", "111122223333", url)


def test_an_unsigned_call_has_the_default_region(url: str, ecs: _Ecs) -> None:
    """As a person with curl would call it."""
    target = "AmazonEC2ContainerServiceV20141113.ListClusters"
    status, headers, body = _request(url, b"{}", X_Amz_Target=target)

    assert (status, json.loads(body)) == (200, {"clusterArns": ["a"]})
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert ecs.calls[-1].region == "eu-north-1"


def test_errors_become_typed_exceptions(url: str) -> None:
    """Code and message arrive, with an id."""
    client = _client(url, "ecs")
    with pytest.raises(client.exceptions.ClusterNotFoundException, match=r"Cluster not found\.") as caught:
        client.list_tasks()
    assert caught.value.response["ResponseMetadata"]["RequestId"]


def test_a_crash_is_an_answer_and_the_server_goes_on(url: str) -> None:
    """The text of the exception helps to find the bug; so does a member that the model lacks."""
    client = _client(url, "ecs")
    with pytest.raises(ClientError, match=r"InternalFailure.*DescribeTasks failed: RuntimeError: a bug") as caught:
        client.describe_tasks(tasks=["x"])
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    with pytest.raises(ClientError, match=r"\['serviceArn'\] not in ListServicesResponse"):
        client.list_services()
    assert client.list_clusters()["clusterArns"] == ["a"]


def test_what_a_whole_service_lacks_is_refused(url: str) -> None:
    """The fallback never hears of it."""
    with pytest.raises(ClientError, match=r"the embedded AWS does not implement ecs\.DescribeClusters"):
        _client(url, "ecs").describe_clusters()


def test_a_payload_passes_as_bytes(url: str) -> None:
    """Invoke is ours, any other operation of Lambda is the fallback's."""
    answer = _client(url, "lambda").invoke(FunctionName="f", Payload=b"\x00\xffab")
    with answer["Payload"] as payload:
        assert (answer["StatusCode"], payload.read()) == (200, b"ba\xff\x00")


def test_the_fallback_gets_the_whole_body(url: str) -> None:
    """Other services go there with path, body and its length."""
    assert _request(f"{url}/bucket/key", b"x" * 1000)[2] == b"/bucket/key 1000 1000"


def test_a_crash_of_the_fallback_is_an_answer(url: str) -> None:
    """The client learns what failed, as it does of our own operations."""
    status, headers, body = _request(f"{url}/crash")
    assert (status, headers["x-amzn-errortype"]) == (500, "InternalFailure")
    assert json.loads(body)["message"] == "GET /crash failed: KeyError: 'key'"


def test_the_fallback_learns_a_json_service_by_the_signature(url: str) -> None:
    """Without one it would take any call for one of S3's."""
    status, _, body = _request(url, b"{}", X_Amz_Target="DynamoDB_20120810.ListTables")
    assert (status, json.loads(body)["__type"]) == (403, "MissingAuthenticationTokenException")


def test_rubbish_is_answered(url: str) -> None:
    """Broken JSON, strange targets and empty posts are errors, and the server goes on."""
    ours = "AmazonEC2ContainerServiceV20141113."
    assert _request(url, b"{", X_Amz_Target=f"{ours}ListClusters")[0] == 400
    assert json.loads(_request(url, b"{", X_Amz_Target=f"{ours}ListClusters")[2])["__type"] == "SerializationException"
    assert _request(url, b"\xff\x00", X_Amz_Target=ours)[0] == 400
    assert _request(url, b"", X_Amz_Target="é.x")[0] == 403
    assert _client(url, "ecs").list_clusters()["clusterArns"] == ["a"]


def test_a_body_beyond_the_limit_is_refused(url: str) -> None:
    """The client gets an answer and no broken pipe."""
    target = "AmazonEC2ContainerServiceV20141113.ListClusters"
    status, _, body = _request(url, b" " * (API_BODY_BYTES + 1), X_Amz_Target=target)
    assert (status, json.loads(body)["__type"]) == (413, "RequestEntityTooLargeException")


def test_a_visitor_is_told_what_this_is(url: str) -> None:
    """A person who opens the address reads a line of text."""
    status, headers, body = _request(url)
    assert (status, headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert b"embedded AWS" in body
    with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=10) as answer:  # noqa: S310 a loopback address of this test
        assert (answer.status, answer.read()) == (200, b"")
        assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("headers", [{"Origin": "http://page.example"}, {"Sec_Fetch_Site": "cross-site"}])
def test_a_web_page_does_not_reach_it(url: str, headers: dict[str, str]) -> None:
    """A call that a browser marks as a page's is refused, and no header invites it."""
    target = "AmazonEC2ContainerServiceV20141113.ListClusters"
    status, answered, _ = _request(url, b"{}", X_Amz_Target=target, **headers)
    assert status == 403
    assert not [name for name in answered if name.startswith("access-control")]


def test_without_a_fallback_other_services_are_refused(serve: Callable[[Any], str]) -> None:
    """The message says what was asked for."""
    url = serve(Gateway([_Ecs()], fallback=None, account="1", region="us-east-1"))
    with pytest.raises(ClientError, match="nothing that answers"):
        _client(url, "sqs").list_queues()


def test_latency_is_added_to_each_answer(serve: Callable[[Any], str]) -> None:
    """Half a tenth of a second is waited for before an API answer, not before the page for visitors."""
    url = serve(Gateway([_Ecs()], fallback=None, account="1", region="us-east-1", latency=0.05))
    started = time.perf_counter()
    _client(url, "ecs").list_clusters()
    assert time.perf_counter() - started >= 0.05
