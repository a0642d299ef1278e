"""What the engine makes of OTLP bodies is what the plain decoder makes of them, value by value."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskscope.model.attributes import Attributes
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from taskscope.model.resource import Resource, Scope
from taskscope.model.span import Span, SpanEvent, SpanLink
from taskscope.sinks.store import StoreSink
from taskscope.store.engine import Store
from taskscope.wire.otlp.traces import decode_traces, encode_traces

_numbers: Final[Iterator[int]] = count()
_TIMES = st.integers(0, 2**63 - 1) | st.integers(1_790_000_000_000_000_000, 1_790_000_001_000_000_000)
_TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
_SCALARS = (
    st.none()
    | _TEXTS
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.binary(max_size=20)
    | st.sampled_from(["", 0, False, 0.0, -0.0, -1, 2**63 - 1, 1e15, 1e16, 1e-4, 9.99e-5, '\u2028/\\"\x00\x1f'])
    | st.sampled_from([size * "x" for size in (125, 126, 127, 128, 129)])
)
_VALUES: Final[st.SearchStrategy[Any]] = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3), max_leaves=6
)
_ATTRIBUTES: Final[st.SearchStrategy[Attributes]] = st.dictionaries(
    _TEXTS | st.sampled_from(["service.name", "http.route"]), _VALUES, max_size=4
)
_IDS = st.binary(min_size=8, max_size=8).filter(any)
_TRACE_IDS = st.binary(min_size=16, max_size=16).filter(any)
_EVENTS = st.builds(SpanEvent, _TIMES, _TEXTS, _ATTRIBUTES)
_LINKS = st.builds(SpanLink, _TRACE_IDS | st.just(b""), _IDS | st.just(b""), _TEXTS, _ATTRIBUTES)


@st.composite
def _requests(draw: st.DrawFn) -> Sequence[Span]:
    resource = Resource(draw(_ATTRIBUTES), draw(_TEXTS))
    scope = Scope(draw(_TEXTS), draw(_TEXTS), draw(_ATTRIBUTES), draw(_TEXTS))
    span = st.builds(
        Span,
        trace_id=_TRACE_IDS,
        span_id=_IDS,
        parent_span_id=_IDS | st.just(b""),
        name=_TEXTS,
        kind=st.integers(-(2**31), 2**31 - 1),
        start_ns=_TIMES,
        end_ns=_TIMES,
        attributes=_ATTRIBUTES,
        resource=st.just(resource),
        scope=st.just(scope),
        status=st.integers(0, 3),
        status_message=_TEXTS,
        events=st.lists(_EVENTS, max_size=2),
        links=st.lists(_LINKS, max_size=2),
        trace_state=_TEXTS,
        flags=st.integers(0, 2**32 - 1),
    )
    return draw(st.lists(span, min_size=1, max_size=4))


_ALL: Final = """SELECT
    toUnixTimestamp64Nano(Timestamp), hex(TraceId), hex(SpanId), hex(ParentSpanId), TraceState, Flags, SpanName,
    SpanKind, ServiceName, Resource, ResourceSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, ScopeSchemaUrl,
    mapKeys(SpanAttributes), mapValues(SpanAttributes), Duration, StatusCode, StatusMessage,
    arrayMap(each -> toUnixTimestamp64Nano(each), Events.Timestamp), Events.Name,
    arrayMap(each -> (mapKeys(each), mapValues(each)), Events.Attributes),
    arrayMap(each -> hex(each), Links.TraceId), arrayMap(each -> hex(each), Links.SpanId), Links.TraceState,
    arrayMap(each -> (mapKeys(each), mapValues(each)), Links.Attributes)
FROM spans"""


def _rows(store: Store) -> list[Any]:
    rows = [list(row) for row in store.query(_ALL).rows]
    store.execute(f"TRUNCATE TABLE `{store.database}`.spans")
    return sorted(rows, key=repr)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(requests=st.lists(_requests(), min_size=1, max_size=6))
def test_engine_and_decoder_agree(store: Store, requests: Sequence[Sequence[Span]]) -> None:
    """The same bodies, encoded and decoded, give the same rows in every column."""
    bodies = [encode_traces(spans) for spans in requests]
    sink, number = StoreSink(store), next(_numbers)
    encoded = sink.consume(EncodedBatch(Encoded.OTLP_SPANS, bodies, f"encoded:{number}"))
    by_engine = _rows(store)
    decoded = [span for body in bodies for span in decode_traces(body).rows]
    plain = sink.consume(Batch(Signal.SPANS, decoded, f"decoded:{number}"))

    assert (encoded, plain) == ((len(decoded), []), (len(decoded), []))
    assert by_engine == _rows(store)
