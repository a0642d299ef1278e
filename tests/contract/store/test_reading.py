"""Questions only read, within their bounds, and what comes back is exact."""
# ruff: noqa: S608 (the names in these statements are the tests' own)

import pytest

from taskscope.errors import TaskscopeError, UsageError
from taskscope.model.batch import Batch, Signal
from taskscope.sinks.store import StoreSink
from taskscope.store.engine import Store
from tests.contract.store.rows import START, span


@pytest.fixture(autouse=True, scope="module")
def _filled(store: Store) -> None:
    StoreSink(store).consume(Batch(Signal.SPANS, [span(1)], "one:0"))


def test_answers_are_exact(store: Store) -> None:
    """64-bit integers and nanoseconds are not rounded, and columns are named with their types."""
    answer = store.query(
        "SELECT Timestamp, toUnixTimestamp64Nano(Timestamp) AS ns, 18446744073709551615 AS most FROM spans"
    )

    assert answer.columns == ("Timestamp", "ns", "most")
    assert answer.types[2] == "UInt64"
    assert answer.rows == [["2026-09-21 14:13:20.123456789", START, 18446744073709551615]]


def test_ids_are_lowercase_hexadecimal(store: Store) -> None:
    """As everybody writes them: those of links in their array, and the parent that there is none with all its zeros."""
    columns = "TraceId, SpanId, [SpanId], toFixedString('', 8), 'a\u0301\u2028', unhex('ff41')"
    told = "lower(hex(TraceId)), lower(hex(SpanId)), [lower(hex(SpanId))], '0000000000000000'"

    [row] = store.query(f"SELECT {columns} FROM spans").rows

    assert row[:4] == store.query(f"SELECT {told} FROM spans").rows[0]
    assert row[4:] == ["a\u0301\u2028", "\ufffdA"]


def test_parameters_are_values(store: Store) -> None:
    """A parameter is taken as a value, whatever it holds."""
    text = "'; DROP TABLE spans -- {x} %s \\"
    assert store.query("SELECT {text:String}", {"text": text}).rows == [[text]]


def test_rows_are_bounded(store: Store) -> None:
    """No more rows come than were asked for, and the answer says that there are more."""
    more = store.query("SELECT number FROM numbers(100)", max_rows=10)
    whole = store.query("SELECT number FROM numbers(10)", max_rows=10)

    assert (len(more.rows), more.truncated, len(whole.rows), whole.truncated) == (10, True, 10, False)


def test_time_is_bounded(store: Store) -> None:
    """A question that takes too long ends with an error that says so."""
    with pytest.raises(TaskscopeError, match="too long"):
        store.query("SELECT count() FROM numbers(1e15) WHERE sipHash64(number) = 0", timeout_seconds=0.3)


def test_a_question_that_breaks_off_leaves_nothing_behind(store: Store) -> None:
    """After rows that were written before an error the next answer is its own."""
    for _ in range(2):
        with pytest.raises(TaskscopeError):
            store.query("SELECT number, throwIf(number = 300000) FROM numbers(1000000)", max_rows=500_000)
        assert store.query("SELECT 7", max_rows=500_000).rows == [[7]]


def test_memory_is_bounded(store: Store) -> None:
    """A question that takes too much memory ends with an error that says so."""
    with pytest.raises(TaskscopeError, match="too much memory"):
        store.query("SELECT groupArray(number) FROM numbers(100000000)", max_memory_bytes=10_000_000)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO spans (SpanName) VALUES ('x')",
        "DROP TABLE spans",
        "WITH 1 AS x INSERT INTO spans (SpanName) VALUES ('x')",
        "SELECT 1; DROP TABLE spans",
        "SELECT ';'; SELECT 2",
        "SELECT 1 SETTINGS readonly = 0",
        "SELECT 1 SETTINGS max_execution_time = 0",
        "SELECT 1 INTO OUTFILE '/tmp/taskscope-outfile'",
        "SELECT 1 INTO/**/OUTFILE '/tmp/taskscope-outfile'",
        "SELECT * FROM file('/etc/hosts', 'LineAsString')",
        "SELECT * FROM url('http://127.0.0.1:9/', 'LineAsString')",
        "SELECT * FROM remote('127.0.0.1:9', system.one)",
        "SELECT * FROM nothing_of_this_name",
        "SELEC 1",
        "SYSTEM SHUTDOWN",
        "EXPLAIN INSERT INTO spans (SpanName) VALUES ('x') SETTINGS readonly = 0",
        "",
    ],
)
def test_what_does_more_than_read_is_refused(store: Store, statement: str) -> None:
    """Neither writing, nor settings, nor files, nor addresses, nor what the engine does not understand."""
    with pytest.raises(UsageError):
        store.query(statement)
    assert store.query("SELECT count() FROM spans").rows == [[1]]


def test_view_speaks_the_collectors_names(store: Store) -> None:
    """The view otel_traces has ids in hex, kind and status as words, and the resource as a map."""
    columns = "TraceId, SpanId, ParentSpanId, SpanKind, StatusCode, ResourceAttributes, Duration, ScopeName"
    [row] = store.query(
        f"SELECT {columns} FROM otel_traces WHERE TraceId = {{id:String}}", {"id": span(1).trace_id.hex()}
    ).rows

    resource = {"service.name": "shop", "process.pid": "7"}
    assert row == [
        span(1).trace_id.hex(), span(1).span_id.hex(), span(1).parent_span_id.hex(),
        "Server", "Unset", resource, 5_000_000, "tests",
    ]  # fmt: skip
    assert len(store.query("SELECT * FROM otel_traces").columns) == 22
