"""Datagrams on UDP 2000: the header, and what stands under it."""

import base64
from pathlib import Path

import pytest

from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Signal
from taskscope.model.span import Span, SpanKind, Status
from taskscope.wire.xray.datagram import decode_datagram, embedded_otlp
from tests.unit.wire.xray.documents import HEADER, NOW, RECORDED, TRACE, recorded


def _decoded(name: str) -> list[Span]:
    return decode_datagram(recorded(name), received_ns=NOW)


def test_flask_request_reads_as_its_sdk_recorded_it() -> None:
    """A segment of X-Ray's SDK for Python becomes a server span and one span for each subsegment."""
    server, dynamodb, s3, sqs, sns, render, *queries, call = _decoded("shop_04_shop-web_200")

    assert (server.name, server.kind, server.status) == ("shop-web", SpanKind.SERVER, Status.UNSET)
    assert (server.start_ns, server.end_ns) == (1795151182145042700, 1795151182173219400)
    assert server.trace_id.hex() == TRACE[2:].replace("-", "")
    assert server.parent_span_id == b""
    assert {
        "http.request.method": "GET",
        "url.full": "http://127.0.0.1:5050/order/1",
        "http.response.status_code": 200,
        "client.address": "127.0.0.1",
        "user_agent.original": "python-urllib3/2.8.0",
        "enduser.id": "user-1",
        "order_id": "1",
        "total": 12.5,
        "gift": True,
        "aws.xray.annotations": ["order_id", "total", "gift"],
    }.items() <= server.attributes.items()
    assert {
        "service.name": "shop-web",
        "cloud.provider": "aws",
        "cloud.platform": "aws_ecs",
        "host.name": "ip-10-0-1-23",
        "telemetry.sdk.language": "python",
        "process.runtime.version": "3.11.2",
    }.items() <= server.resource.attributes.items()
    assert {(span.trace_id, span.parent_span_id, span.resource) for span in (dynamodb, render, call)} == {
        (server.trace_id, server.span_id, server.resource)
    }
    assert {
        "rpc.system": "aws-api",
        "rpc.service": "dynamodb",
        "rpc.method": "PutItem",
        "aws.dynamodb.table_names": ["orders"],
        "cloud.region": "us-east-1",
        "aws.request_id": "O6XMWWFKcuWhoCkNtMCugwTvHqbVjscUHkDQrXGIuKp4w5H8YkpD",
    }.items() <= dynamodb.attributes.items()
    assert s3.attributes["aws.s3.bucket"] == "shop"
    assert sqs.attributes["aws.sqs.queue.url"] == "http://127.0.0.1:5008/123456789012/orders"
    assert sns.attributes["aws.sns.topic.arn"] == "arn:aws:sns:us-east-1:123456789012:orders"
    assert render.attributes["aws.xray.metadata.view"] == '{"template": {"name": "order.html", "blocks": [1, 2]}}'
    assert [query.attributes["db.system"] for query in queries] == ["sqlite3", "sqlite3"]
    assert call.attributes["http.request.method"] == "GET"
    assert call.attributes["http.request.method_original"] == "get"
    kinds = [span.kind for span in (dynamodb, s3, sqs, sns, render, *queries, call)]
    assert kinds == [SpanKind.CLIENT] * 4 + [SpanKind.INTERNAL] + [SpanKind.CLIENT] * 3


@pytest.mark.parametrize(
    ("name", "flags", "code"),
    [
        ("shop_09_shop-web_500", {"aws.xray.fault"}, 500),
        ("shop_10_shop-web_404", {"aws.xray.error"}, 404),
        ("shop_11_shop-web_429", {"aws.xray.error", "aws.xray.throttle"}, 429),
    ],
)
def test_fault_error_and_throttle_make_an_error(name: str, flags: set[str], code: int) -> None:
    """Each flag is an attribute of its own; any of them sets the status."""
    server = _decoded(name)[0]

    assert server.status == Status.ERROR
    assert server.attributes["http.response.status_code"] == code
    assert {
        flag for flag in ("aws.xray.fault", "aws.xray.error", "aws.xray.throttle") if flag in server.attributes
    } == flags


def test_cause_that_names_an_exception_elsewhere_keeps_its_id() -> None:
    """A failed request points to the exception of the call that failed it."""
    server, call = _decoded("shop_09_shop-web_500")

    assert server.attributes["aws.xray.cause"] == call.events[0].attributes["aws.xray.exception.id"]
    assert not server.events
    assert call.events[0].name == "exception"
    assert call.events[0].time_ns == call.end_ns
    assert call.events[0].attributes["exception.type"] == "ResourceNotFoundException"
    assert call.events[0].attributes["aws.xray.exception.remote"] is True
    assert "\n\tat boom(shop.py: 38)\n" in str(call.events[0].attributes["exception.stacktrace"])
    assert call.status_message.startswith("An error occurred (ResourceNotFoundException)")


def test_continued_trace_keeps_the_callers_id() -> None:
    """A segment's parent is the subsegment of the service that called it."""
    server = _decoded("shop_13_shop-web_200")[0]
    inventory = _decoded("shop_12_inventory_200")[0]

    assert server.parent_span_id.hex() == "53995c3f42cd8ad8"
    assert inventory.parent_span_id in {span.span_id for span in _decoded("shop_13_shop-web_200")}


def test_streamed_subsegment_has_no_service_of_its_own() -> None:
    """A subsegment sent alone does not say whose it is, and its own name is no service's."""
    [row] = _decoded("stream_01_row-0")
    batch = _decoded("stream_07_batch")

    assert row.resource.service_name == "unknown_service"
    assert row.attributes["aws.xray.document"] == "subsegment"
    assert (row.kind, row.parent_span_id, row.trace_id) == (SpanKind.INTERNAL, batch[0].span_id, batch[0].trace_id)
    assert [span.attributes["aws.xray.document"] for span in batch] == ["segment"] + ["embedded"] * 3


def test_sql_without_a_name_is_named_after_its_database() -> None:
    """SQLAlchemy's queries come without a name, and keep their statement."""
    _, create, select, failed = _decoded("orm_01_shop-orm")

    assert {create.name, select.name, failed.name} == {"orders.db"}
    assert select.attributes["db.query.text"] == "select count(*) from orders where id = ?"
    assert (failed.status, failed.events[0].attributes["exception.type"]) == (Status.ERROR, "OperationalError")


def test_node_segment_reads_as_its_sdk_recorded_it() -> None:
    """Milliseconds stay milliseconds, and the SDK's own fields name the runtime."""
    server, cart, pay = _decoded("node_segment")

    assert server.start_ns == 1795151217592000000
    assert server.resource.attributes["telemetry.sdk.language"] == "nodejs"
    assert cart.attributes["aws.xray.metadata.default"] == '{"items":[1,2]}'
    assert pay.status_message == "declined"


def test_senders_documents_share_one_resource() -> None:
    """What a sender says of itself in each document becomes one object, whose text is made once."""
    first, second = (_decoded(name)[0].resource for name in ("shop_04_shop-web_200", "shop_06_shop-web_200"))

    assert first is second


@pytest.mark.parametrize("path", RECORDED, ids=[path.stem for path in RECORDED])
def test_no_recorded_document_is_taken_for_otlp(path: Path) -> None:
    """A segment document goes to this decoder."""
    assert embedded_otlp(path.read_bytes()) is None


def test_otlp_of_the_aws_distribution_is_handed_on() -> None:
    """Spans under the X-Ray header come out as the export request that they are."""
    datagram = recorded("adot_T1S")

    embedded = embedded_otlp(datagram)

    assert embedded is not None
    signal, request = embedded
    assert signal is Signal.SPANS
    assert request[:1] == b"\n"
    assert b"lambda-handler" in request
    with pytest.raises(MalformedPayloadError, match="carries OTLP"):
        decode_datagram(datagram, received_ns=NOW)


@pytest.mark.parametrize(
    ("prefix", "signal"), [(b"T1S", Signal.SPANS), (b"T1U", Signal.SPANS), (b"M1", Signal.METRICS)]
)
def test_prefix_tells_the_signal(prefix: bytes, signal: Signal) -> None:
    """Sampled and unsampled traces are traces; metrics have a prefix of their own."""
    assert embedded_otlp(HEADER + prefix + base64.b64encode(b"\n\x00")) == (signal, b"\n\x00")


def test_otlp_that_is_no_base64_is_malformed() -> None:
    """Damaged text after a prefix is refused, not half decoded."""
    with pytest.raises(MalformedPayloadError, match="no base64"):
        embedded_otlp(HEADER + b"T1S****")


@pytest.mark.parametrize(
    "header",
    [
        b'{"format": "JSON", "version": 1}',
        b'{"version":1,"format":"json","more":[1]}',
        b' {"format":"json","version":1}',
    ],
)
def test_header_is_read_as_the_daemon_reads_it(header: bytes) -> None:
    """The format in any case, members in any order, more members."""
    document = recorded("stream_01_row-0").partition(b"\n")[2]

    assert len(decode_datagram(header + b"\n" + document, received_ns=NOW)) == 1


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (b"", "does not begin with"),
        (b"jobs:1|c", "does not begin with"),
        (b"\xff" * 60_000, "does not begin with"),
        (b"[" * 60_000, "does not begin with"),
        (b'{"format":"json","version":2}\n{}', "another format or version"),
        (b'{"format":"xml","version":1}\n{}', "another format or version"),
        (HEADER[:-1], "no document"),
        (HEADER, "no document"),
        (HEADER + b" \n", "no document"),
        (HEADER + b"T2S", "not as X-Ray defines it"),
    ],
)
def test_other_datagrams_are_malformed_for_a_reason(datagram: bytes, reason: str) -> None:
    """What has no header, or nothing under it, says so."""
    with pytest.raises(MalformedPayloadError, match=reason):
        decode_datagram(datagram, received_ns=NOW)
