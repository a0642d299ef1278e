"""What is written is there once, whatever happens on the way."""
# ruff: noqa: S608 (the names in these statements are the tests' own)

import threading
from typing import Any

import pytest

from taskscope.errors import MalformedPayloadError
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from taskscope.model.change import EcsChange, Subject
from taskscope.model.metric import (
    Datapoint,
    Exemplar,
    ExponentialHistogram,
    Histogram,
    Metric,
    MetricKind,
    Summary,
    Temporality,
)
from taskscope.model.span import Span
from taskscope.sinks.store import StoreSink
from taskscope.store.engine import Store
from taskscope.store.statements import schema
from taskscope.wire.otlp.traces import encode_traces
from tests.contract.store.rows import RESOURCE, START, log_record, span, span_id, spans, trace_id

_DAY = 86_400_000_000_000


def ask(store: Store, sql: str, **parameters: Any) -> list[list[Any]]:
    """Return the rows of an answer."""
    return [list(row) for row in store.query(sql, parameters).rows]


def of(store: Store, service: str) -> int:
    """Return how many spans a service has."""
    [[number]] = ask(store, "SELECT count() FROM spans WHERE ServiceName = {s:String}", s=service)
    return int(number)


def named(service: str, count: int = 8, **members: Any) -> list[Span]:
    """Return spans of a service of that name."""
    resource = type(RESOURCE)({"service.name": service})
    return [each._replace(resource=resource, **members) for each in spans(count)]


def test_same_token_changes_nothing(store: Store) -> None:
    """A batch that comes three times, decoded or encoded, is stored once, in the table and in its rollup."""
    sink = StoreSink(store)
    for _ in range(3):
        sink.consume(Batch(Signal.SPANS, named("rows"), "once:rows"))
        sink.consume(EncodedBatch(Encoded.OTLP_SPANS, [encode_traces(named("bodies"))], "once:bodies"))

    assert (of(store, "rows"), of(store, "bodies")) == (8, 8)
    for service in ("rows", "bodies"):
        assert ask(store, "SELECT sum(Calls) FROM spans_by_minute WHERE ServiceName = {s:String}", s=service) == [[8]]


def test_interrupted_rollup_is_mended(store: Store) -> None:
    """A batch that reached the table and not the rollup is completed by sending it again."""
    sink = StoreSink(store)
    batch = Batch(Signal.SPANS, named("mended"), "mended:0")
    view = next(each for each in schema() if each.name == "spans_to_minutes")
    store.execute(f"DROP VIEW `{store.database}`.spans_to_minutes")
    sink.consume(batch)
    store.execute(view.render(database=store.database, writers=store.writers))
    sink.consume(batch)
    sink.consume(batch)

    assert of(store, "mended") == 8
    assert ask(store, "SELECT sum(Calls) FROM spans_by_minute WHERE ServiceName = 'mended'") == [[8]]


def test_bad_bodies_are_rejected_alone(store: Store) -> None:
    """Bodies that do not read are rejected with their place; those around them are stored, once."""
    good = [encode_traces(named("around", 4, trace_id=bytes([number]) * 16)) for number in range(1, 6)]
    bodies = [good[0], b"no Protobuf", good[1], good[2], good[3][:-1], good[4]]
    for _ in range(2):
        outcome = StoreSink(store).consume(EncodedBatch(Encoded.OTLP_SPANS, bodies, "around:0"))
        assert outcome.accepted == 16
        assert [each.position for each in outcome.rejected] == [1, 4]

    assert of(store, "around") == 16


def test_span_without_ids_is_rejected_alone(store: Store) -> None:
    """Of a body with one span that has no id the others are stored, and the rejection says that it stands for one."""
    rows = named("idless", 4)
    rows[2] = rows[2]._replace(span_id=b"")
    bodies = [encode_traces(named("beside", 4)), encode_traces(rows)]
    outcome = StoreSink(store).consume(EncodedBatch(Encoded.OTLP_SPANS, bodies, "idless:0"))

    assert outcome.accepted == 7
    assert [(each.position, each.rows) for each in outcome.rejected] == [(1, 1)]
    assert (of(store, "idless"), of(store, "beside")) == (3, 4)


def test_bad_rows_are_rejected_alone(store: Store) -> None:
    """Rows that fit no column are rejected with their place and a reason; the others are stored."""
    rows = named("misfits")
    rows[3] = rows[3]._replace(trace_id=b"short")
    rows[5] = rows[5]._replace(attributes={"key": "half a pair \ud800"})
    outcome = StoreSink(store).consume(Batch(Signal.SPANS, rows, "misfits:0"))

    assert outcome.accepted == 6
    assert [each.position for each in outcome.rejected] == [3, 5]
    assert "5 bytes" in outcome.rejected[0].reason
    assert of(store, "misfits") == 6


def test_more_days_than_one_insert_takes(store: Store) -> None:
    """Spans of 250 days, which the engine refuses in one insert, are stored in parts, as rows and as a body."""
    rows = [span(number, start_ns=START - number * _DAY) for number in range(250)]
    resource = type(RESOURCE)({"service.name": "days"})
    rows = [each._replace(resource=resource) for each in rows]
    sink = StoreSink(store)
    assert sink.consume(Batch(Signal.SPANS, rows, "days:0")) == (250, [])
    assert sink.consume(EncodedBatch(Encoded.OTLP_SPANS, [encode_traces(rows)], "days:1")) == (250, [])

    assert of(store, "days") == 500


def test_absurd_times_are_bounded(store: Store) -> None:
    """A start beyond the year 2100 is taken for its first moment; the duration is as sent."""
    [row] = named("future", 1, start_ns=2**64 - 10, end_ns=2**64 - 1)
    sink = StoreSink(store)
    sink.consume(Batch(Signal.SPANS, [row], "future:0"))
    sink.consume(EncodedBatch(Encoded.OTLP_SPANS, [encode_traces([row])], "future:1"))

    assert ask(store, "SELECT DISTINCT toString(Timestamp), Duration FROM spans WHERE ServiceName = 'future'") == [
        ["2100-01-01 00:00:00.000000000", 9]
    ]


def test_long_values_are_whole(store: Store) -> None:
    """Texts and lists around the sizes where Protobuf's length takes a byte more come out as they went in."""
    sizes = [126, 127, 128, 16_382, 16_383, 16_384, 16_385, 2_097_150, 2_097_160]
    [row] = named("long", 1, attributes={str(size): "x" * size for size in sizes} | {"list": ["y" * 20_000]})
    StoreSink(store).consume(EncodedBatch(Encoded.OTLP_SPANS, [encode_traces([row])], "long:0"))

    [[values]] = ask(store, "SELECT SpanAttributes FROM spans WHERE ServiceName = 'long'")
    assert {key: len(value) for key, value in values.items()} == {str(size): size for size in sizes} | {"list": 20_004}


def test_in_progress_lives_apart(store: Store) -> None:
    """A span in progress is not among the spans; the newest version of it is kept."""
    first, second = (span(1, duration_ns=time, in_progress=True) for time in (1, 2))
    sink = StoreSink(store)
    before = of(store, "shop")
    sink.consume(Batch(Signal.SPANS, [first], "progress:0"))
    sink.consume(Batch(Signal.SPANS, [second, span(2)], "progress:1"))

    assert of(store, "shop") == before + 1
    assert ask(store, "SELECT uniqExact(SpanId) FROM spans_in_progress FINAL") == [[1]]


def test_logs_keep_every_member(store: Store) -> None:
    """A log record is stored with body, severity, ids, flags and both times; a body that is no text as JSON."""
    record = log_record({"a": [1, b"z"]})._replace(
        trace_id=trace_id(1), span_id=span_id(1), flags=0x101, event_name="e", observed_ns=START + 1
    )
    StoreSink(store).consume(Batch(Signal.LOGS, [record, log_record("plain")], "logs:0"))

    columns = (
        "Body, Structured, SeverityNumber, SeverityText, TraceId, SpanId, TraceFlags, Flags, EventName, ServiceName,"
    )
    columns += (
        " toUnixTimestamp64Nano(Timestamp), toUnixTimestamp64Nano(ObservedTimestamp), LogAttributes, ResourceAttributes"
    )
    rows = ask(store, f"SELECT {columns} FROM otel_logs ORDER BY Structured DESC")
    expected = [
        '{"a":[1,"eg=="]}',
        True,
        9,
        "INFO",
        trace_id(1).hex(),
        span_id(1).hex(),
        1,
        257,
        "e",
        "shop",
        START,
        START + 1,
    ]
    assert rows[0] == [*expected, {"logger": "tests"}, {"service.name": "shop", "process.pid": "7"}]
    assert rows[1][:3] == ["plain", False, 9]


def test_metrics_go_to_five_tables(store: Store) -> None:
    """Each kind of datapoint is stored with its values; an absent minimum is not 0."""
    exemplar = Exemplar(START, 1.5, span_id(1), trace_id(1), {"k": "v"})
    values: dict[MetricKind, Any] = {
        MetricKind.GAUGE: 1.5,
        MetricKind.SUM: 3,
        MetricKind.HISTOGRAM: Histogram(3, 2.5, [1, 2], [1.0], None, 4.0),
        MetricKind.EXPONENTIAL_HISTOGRAM: ExponentialHistogram(3, 2.5, -3, 1, -1, [1, 2], 4, [5], 0.0, None),
        MetricKind.SUMMARY: Summary(3, 2.5, [(0.5, 1.0), (0.9, 2.0)]),
    }
    points = [
        Datapoint(
            Metric(f"m.{kind}", kind, "s", "about", Temporality.DELTA, is_monotonic=True),
            {"a": 1}, START, value, RESOURCE, start_ns=START - 5, flags=1, exemplars=[exemplar],
        )
        for kind, value in values.items()
    ]  # fmt: skip
    assert StoreSink(store).consume(Batch(Signal.METRICS, points, "metrics:0")).accepted == 5

    def stored(kind: str, columns: str) -> list[Any]:
        head = (
            "MetricName, MetricUnit, MetricDescription, Flags, Attributes, toUnixTimestamp64Nano(TimeUnix) - {t:Int64}"
        )
        [row] = ask(store, f"SELECT {head}, {columns} FROM otel_metrics_{kind}", t=START)
        assert row[:6] == [f"m.{kind}", "s", "about", 1, {"a": "1"}, 0]
        return row[6:]

    assert stored("gauge", "Value, Exemplars.Value, Exemplars.TraceId") == [1.5, [1.5], [trace_id(1).hex()]]
    assert stored("sum", "Value, AggregationTemporality, IsMonotonic") == [3, 1, True]
    extremes = "Min, HasMin, Max, HasMax"
    assert stored("histogram", f"Count, Sum, BucketCounts, ExplicitBounds, {extremes}") == [
        3, 2.5, [1, 2], [1], 0, False, 4, True,
    ]  # fmt: skip
    places = "Scale, ZeroCount, PositiveOffset, PositiveBucketCounts, NegativeOffset, NegativeBucketCounts"
    assert stored("exponential_histogram", f"{places}, {extremes}") == [-3, 1, -1, [1, 2], 4, [5], 0, True, 0, False]
    assert stored("summary", "ValueAtQuantiles.Quantile, ValueAtQuantiles.Value") == [[0.5, 0.9], [1, 2]]


def test_changes_are_kept_by_version(store: Store) -> None:
    """Each version of an ECS object is kept once, whoever brings it, with its whole document."""

    def change(version: int, event: str) -> EcsChange:
        return EcsChange(
            Subject.TASK, "arn:task", version, START, "arn:c", "1", "eu-west-1", event, "RUNNING", "", {"v": [version]}
        )

    sink = StoreSink(store)
    sink.consume(Batch(Signal.CHANGES, [change(1, "a"), change(2, "b")], "changes:0"))
    sink.consume(Batch(Signal.CHANGES, [change(2, "")], "changes:1"))
    everything = [EcsChange(each, "arn", 1, START, "", "", "", "", "", "", {}) for each in Subject]
    assert sink.consume(Batch(Signal.CHANGES, everything, "changes:2")).accepted == len(Subject)

    rows = ask(store, "SELECT Version, Document FROM ecs_tasks FINAL WHERE Arn = 'arn:task' ORDER BY Version")
    assert rows == [[1, '{"v":[1]}'], [2, '{"v":[2]}']]


def test_threads_write_at_once(store: Store) -> None:
    """Four threads with clients of their own store all that they were given."""
    sink = StoreSink(store)

    def write(number: int) -> None:
        for batch in range(3):
            sink.consume(Batch(Signal.SPANS, named("threads", 50), f"threads:{number}:{batch}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert of(store, "threads") == 600


def test_nothing_of_a_refused_insert_is_stored(store: Store) -> None:
    """An insert whose last body is bad leaves no row."""
    with pytest.raises(MalformedPayloadError):
        store.insert_otlp_spans([encode_traces(named("nothing")), b"\x0a\x7fx"], token="nothing:0")

    assert of(store, "nothing") == 0
