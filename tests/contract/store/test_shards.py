"""Two servers as two shards of one store: rows are split, questions see all, and a batch sent twice is stored once."""
# ruff: noqa: S608 (the names in these statements are the tests' own)

from collections.abc import Iterator

import pytest

from taskscope.clock import SECOND
from taskscope.errors import UnavailableError, UsageError
from taskscope.model.batch import Batch, Encoded, EncodedBatch, Signal
from taskscope.model.window import Window
from taskscope.query.service_map import service_map
from taskscope.query.trace.service_map import map_of
from taskscope.sinks.store import StoreSink
from taskscope.store.cluster import Cluster
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate
from taskscope.store.rollups import Rollups
from taskscope.wire.otlp.traces import encode_traces
from tests.contract.store.rows import log_record, spans
from tests.contract.store.server import ClickHouse, NoServerError, cluster, free_ports
from tests.unit.query.shop import START, request

_CLUSTER = Cluster("pair", replicated=False, distributed_ddl=False)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ClickHouse, ClickHouse]]:
    """Give two servers that know each other."""
    http_a, tcp_a, http_b, tcp_b = free_ports(4)
    clusters = cluster("pair", [tcp_a, tcp_b])
    try:
        with (
            ClickHouse(tmp_path_factory.mktemp("a"), ports=(http_a, tcp_a), clusters=clusters) as first,
            ClickHouse(tmp_path_factory.mktemp("b"), ports=(http_b, tcp_b), clusters=clusters) as second,
        ):
            yield first, second
    except NoServerError as error:
        pytest.skip(f"NO CLICKHOUSE SERVER: {error}")


@pytest.fixture
def stores(shards: tuple[ClickHouse, ClickHouse], request: pytest.FixtureRequest) -> Iterator[tuple[Store, Store]]:
    """Give the same store through either server, with a schema of its own for the test."""
    first, second = (open_store(each.dsn, database=request.node.name) for each in shards)
    migrate(first, _CLUSTER)
    migrate(second, _CLUSTER)
    yield first, second
    first.close()
    second.close()


def _count(store: Store, table: str) -> int:
    [[number]] = store.query(f"SELECT count() FROM {table}").rows
    return int(number)


def test_bodies_are_split_by_trace_and_stored_once(stores: tuple[Store, Store]) -> None:
    """Encoded spans sent through one server and again through the other lie on both shards, each once."""
    first, second = stores
    batch = EncodedBatch(Encoded.OTLP_SPANS, [encode_traces(spans(400))], "lane:0:1")
    StoreSink(first).consume(batch)
    StoreSink(first).consume(batch)
    StoreSink(second).consume(batch)

    assert _count(first, "spans") == _count(second, "spans") == 400
    parts = [_count(each, "spans_local") for each in stores]
    assert sum(parts) == 400
    assert min(parts) > 100
    [[calls]] = second.query("SELECT sum(Calls) FROM spans_by_minute").rows
    assert calls == 400


def test_rows_are_split_and_stored_once(stores: tuple[Store, Store]) -> None:
    """Log records sent twice lie on both shards, each once."""
    first, second = stores
    batch = Batch(Signal.LOGS, [log_record(f"line {number}") for number in range(200)], "lane:1:2")
    StoreSink(first).consume(batch)
    StoreSink(second).consume(batch)

    assert _count(second, "otel_logs") == 200
    assert all(_count(each, "otel_logs_local") > 50 for each in stores)


def test_minutes_are_computed_of_all_shards(stores: tuple[Store, Store]) -> None:
    """Whichever server computes them, or joins what is open."""
    first, second = stores
    sent = [span for number in range(6) for span in request(number)]
    StoreSink(first).consume(Batch(Signal.SPANS, sent, "lane:3:4"))
    later = START + 3_600 * SECOND
    for _ in range(2):
        assert service_map(second, Window(START, later), now_ns=later) == map_of(sent)
        Rollups(first).refresh(later, budget_seconds=60)

    assert Rollups(second).refresh(later) == 0
    assert _count(second, "rolled_minutes") == 3


def test_a_dead_shard_is_waited_for(shards: tuple[ClickHouse, ClickHouse], stores: tuple[Store, Store]) -> None:
    """With one shard gone an insert says that a retry may help; after the retry every row is there once."""
    first, _ = stores
    batch = Batch(Signal.SPANS, spans(200), "lane:2:3")
    shards[1].kill()
    with pytest.raises(UnavailableError):
        StoreSink(first).consume(batch)
    with pytest.raises((UnavailableError, UsageError)):
        _count(first, "spans")
    with shards[1]:
        StoreSink(first).consume(batch)
        assert _count(first, "spans") == 200
