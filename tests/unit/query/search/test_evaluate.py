"""The meaning of expressions over one trace, case by case."""

from typing import Final

import pytest

from taskscope.errors import UsageError
from taskscope.model.resource import Resource
from taskscope.model.span import Span, SpanEvent, SpanKind, Status
from taskscope.query.search.ast import InGroup
from taskscope.query.search.evaluate import matches
from taskscope.query.search.parse import parse

_SECOND: Final = 1_000_000_000
_WEB: Final = Resource({"service.name": "web", "aws.xray.origin": "AWS::ECS::Fargate", "cloud.account.id": "1"})
_PAY: Final = Resource({"service.name": "pay", "host.id": "i-1", "cloud.availability_zone": "eu-west-1a"})


def _span(number: int, parent: int, kind: int, resource: Resource, start: float, took: float, **more: str) -> Span:
    ids = [bytes(7) + bytes([each]) if each else b"" for each in (number, parent)]
    begin = int(start * _SECOND)
    attributes = {name.replace("__", "."): value for name, value in more.items()}
    return Span(
        bytes(15) + b"1", ids[0], ids[1], f"op {number}", kind, begin, begin + int(took * _SECOND), attributes, resource
    )


_TRACE: Final = [
    _span(1, 0, SpanKind.SERVER, _WEB, 0, 2, http__response__status_code="500", url__full="http://shop/pay"),
    _span(2, 1, SpanKind.CLIENT, _WEB, 0.1, 1.5, peer__service="pay", tier="gold"),
    _span(3, 2, SpanKind.SERVER, _PAY, 0.2, 1.2, http__response__status_code="429", enduser__id="ann")._replace(
        events=[SpanEvent(0, "exception", {"exception.type": "Timeout", "exception.message": "bank away"})]
    ),
    _span(4, 3, SpanKind.CLIENT, _PAY, 0.3, 3, db__system="mysql", db__name="ledger")._replace(status=Status.ERROR),
]


@pytest.mark.parametrize(
    "text",
    [
        "fault",
        "!ok",
        "!error",
        "responsetime = 2",
        "duration = 3.3",
        "http.status = 500",
        "http.status",
        "inferred",
        'http.url ENDSWITH "/pay"',
        'name = "web"',
        'name = "op 1"',
        'type = "AWS::ECS::Fargate"',
        "root",
        "remote",
        "!partial",
        'user = "ann"',
        'user != "bob"',
        "!http.method",
        'http.method != "GET"',
        'annotation.tier = "gold"',
        "annotation.tier",
        'instance.id = "i-1"',
        'availabilityzone BEGINSWITH "eu-west-1"',
        'message CONTAINS "away"',
        "!resource.arn",
        'service("pay")',
        'service("pay"){error}',
        'service("pay"){throttle}',
        '!service("pay"){fault}',
        'service("web"){root}',
        'service("ledger"){fault inferred}',
        'service(id(type:"Database::SQL")){duration > 2.9}',
        "service(){coverage > 1.4}",
        'service(id(name:"web", account.id:"1"))',
        '!service(id(name:"web", account.id:"2"))',
        '!service("nobody")',
        'edge("web", "pay"){ok duration = 1.5}',
        'edge("pay", "ledger"){fault}',
        '!edge("pay", "web")',
        '!edge("web", "pay"){inferred}',
        'rootcause.fault.entity{first name = "op 1"}',
        'rootcause.fault.entity{last name = "ledger"}',
        "rootcause.fault.entity{index = 1 inferred}",
        "!rootcause.fault.entity{index = 2}",
        'rootcause.error.exception{name = "Timeout"}',
        'rootcause.error.exception{type = "Timeout" message = "bank away"}',
        'rootcause.fault.service{first name = "web"}',
        "rootcause.responsetime.entity{remote coverage >= 0.75}",
    ],
)
def test_a_request_that_failed_is_described(text: str) -> None:
    """Each of these holds of the trace: a fault of web, a throttled call of pay, a failed query below."""
    assert matches(parse(text), _TRACE)
    assert not matches(parse(f"!({text})"), _TRACE)


def test_lambdas_two_nodes_are_an_edge_and_one_service_name() -> None:
    """The function's segment is directly under the service's: the braces of the edge ask the lower one."""
    service, function = (
        Resource({"service.name": "fn", "aws.xray.origin": each}) for each in ("AWS::Lambda", "AWS::Lambda::Function")
    )
    segment = {"aws__xray__document": "segment"}
    spans = [
        _span(1, 0, SpanKind.SERVER, service, 0, 2, **segment),
        _span(2, 1, SpanKind.SERVER, function, 0.5, 1, **segment),
    ]

    assert matches(parse('edge(id(type:"AWS::Lambda"), id(type:"AWS::Lambda::Function")){duration = 1}'), spans)
    assert matches(parse('service(id(name:"fn", type:"AWS::Lambda::Function")){duration = 1}'), spans)
    assert not matches(parse('service(id(name:"fn", type:"AWS::Lambda::Function")){duration = 2}'), spans)


def test_a_call_that_says_its_callee_sends_spans_is_not_inferred() -> None:
    """X-Ray's ``traced``: until the callee's segment comes nothing is known of it."""
    spans = [_span(1, 0, SpanKind.CLIENT, _WEB, 0, 1, peer__service="pay", aws__xray__traced="true")]

    assert not matches(parse("inferred"), spans)


def test_no_spans_are_no_trace() -> None:
    """Nothing matches nothing."""
    assert not matches(parse(""), [])


def test_a_group_must_be_expanded_first() -> None:
    """What a group asks is not known here."""
    with pytest.raises(UsageError, match="group"):
        matches(InGroup("checkout"), _TRACE)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('edge("web", "S3")', True),
        ('edge("unknown_service", "S3")', False),
        ('edge("web", "S3") { fault http.status = 503 }', True),
        ('service(id(name: "web", account.id: "1")) { name = "op 2" type = "AWS::ECS::Fargate" }', True),
        ('service("unknown_service") { name = "op 2" }', False),
        ('service("unknown_service") { name = "op 4" }', True),
        ('service("unknown_service") { name = "op 5" }', True),
    ],
)
def test_subsegments_sent_alone_are_their_segments(text: str, *, holds: bool) -> None:
    """However many steps below it they are; those whose segment is not there, or that go round, are nobody's."""
    nobody = Resource({})
    alone = {"aws__xray__document": "subsegment"}
    spans = [
        _span(1, 0, SpanKind.SERVER, _WEB, 0, 2, aws__xray__document="segment"),
        _span(2, 1, SpanKind.INTERNAL, nobody, 0, 1, **alone),
        _span(3, 2, SpanKind.CLIENT, nobody, 0, 1, rpc__system="aws-api", rpc__service="S3",
              http__response__status_code="503", **alone),
        _span(4, 9, SpanKind.INTERNAL, nobody, 0, 1, **alone),
        _span(5, 6, SpanKind.INTERNAL, nobody, 0, 1, **alone),
        _span(6, 5, SpanKind.INTERNAL, nobody, 0, 1, **alone),
    ]  # fmt: skip

    assert matches(parse(text), spans) is holds
