"""Signature Version 4, held against botocore's own signer."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from taskscope.api.xray.signature import Signed, is_signed_with
from taskscope.clock import SECOND, system_clock


def _signed(
    path: str = "/Traces", query: str = "", body: bytes = b"{}", headers: Mapping[str, str] | None = None
) -> Signed:
    request: Any = AWSRequest("POST", f"http://127.0.0.1:8275{path}?{query}", data=body)
    request.headers["Host"] = "127.0.0.1:8275"
    for name, value in (headers or {}).items():
        request.headers[name] = value
    SigV4Auth(Credentials("anybody", "token"), "xray", "eu-west-1").add_auth(request)
    sent = {name.lower(): value for name, value in request.headers.items()}
    return Signed("POST", path, query, sent, body)


@pytest.mark.parametrize(
    "request_of",
    [
        _signed(),
        _signed(body=b""),
        _signed(query="a=1&b=x%20y&a="),
        _signed(path="/a b"),
        _signed(headers={"accept": "a,  b", "x-amz-security-token": "session"}),
    ],
    ids=["plain", "empty", "query", "path", "headers"],
)
def test_what_botocore_signs_is_admitted(request_of: Signed) -> None:
    """Whatever the key's id, the region and the service."""
    assert is_signed_with("token", request_of, now=system_clock())
    assert not is_signed_with("tokens", request_of, now=system_clock())


def test_nothing_can_be_changed_after_signing() -> None:
    """Body, path, query, method, a signed header."""
    signed = _signed()
    other_date = dict(signed.headers) | {"x-amz-date": datetime.now(UTC).strftime("%Y%m%dT000000Z")}

    for changed in (
        replace(signed, body=b"{ }"),
        replace(signed, path="/Groups"),
        replace(signed, query="a=1"),
        replace(signed, method="GET"),
        replace(signed, headers=dict(signed.headers) | {"host": "elsewhere"}),
        replace(signed, headers=other_date),
    ):
        assert not is_signed_with("token", changed, now=system_clock())


@pytest.mark.parametrize("seconds", [-901, 901])
def test_old_signatures_are_refused(seconds: int) -> None:
    """Who read one off a network cannot use it for ever."""
    assert not is_signed_with("token", _signed(), now=system_clock() + seconds * SECOND)


@pytest.mark.parametrize(
    "header", ["", "Bearer token", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request"]
)
def test_other_headers_are_no_signature(header: str) -> None:
    """They are no error either."""
    assert not is_signed_with("token", Signed("POST", "/", "", {"authorization": header}, b""), now=0)


def test_a_signature_covers_host_and_time() -> None:
    """One that does not could be sent elsewhere, or for ever."""
    signed = _signed()
    without = signed.headers["authorization"].replace("host;", "")

    assert not is_signed_with(
        "token", replace(signed, headers=dict(signed.headers) | {"authorization": without}), now=system_clock()
    )
