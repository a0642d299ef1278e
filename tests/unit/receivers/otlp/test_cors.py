"""Web pages may send where their origin is allowed, and nowhere else."""

import pytest

from tests.unit.receivers.otlp.conftest import StartHttp

_PREFLIGHT = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,x-tenant",
}


@pytest.mark.parametrize("origin", ["https://shop.example", "https://eu.pages.example", "http://localhost:3000"])
def test_allowed_page_may_send(start_http: StartHttp, origin: str) -> None:
    """The preflight allows the headers asked for, without a token; the answer is readable, a refusal too."""
    allowed = ("https://shop.example", "https://*.pages.example", "http://localhost:*")
    server = start_http(token="t", allowed_origins=allowed)

    status, preflight, _ = server.send("OPTIONS", "/v1/traces", headers={"origin": origin} | _PREFLIGHT)
    refused = server.post(b"\x0a\x00", origin=origin)
    taken = server.post(b"\x0a\x00", origin=origin, authorization="Bearer t")

    assert (status, refused[0], taken[0]) == (204, 401, 200)
    assert preflight["access-control-allow-methods"] == "POST"
    assert preflight["access-control-allow-headers"] == "content-type,x-tenant"
    assert {each["access-control-allow-origin"] for each in (preflight, refused[1], taken[1])} == {origin}
    assert {each["vary"] for each in (preflight, refused[1], taken[1])} == {"Origin"}


@pytest.mark.parametrize("allowed", [(), ("https://shop.example",)])
@pytest.mark.parametrize("origin", ["https://evil.example", "https://shop.example.evil", "null", ""])
def test_other_page_may_not(start_http: StartHttp, allowed: tuple[str, ...], origin: str) -> None:
    """Its preflight is refused, and no answer is readable."""
    server = start_http(allowed_origins=allowed)

    status, preflight, _ = server.send("OPTIONS", "/v1/traces", headers={"origin": origin} | _PREFLIGHT)
    _, answered, _ = server.post(b"\x0a\x00", origin=origin)

    assert status == 405
    assert "access-control-allow-origin" not in preflight | answered


def test_any_page_may_where_all_are_allowed(start_http: StartHttp) -> None:
    """``*`` allows every origin, by its name."""
    server = start_http(allowed_origins=("*",))

    assert server.post(b"\x0a\x00", origin="https://a.example")[1]["access-control-allow-origin"] == "https://a.example"
    assert "access-control-allow-origin" not in server.post(b"\x0a\x00")[1]
