"""Signatures for requests without a client."""

import pytest

from taskscope.aws.session import Account
from taskscope.aws.signing import sign
from taskscope.errors import CredentialsError


def _sign(body: bytes) -> dict[str, str]:
    return sign(
        Account(region="eu-west-1"),
        service="xray",
        region="eu-west-1",
        url="https://xray.eu-west-1.amazonaws.com/v1/traces",
        headers={"content-type": "application/x-protobuf", "content-encoding": "gzip"},
        body=body,
    )


def test_a_signature_covers_host_headers_and_body(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another body has another signature; a session's token travels as a header."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    headers = _sign(b"one")

    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
    assert "/eu-west-1/xray/aws4_request" in headers["Authorization"]
    assert "content-encoding;content-type;host;x-amz-date;x-amz-security-token" in headers["Authorization"]
    assert headers["X-Amz-Security-Token"] == "token"
    assert headers["content-encoding"] == "gzip"
    assert headers["Authorization"].rpartition("=")[2] != _sign(b"two")["Authorization"].rpartition("=")[2]


def test_without_credentials_nothing_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says so, before anything is sent."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")

    with pytest.raises(CredentialsError, match="no AWS credentials"):
        _sign(b"one")
