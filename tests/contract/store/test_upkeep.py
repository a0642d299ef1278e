"""The schema is made once and told from others; what is too old or too much goes; what is there is counted."""
# ruff: noqa: S608 (the names in these statements are the tests' own)

from typing import Any

import pytest

from taskscope.errors import TaskscopeError
from taskscope.model.batch import Batch, Signal
from taskscope.sinks.store import StoreSink
from taskscope.store.check import check
from taskscope.store.engine import Store
from taskscope.store.migrate import migrate
from taskscope.store.retention import apply_retention, enforce_size, purge
from taskscope.store.signals import TABLES
from taskscope.store.statements import schema
from taskscope.store.stats import table_stats
from tests.contract.store.rows import START, log_record, span, spans

_DAY = 86_400_000_000_000
_REMEDY = "run `taskscope store migrate`"


def _services(store: Store) -> list[Any]:
    return [name for (name,) in store.query("SELECT DISTINCT ServiceName FROM spans ORDER BY 1").rows]


@pytest.fixture(autouse=True)
def _empty(store: Store) -> None:
    for table in ("spans", "spans_by_minute", "otel_logs"):
        store.execute(f"TRUNCATE TABLE `{store.database}`.{table}")


def _insert(store: Store, service: str, *, timestamp: str, ingested: str = "now()") -> None:
    store.execute(
        f"INSERT INTO `{store.database}`.spans (ServiceName, Timestamp, IngestedAt) "
        f"VALUES ('{service}', '{timestamp}', {ingested})"
    )


def test_migration_is_done_once(store: Store) -> None:
    """A second migration finds nothing to do, and the store is sound."""
    assert migrate(store) == []
    assert check(store) == []


def test_interrupted_migration_goes_on(store: Store) -> None:
    """A statement that ran and was not recorded runs again and changes nothing."""
    last = schema()[-1].name
    store.execute(f"ALTER TABLE `{store.database}`.schema_migrations DELETE WHERE Name = '{last}'", mutations_sync=1)
    [wrong] = check(store)
    assert wrong == f"the schema has version {len(schema()) - 1}, this Taskscope makes {len(schema())}: {_REMEDY}"
    assert migrate(store) == [last]


def test_newer_schema_is_refused(store: Store) -> None:
    """A store that a later Taskscope made is not touched; the message says where it is and what to do."""
    table = f"`{store.database}`.schema_migrations"
    store.execute(f"INSERT INTO {table} (Version, Name) VALUES (9999, 'later')")
    with pytest.raises(TaskscopeError, match="schema version 9999") as caught:
        migrate(store)
    store.execute(f"ALTER TABLE {table} DELETE WHERE Version = 9999", mutations_sync=1)

    assert str(store.dsn) in str(caught.value)
    assert "--store" in str(caught.value)


def test_missing_table_and_wrong_rollup_are_found(store: Store) -> None:
    """The check names a table that is gone, and a minute whose rollup does not have all of its spans."""
    store.execute(f"DROP TABLE `{store.database}`.ecs_services")
    StoreSink(store).consume(Batch(Signal.SPANS, spans(8), "check:0"))
    store.execute(f"INSERT INTO `{store.database}`.spans_by_minute (Minute, Calls) VALUES ('2026-09-21 14:13:00', 3)")
    found = check(store)
    [missing] = [each for each in schema() if each.name == "ecs_services"]
    store.execute(missing.render(database=store.database, writers=store.writers))

    assert found[0] == f"the table {store.database}.ecs_services is missing"
    assert found[1].startswith("2026-09-21 14:13:00 UTC has 8 spans, and its rollup says 11")


def test_retention_counts_from_ingestion(store: Store) -> None:
    """Old spans that came in just now stay; those that came in long ago go."""
    _insert(store, "imported", timestamp="2020-01-01 00:00:00")
    _insert(store, "expired", timestamp="2020-02-02 00:00:00", ingested="now() - INTERVAL 2 DAY")
    changed = apply_retention(store, {Signal.SPANS: 86_400})
    again = apply_retention(store, {Signal.SPANS: 86_400})
    store.execute(f"OPTIMIZE TABLE `{store.database}`.spans FINAL")

    assert (list(changed), list(again)) == (["spans", "spans_by_minute"], [])
    assert _services(store) == ["imported"]
    assert apply_retention(store, {Signal.SPANS: 0}) == list(TABLES[Signal.SPANS])


def test_retention_of_a_new_store_is_nothing_to_tell(fresh: Store) -> None:
    """Its tables are empty and never had one; a time that replaces another is told, rows or not."""
    assert apply_retention(fresh, {Signal.SPANS: 86_400, Signal.LOGS: 86_400}) == []
    assert apply_retention(fresh, {Signal.LOGS: 7_200}) == ["otel_logs"]


def test_size_is_kept_under(fresh: Store) -> None:
    """The days that would expire first are dropped until the store is small enough; the newest day stays."""
    apply_retention(fresh, {Signal.SPANS: 30 * 86_400})
    for day in range(1, 5):
        _insert(fresh, f"day {day}", timestamp=f"2026-03-0{day} 00:00:00", ingested=f"now() - INTERVAL {5 - day} DAY")
    total = sum(each.bytes_on_disk for each in table_stats(fresh))
    dropped = enforce_size(fresh, total - 1)
    rest = enforce_size(fresh, 0)

    assert [(each.table, each.partition) for each in dropped] == [("spans", "20260301")]
    assert [each.partition for each in rest if each.table == "spans"] == ["20260302", "20260303"]
    assert _services(fresh) == ["day 4"]


def test_purge_deletes_what_is_before(store: Store) -> None:
    """What happened before a moment is gone from answers, and other signals are not touched."""
    sink = StoreSink(store)
    sink.consume(Batch(Signal.SPANS, [span(1), span(2, start_ns=START + _DAY)], "purge:0"))
    sink.consume(Batch(Signal.LOGS, [log_record()], "purge:1"))
    purge(store, Signal.SPANS, before=START + 1)

    assert store.query("SELECT count() FROM spans").rows == [[1]]
    assert store.query("SELECT count() FROM otel_logs").rows == [[1]]


def test_stats_count_rows_bytes_and_times(store: Store) -> None:
    """Each table tells its rows, its bytes and its oldest and newest time."""
    StoreSink(store).consume(Batch(Signal.SPANS, [span(1), span(2, start_ns=START + _DAY)], "stats:0"))
    stats = {each.table: each for each in table_stats(store)}

    held = stats["spans"]
    assert (held.rows, held.parts) == (2, 2)
    assert held.bytes_on_disk > 500
    assert (held.oldest, held.newest) == ("2026-09-21 14:13:20.123456789", "2026-09-22 14:13:20.123456789")
    assert (stats["ecs_tasks"].rows, stats["ecs_tasks"].oldest) == (0, None)


def test_a_collector_may_write(store: Store) -> None:
    """What the Collector's exporter inserts into the writers' tables is read back equal, also in its old spelling."""
    writers = f"`{store.writers}`"
    store.execute(
        f"INSERT INTO {writers}.otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName,"
        " ResourceAttributes, SpanAttributes, Duration, StatusCode, `Links.TraceId`, `Links.SpanId`,"
        " `Links.TraceState`, `Links.Attributes`) VALUES ('2026-09-21 14:13:20.123456789',"
        " '0102030405060708090a0b0c0d0e0f10', '0102030405060708', '', 'GET', 'SPAN_KIND_CLIENT',"
        " 'shop', {'service.name': 'shop', 'a': '1'}, {'k': 'v'}, 5,"
        " 'Error', ['0102030405060708090a0b0c0d0e0f10'], ['0102030405060708'], [''], [{}])"
    )
    columns = "toString(Timestamp), TraceId, ParentSpanId, SpanKind, StatusCode, ResourceAttributes, `Links.TraceId`"
    [row] = store.query(f"SELECT {columns} FROM otel_traces").rows
    trace = "0102030405060708090a0b0c0d0e0f10"
    resource = {"service.name": "shop", "a": "1"}
    assert row == ["2026-09-21 14:13:20.123456789", trace, "", "Client", "Error", resource, [trace]]

    store.execute(
        f"INSERT INTO {writers}.otel_logs (Timestamp, Body, TraceFlags) VALUES ('2026-09-21 14:13:20', 'hi', 1)"
    )
    assert store.query("SELECT Body, Flags, Structured FROM otel_logs").rows == [["hi", 1, False]]
    for table in ("exponential_histogram", "exp_histogram"):
        store.execute(f"INSERT INTO {writers}.otel_metrics_{table} (MetricName, TimeUnix, Min) VALUES ('m', 1, 2)")
    answer = store.query("SELECT Min, HasMin FROM otel_metrics_exponential_histogram")
    assert answer.rows == [[2, True], [2, True]]
