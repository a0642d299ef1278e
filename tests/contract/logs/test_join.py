"""Log records of traces and spans, and traces of log records, in a real store."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taskscope.model.attributes import AttributeValue
from taskscope.model.ids import trace_id_to_xray
from taskscope.model.log_line import Because
from taskscope.model.resource import Resource
from taskscope.model.span import Span, SpanKind
from taskscope.query.logs.join import logs_of_trace, trace_of_log
from taskscope.query.logs.search import search_logs
from taskscope.store.engine import Store
from tests.contract.logs.conftest import Put, insert
from tests.contract.logs.records import HOUR, SECOND, START, TASK, WEB, record

TRACE = bytes.fromhex("5759e988bd862e3fe1be46a994272793")
OTHER = bytes.fromhex("0af7651916cd43dd8448eb211c80319c")
ROOT, CHILD = b"\1" * 8, b"\2" * 8
REQUEST = "8f5b1c52-7d51-4b6e-9d3c-0a1b2c3d4e5f"
FUNCTION = Resource({"service.name": "fn", "aws.log.group.names": ["/aws/lambda/fn"]})
SIDECAR = Resource({"service.name": "envoy", "container.name": "envoy", "aws.ecs.task.arn": TASK})


def span(
    start: float,
    end: float,
    *,
    trace_id: bytes = TRACE,
    span_id: bytes = ROOT,
    resource: Resource = WEB,
    attributes: dict[str, AttributeValue] | None = None,
) -> Span:
    """Return a span between two times, in seconds after the start."""
    times = START + round(start * SECOND), START + round(end * SECOND)
    return Span(trace_id, span_id, b"", "GET /", SpanKind.SERVER, *times, attributes or {}, resource)


def reasons(store: Store, spans: list[Span], span_id: str = "") -> dict[str, tuple[Because, float]]:
    """Return why each body belongs to the trace."""
    return {each.line.body: (each.because, each.confidence) for each in logs_of_trace(store, spans, span_id=span_id)}


def test_each_line_has_its_best_reason(empty: Store, put: Put) -> None:
    """Ids first, then Lambda's request id, the text, and last task and time."""
    put(
        [
            record("of the root", 1, trace_id=TRACE, span_id=ROOT, resource=WEB),
            record("of the trace, long after", 1_000, trace_id=TRACE),
            record("of another trace", 1, trace_id=OTHER, resource=WEB),
            record(f"[{trace_id_to_xray(TRACE)}] xray", 2, resource=WEB),
            record(f"trace={TRACE.hex()}", 200),
            record("while it ran", 2.5, resource=WEB),
            record("while it ran, by a sidecar", 2.5, resource=SIDECAR),
            record("after it", 9, resource=WEB),
            record(f"names another: {trace_id_to_xray(OTHER)}", 2.5, resource=WEB),
        ]
    )
    assert reasons(empty, [span(1, 3)]) == {
        "of the root": (Because.SPAN, 1.0),
        "of the trace, long after": (Because.TRACE, 1.0),
        f"[{trace_id_to_xray(TRACE)}] xray": (Because.TEXT, 0.9),
        f"trace={TRACE.hex()}": (Because.TEXT, 0.9),
        "while it ran": (Because.TASK, 0.6),
    }


def test_lambda_lines_are_found_by_their_request(empty: Store, put: Put) -> None:
    """START, END, REPORT and lines between name it in their text, JSON lines in a member."""
    put(
        [
            record(f"START RequestId: {REQUEST} Version: $LATEST", 1, resource=FUNCTION),
            record(f"2026-09-21T14:13:21.000Z\t{REQUEST}\tINFO\thello", 1.1, resource=FUNCTION),
            record("json", 1.2, resource=FUNCTION, attributes={"requestId": REQUEST}),
            record(f"REPORT RequestId: {REQUEST}\tDuration: 3 ms\tXRAY TraceId: {trace_id_to_xray(TRACE)}", 1.3),
            record("of the same group, just then", 1.22, resource=FUNCTION),
            record("RequestId: 00000000-0000-0000-0000-000000000000", 400, resource=FUNCTION),
        ]
    )
    found = reasons(empty, [span(1, 1.25, resource=FUNCTION, attributes={"faas.invocation_id": REQUEST})])
    assert [because for because, _ in found.values()] == [
        Because.REQUEST, Because.REQUEST, Because.REQUEST, Because.TASK, Because.REQUEST
    ]  # fmt: skip


def test_logs_of_a_span_are_its_own(empty: Store, put: Put) -> None:
    """Those that name the span; those that name the trace alone, of its service and time; no other span's."""
    put(
        [
            record("root's", 1, trace_id=TRACE, span_id=ROOT, resource=WEB),
            record("child's", 2, trace_id=TRACE, span_id=CHILD, resource=WEB),
            record("the trace's", 2.2, trace_id=TRACE, resource=WEB),
            record("the trace's, later", 2.9, trace_id=TRACE, resource=WEB),
            record(f"Root={trace_id_to_xray(TRACE)};Parent={CHILD.hex()}", 2.1),
        ]
    )
    spans = [span(1, 3), span(2, 2.5, span_id=CHILD)]
    assert reasons(empty, spans, CHILD.hex()) == {
        "child's": (Because.SPAN, 1.0),
        f"Root={trace_id_to_xray(TRACE)};Parent={CHILD.hex()}": (Because.TEXT, 0.9),
        "the trace's": (Because.TRACE, 0.6),
    }
    assert logs_of_trace(empty, spans, span_id="ffffffffffffffff") == ()
    assert logs_of_trace(empty, []) == ()


def test_a_guess_is_worth_less_the_more_requests_ran(empty: Store, put: Put) -> None:
    """Three traces in the task at that time: a third of the confidence."""
    ours = span(1, 3)
    others = [span(2, 4, trace_id=bytes([number]) * 16) for number in (7, 8)]
    insert(empty, "spans", [ours, *others, span(5, 6, trace_id=b"\t" * 16)])
    put([record("who wrote it?", 2.5, resource=WEB)])

    assert reasons(empty, [ours])["who wrote it?"] == (Because.TASK, 0.6 / 3)
    [line] = search_logs(empty, HOUR).lines
    assert {each.trace_id for each in trace_of_log(empty, line)} == {TRACE.hex(), "07" * 16, "08" * 16}
    assert all(each[1:] == (Because.TASK, 0.6 / 3) for each in trace_of_log(empty, line))


@pytest.mark.parametrize(
    ("body", "attributes", "trace_id", "expected"),
    [
        ("x", {}, TRACE, [(TRACE.hex(), Because.TRACE, 1.0)]),
        (f"Root={trace_id_to_xray(OTHER)};Sampled=1", {}, b"", [(OTHER.hex(), Because.TEXT, 0.9)]),
        (f"hash {TRACE.hex()} and {'ab' * 16}", {}, b"", [(TRACE.hex(), Because.TEXT, 0.9)]),
        (f"END RequestId: {REQUEST}", {}, b"", [(TRACE.hex(), Because.REQUEST, 0.95)]),
        ("json", {"requestId": REQUEST}, b"", [(TRACE.hex(), Because.REQUEST, 0.95)]),
        ("nothing", {}, b"", []),
    ],
)
def test_traces_of_a_line(
    empty: Store,
    put: Put,
    body: str,
    attributes: dict[str, AttributeValue],
    trace_id: bytes,
    expected: list[tuple[str, Because, float]],
) -> None:
    """32 digits alone may be any hash: they count where there is such a trace."""
    insert(empty, "spans", [span(1, 3, resource=FUNCTION, attributes={"faas.invocation_id": REQUEST})])
    put([record(body, 2, attributes=attributes, trace_id=trace_id)])
    [line] = search_logs(empty, HOUR).lines
    assert list(trace_of_log(empty, line)) == expected


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.tuples(st.sampled_from([TRACE, OTHER, b""]), st.sampled_from(["", "xray", "hex"]), st.integers(0, 100)),
        min_size=1,
        max_size=20,
    )
)
def test_joins_agree_both_ways(store: Store, lines: list[tuple[bytes, str, int]]) -> None:
    """A record that names a trace is among its logs; what is among them by name says so when it is asked itself."""
    for table in ("otel_logs", "spans"):
        store.execute(f"TRUNCATE TABLE `{store.database}`.{table}")
    spans = [span(1, 3, resource=FUNCTION)]
    insert(store, "spans", spans)
    spelled = {"": "nothing", "xray": trace_id_to_xray(TRACE), "hex": TRACE.hex()}
    insert(store, "otel_logs", [record(f"{spelled[text]} {at}", at, trace_id=own) for own, text, at in lines])

    joined = logs_of_trace(store, spans)

    assert len(joined) == sum(own == TRACE or text != "" for own, text, _ in lines)
    assert [each.line.time_ns for each in joined] == sorted(each.line.time_ns for each in joined)
    for each in joined:
        assert TRACE.hex() in {guess.trace_id for guess in trace_of_log(store, each.line)}
