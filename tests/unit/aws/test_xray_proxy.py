"""Sampling polls that are passed on to X-Ray, signed."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from taskscope.aws.session import Account
from taskscope.aws.xray_proxy import XRayProxy
from taskscope.errors import NotFoundError, UnreachableError


class _Endpoint(BaseHTTPRequestHandler):
    """Stands for X-Ray: remembers what was asked, and refuses what asks for it."""

    asked: list[tuple[str, str, bytes]]

    def do_POST(self) -> None:
        """Remember a request."""
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).asked.append((self.path, self.headers["authorization"], body))
        answer = b'{"SamplingRuleRecords":[]}'
        self.send_response(400 if b"bad" in body else 200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the address of an endpoint, and credentials."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    _Endpoint.asked = []
    server = HTTPServer(("127.0.0.1", 0), _Endpoint)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_poll_is_signed_and_its_answer_comes_back(endpoint: str) -> None:
    """The body travels as it came, with a signature for X-Ray."""
    proxy = XRayProxy(Account(region="eu-west-1", endpoint_url=endpoint))

    status, body = proxy.forward("/GetSamplingRules", b"{}")

    assert (status, json.loads(body)) == (200, {"SamplingRuleRecords": []})
    [(path, authorization, sent)] = _Endpoint.asked
    assert (path, sent) == ("/GetSamplingRules", b"{}")
    assert "/eu-west-1/xray/aws4_request" in authorization


def test_refusal_comes_back_as_it_is(endpoint: str) -> None:
    """An SDK gets to see what X-Ray has said to it."""
    proxy = XRayProxy(Account(region="eu-west-1", endpoint_url=endpoint))

    assert proxy.forward("/SamplingTargets", b'{"bad":1}')[0] == 400


def test_other_operations_are_not_passed_on(endpoint: str) -> None:
    """Whoever reaches the port may poll, and do nothing else in the account's name."""
    with pytest.raises(NotFoundError):
        XRayProxy(Account(region="eu-west-1", endpoint_url=endpoint)).forward("/DeleteSamplingRule", b"{}")
    assert _Endpoint.asked == []


@pytest.mark.usefixtures("endpoint")
def test_silence_is_told() -> None:
    """Where nothing answers, the poll fails, and the receiver answers from what it remembers."""
    with pytest.raises(UnreachableError):
        XRayProxy(Account(region="eu-west-1", endpoint_url="http://127.0.0.1:1")).forward("/GetSamplingRules", b"{}")
