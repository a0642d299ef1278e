"""Traces of a few services and expressions that hold of some of them, for properties."""

from typing import Any

from hypothesis import strategies as st

from taskscope.model.resource import Resource
from taskscope.model.span import Span, SpanEvent
from taskscope.query.rules.cause import Cause
from taskscope.query.search.ast import (
    All,
    Annotation,
    AnyOf,
    Compare,
    Edge,
    Everything,
    Expression,
    Flag,
    IsSet,
    Keyword,
    Not,
    Operator,
    Part,
    RootCause,
    Selector,
    Service,
)
from taskscope.query.search.keywords import LISTED, NOT_OF_TRACES, Kind, kind_of

START_NS = 1_790_000_000_000_000_000
_TENTH = 100_000_000
_NAMES = ("web", "orders", "pay")
_WORDS = ("gold", "5", "5.0", "-2e1", "true", "", "GET", "o'r\\\"d", "1_0", "ann", "é\n\t")
_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "aws.xray.document": ("segment", "embedded", "subsegment"),
    "aws.xray.namespace": ("aws", "remote"),
    "aws.xray.fault": ("true",),
    "http.response.status_code": ("200", "404", "429", "500", "x"),
    "http.request.method": ("GET", "POST"),
    "url.full": ("http://pay/a", "http://orders:80/b?c"),
    "user_agent.original": _WORDS,
    "client.address": _WORDS,
    "peer.service": (*_NAMES, "bank"),
    "db.system": ("mysql", "redis"),
    "rpc.system": ("aws-api",),
    "rpc.service": ("S3", "DynamoDB"),
    "messaging.system": ("kafka",),
    "aws.xray.traced": ("true", "false"),
    "aws.account_id": ("1", "2"),
    "enduser.id": ("ann", "bob"),
    "tier": _WORDS,
    "aws.xray.annotation.tier": _WORDS,
}
_RESOURCE: dict[str, tuple[str, ...]] = {
    "service.name": _NAMES,
    "aws.xray.origin": ("AWS::ECS::Fargate", "AWS::Lambda", "AWS::Lambda::Function"),
    "cloud.account.id": ("1", "2"),
    "cloud.availability_zone": ("eu-west-1a", "eu-west-1b"),
    "host.id": ("i-1", "i-2"),
    "aws.xray.resource_arn": ("arn:1",),
    "cloud.resource_id": ("arn:2",),
}
_TYPES = ("AWS::ECS::Fargate", "AWS::Lambda", "AWS::Lambda::Function", "remote", "AWS::S3", "Database::SQL", "")


def _some_of(values: dict[str, tuple[str, ...]], most: int) -> st.SearchStrategy[dict[str, str]]:
    pairs = st.sampled_from(sorted(values)).flatmap(lambda key: st.tuples(st.just(key), st.sampled_from(values[key])))
    return st.lists(pairs, max_size=most).map(dict)


_EVENTS = st.builds(
    lambda name, kind, message: SpanEvent(START_NS, name, {"exception.type": kind, "exception.message": message}),
    st.sampled_from(("exception", "exception", "log")),
    st.sampled_from(("Timeout", "KeyError", "")),
    st.sampled_from(("no answer", "gold", "")),
)


@st.composite
def _any_span(draw: Any, trace_id: bytes) -> Span:
    start = START_NS + draw(st.integers(0, 3)) * _TENTH
    in_progress = draw(st.integers(0, 5)) == 0
    attributes, resource = draw(_some_of(_ATTRIBUTES, 5)), draw(_some_of(_RESOURCE, 4))
    if draw(st.integers(0, 2)) == 0:  # an X-Ray subsegment that was sent alone
        attributes["aws.xray.document"] = "subsegment"
        resource.pop("service.name", "")
    return Span(
        trace_id,
        draw(st.integers(1, 6)).to_bytes(8),
        draw(st.sampled_from([b"", *(number.to_bytes(8) for number in range(1, 8))])),
        draw(st.sampled_from((*_NAMES, "GET /"))),
        draw(st.integers(0, 5)),
        start,
        start if in_progress else start + draw(st.integers(0, 5)) * _TENTH,
        attributes,
        Resource(resource),
        status=draw(st.integers(0, 2)),
        status_message=draw(st.sampled_from(("", "", "gold"))),
        events=draw(st.lists(_EVENTS, max_size=2)),
        in_progress=in_progress,
    )


@st.composite
def any_trace(draw: Any, trace_id: bytes) -> list[Span]:
    """Draw the spans of a trace; ids are unique among the completed ones and among those in progress."""
    spans = draw(st.lists(_any_span(trace_id), min_size=1, max_size=6))
    return list({(span.span_id, span.in_progress): span for span in spans}.values())


def as_read(spans: list[Span]) -> list[Span]:
    """Leave out those in progress that are completed."""
    completed = {span.span_id for span in spans if not span.in_progress}
    return [span for span in spans if not span.in_progress or span.span_id not in completed]


_SELECTORS = st.builds(
    Selector,
    st.sampled_from((None, *_NAMES, "S3", "unknown_service")),
    st.sampled_from((None, None, *_TYPES)),
    st.sampled_from((None, None, None, "1")),
)
_LITERALS = st.sampled_from((*_WORDS, *_NAMES, "pay/", "eu-west-1a", "bob", "i-1", "arn", "AWS::Lambda", "Timeout"))
_SIGNS = (Operator.EQ, Operator.NE, Operator.CONTAINS, Operator.BEGINS_WITH, Operator.ENDS_WITH)
_NUMBER_SIGNS = (Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE)
_NUMBERS = st.sampled_from((0.0, 0.1, 0.3, 0.5, 1.0, 2.0, 5.0, 200.0, 404.0, -20.0))
_TIER = Annotation("tier")


def _leaf_of(keyword: Keyword) -> st.SearchStrategy[Expression]:
    if kind_of(keyword) is Kind.FLAG:
        return st.just(Flag(keyword))
    if kind_of(keyword) is Kind.TEXT:
        return st.builds(Compare, st.just(keyword), st.sampled_from(_SIGNS), _LITERALS) | st.just(IsSet(keyword))
    return st.builds(Compare, st.just(keyword), st.sampled_from(_NUMBER_SIGNS), _NUMBERS) | st.just(IsSet(keyword))


_OF_ANNOTATION = (
    st.builds(Compare, st.just(_TIER), st.sampled_from(_SIGNS), _LITERALS)
    | st.builds(Compare, st.just(_TIER), st.sampled_from(_NUMBER_SIGNS), _NUMBERS)
    | st.builds(Compare, st.just(_TIER), st.sampled_from((Operator.EQ, Operator.NE)), st.booleans())
    | st.just(IsSet(_TIER))
)


def _joined(leaves: st.SearchStrategy[Expression], most: int) -> st.SearchStrategy[Expression]:
    return st.recursive(
        leaves,
        lambda part: (
            st.builds(Not, part)
            | st.builds(lambda *parts: All(parts), part, part)
            | st.builds(lambda *parts: AnyOf(parts), part, part)
        ),
        max_leaves=most,
    )


def _inside(*, listed: bool) -> st.SearchStrategy[Expression | None]:
    keywords = [each for each in Keyword if listed or each not in LISTED]
    leaves = st.sampled_from(keywords).flatmap(_leaf_of) | _OF_ANNOTATION
    return st.none() | st.just(Everything()) | _joined(leaves, 3)


_TRACE_KEYWORDS = [each for each in Keyword if each not in NOT_OF_TRACES]
any_expression: st.SearchStrategy[Expression] = _joined(
    st.one_of(
        st.just(Everything()),
        st.sampled_from(_TRACE_KEYWORDS).flatmap(_leaf_of),
        _OF_ANNOTATION,
        st.builds(Service, _SELECTORS, _inside(listed=False)),
        st.builds(Edge, _SELECTORS, _SELECTORS, _inside(listed=False)),
        st.builds(RootCause, st.sampled_from(Cause), st.sampled_from(Part), _inside(listed=True)),
    ),
    4,
)
