"""HTTP exchanges under old and new names."""

from taskscope.model.attributes import AttributeValue
from taskscope.model.resource import Resource
from taskscope.model.span import Span, SpanKind
from taskscope.model.trace import HttpExchange
from taskscope.query.rules.http import http_exchange, user_of


def _span(attributes: dict[str, AttributeValue], kind: int = SpanKind.SERVER) -> Span:
    return Span(bytes(16), bytes(8), b"", "GET", kind, 1, 2, attributes, Resource())


def test_old_names_of_a_server_as_flask_is_instrumented() -> None:
    """The host has its port; the client is the peer."""
    span = _span({
        "http.method": "GET", "http.scheme": "http", "net.host.name": "127.0.0.1:5061", "http.host": "127.0.0.1:5061",
        "net.host.port": 5061, "http.target": "/x?a=1", "net.peer.ip": "10.0.0.9", "http.user_agent": "python",
        "http.status_code": 404,
    })  # fmt: skip
    assert http_exchange(span) == HttpExchange("GET", "http://127.0.0.1:5061/x?a=1", 404, "python", "10.0.0.9")


def test_new_names_of_a_server() -> None:
    """The query stands by itself."""
    span = _span({
        "http.request.method": "POST", "url.scheme": "https", "url.path": "/orders", "url.query": "a=1",
        "server.address": "shop.test", "server.port": 8443, "client.address": "10.0.0.9",
        "user_agent.original": "curl", "http.response.status_code": 201,
    })  # fmt: skip
    assert http_exchange(span) == HttpExchange("POST", "https://shop.test:8443/orders?a=1", 201, "curl", "10.0.0.9")


def test_peer_of_a_client_is_no_client() -> None:
    """It is the server."""
    assert http_exchange(_span({"network.peer.address": "10.0.0.1"}, SpanKind.CLIENT)).client_ip == ""


def test_usual_ports_are_not_shown_and_a_path_alone_is() -> None:
    """Better than nothing."""
    assert http_exchange(_span({"url.path": "/a"})).url == "/a"
    assert http_exchange(_span({"url.path": "/a", "server.address": "h", "server.port": 80})).url == "http://h/a"
    assert http_exchange(_span({"server.address": "h"})).url == ""


def test_user_under_both_names() -> None:
    """X-Ray's and OpenTelemetry's."""
    assert [user_of(_span({name: "u"})) for name in ("enduser.id", "user.id")] == ["u", "u"]
