"""
Layouts of the table of spans side by side. Run it with ``.venv/bin/python benchmarks/store_layout.py``: five minutes,
half a minute with ``--quick``.

Each layout has a process and a folder of its own. It takes the same distinct OTLP bodies (512 spans each) through the
engine's decoder as `serve` does, with tokens, rollup and merges: first in batches of 4 MB from one thread, then of
32 MB from two, for some seconds each. Then it is asked, at once, 40 times each with other parameters. The bodies come
around when they are used up, under new tokens; so a trace may be there more than once.
"""

import argparse
import json
import os
import pickle
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from taskscope.model.resource import Resource, Scope
from taskscope.model.span import Span, SpanEvent
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate
from taskscope.store.statements import Statement, schema
from taskscope.wire.otlp.traces import encode_traces

SPANS_IN_BODY: Final = 512
HOURS: Final = 6
START: Final = 1_790_000_000_000_000_000
QUESTIONS: Final = 40
MEGABYTE: Final = 1_000_000

Change = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """Our schema with texts of its statements replaced."""

    name: str
    changes: Sequence[Change] = ()
    without: Sequence[str] = ()
    lookup: bool = False


_WIDE: Final[Change] = (",\n    min_bytes_for_wide_part = 1000000000, merge_selector_base = 12", "")
_HEX_IDS: Final[Sequence[Change]] = (
    ("TraceId FixedString(16)", "TraceId String"),
    ("SpanId FixedString(8)", "SpanId String"),
    ("toFixedString(`s.trace_id`, 16)", "lower(hex(`s.trace_id`))"),
    ("toFixedString(`s.span_id`, 8)", "lower(hex(`s.span_id`))"),
    ("toFixedString(if(length(`s.parent_span_id`) = 8, `s.parent_span_id`, ''), 8)", "lower(hex(`s.parent_span_id`))"),
    ("INDEX trace_id_hex lower(hex(TraceId))", "INDEX trace_id_hex TraceId"),
)
_MAP_RESOURCE: Final[Sequence[Change]] = (
    ("    Resource LowCardinality(String),", "    Resource Map(LowCardinality(String), String),"),
    ("toLowCardinality(toJSONString(attributes)) AS Resource", "attributes AS Resource"),
)
_SORTED: Final = "ORDER BY (ServiceName, toStartOfMinute(Timestamp), Timestamp)"
LAYOUTS: Final = (
    Layout("present table", (*_HEX_IDS, *_MAP_RESOURCE, _WIDE), without=("spans_to_minutes",), lookup=True),
    Layout("combination"),
    Layout("- without rollup", without=("spans_to_minutes",)),
    Layout("- resource as Map", _MAP_RESOURCE),
    Layout("- wide parts, usual merges", (_WIDE,)),
    Layout("- arrival order", ((_SORTED, "ORDER BY tuple()"),)),
    Layout("- by hour and trace", ((_SORTED, "ORDER BY (toStartOfHour(Timestamp), TraceId)"),)),
    Layout("- with trace lookup", lookup=True),
)
_LOOKUP: Final = (
    """CREATE TABLE otel.lookup (Prefix FixedString(8), Start SimpleAggregateFunction(min, DateTime),
    End SimpleAggregateFunction(max, DateTime))
    ENGINE = AggregatingMergeTree PARTITION BY toMonday(Start) ORDER BY Prefix
    SETTINGS non_replicated_deduplication_window = 10000""",
    """CREATE MATERIALIZED VIEW otel.lookup_mv TO otel.lookup AS
    SELECT substring(TraceId, 1, 8)::FixedString(8) AS Prefix,
        min(toDateTime(Timestamp)) AS Start, max(toDateTime(Timestamp)) AS End
    FROM otel.spans GROUP BY Prefix""",
)
_JSON_MAP: Final = "JSONExtract(Resource::String, 'Map(LowCardinality(String), String)') AS"
_HEX_PARENT: Final = "if(ParentSpanId = toFixedString('', 8), '', lower(hex(ParentSpanId))) AS ParentSpanId"


def bodies(count: int) -> list[bytes]:
    """Make distinct bodies: 12 services, 256 tasks, traces of 8 spans, times that go forward over six hours."""
    chance = random.Random(7)
    return [_body(chance, number, START + HOURS * 3_600_000_000_000 * number // count) for number in range(count)]


def _body(chance: random.Random, number: int, start: int) -> bytes:
    task = number % 256
    resource = Resource(
        {
            "service.name": f"service-{number % 12}", "service.version": f"1.{task % 5}",
            "host.name": f"ip-10-0-1-{task}",
            "cloud.provider": "aws", "cloud.region": "eu-west-1", "cloud.account.id": "123456789012",
            "aws.ecs.task.arn": f"arn:aws:ecs:eu-west-1:123456789012:task/shop/{task:032x}", "process.pid": task + 1,
            "telemetry.sdk.name": "opentelemetry", "telemetry.sdk.language": "python",
            "telemetry.sdk.version": "1.44.0",
        }
    )  # fmt: skip
    scope = Scope("opentelemetry.instrumentation.flask", "0.65b0")
    return encode_traces([_span(chance, index, start, resource, scope) for index in range(SPANS_IN_BODY)])


def _span(chance: random.Random, index: int, start: int, resource: Resource, scope: Scope) -> Span:
    begin = start + chance.randrange(10**9)
    item = chance.randrange(100_000)
    attributes = {
        "http.request.method": "GET", "http.route": "/api/item/{id}", "url.path": f"/api/item/{item}",
        "http.response.status_code": chance.choice((200, 200, 200, 404, 500)), "server.address": "shop.example.com",
        "server.port": 443, "user.id": f"u{item}", "http.response.size": chance.randrange(10**6),
        "cache.hit": bool(index % 2), "ratio": chance.random(),
    }  # fmt: skip
    events = [SpanEvent(begin + 5, "exception", {"exception.type": "ValueError", "exception.message": f"item {item}"})]
    failed = index % 20 == 0
    return Span(
        random.Random(f"{start} {index // 8}").randbytes(16), chance.randbytes(8), b"" if index % 8 == 0 else b"\1" * 8,
        f"GET /api/item/{index % 40}", index % 5 + 1, begin, begin + chance.randrange(10**8), attributes,
        resource, scope,
        2 if failed else 0, "failed" if failed else "", events if index % 10 == 0 else (),
    )  # fmt: skip


def build(store: Store, layout: Layout) -> None:
    """Make the schema of a layout."""
    migrate(store)
    for each in reversed([statement for statement in schema() if statement.name in _AFFECTED]):
        kind = "VIEW" if "_to_" in each.name or each.name == "otel_traces" else "TABLE"
        place = store.writers if each.name.startswith("writers/") else store.database
        store.execute(f"DROP {kind} {place}.{each.name.rpartition('/')[2]}")
    for each in schema():
        if each.name in _AFFECTED and each.name not in layout.without:
            store.execute(_changed(each, layout).render(database=store.database, writers=store.writers))
    for statement in _LOOKUP if layout.lookup else ():
        store.execute(statement)


_AFFECTED: Final = ("spans", "otel_traces", "spans_to_minutes", "writers/otlp_traces_to_spans")


def _changed(statement: Statement, layout: Layout) -> Statement:
    template = statement.template
    for before, after in layout.changes:
        template = template.replace(before, after)
    if statement.name == "otel_traces" and _MAP_RESOURCE[0] in layout.changes:
        template = template.replace(_JSON_MAP, "Resource AS")
    if statement.name == "otel_traces" and _HEX_IDS[0] in layout.changes:
        template = template.replace(_HEX_PARENT, "ParentSpanId")
        for name in ("TraceId", "SpanId"):
            template = template.replace(f"    lower(hex({name})) AS {name},", f"    {name},", 1)
    return Statement(statement.name, template)


def load(
    store: Store, source: Sequence[bytes], *, size: int, threads: int, seconds: float, name: str
) -> tuple[float, float]:
    """Insert for a time; return spans a second and the process's CPU microseconds for a span."""
    step = max(1, size // len(source[0]))
    counts = [0] * threads
    end = time.monotonic() + seconds

    def insert(thread: int) -> None:
        number = thread
        while time.monotonic() < end:
            begin = number * step % (len(source) - step)
            store.insert_otlp_spans(source[begin : begin + step], token=f"{name}:{number}")
            counts[thread] += step * SPANS_IN_BODY
            number += threads

    started, cpu = time.monotonic(), time.process_time()
    workers = [threading.Thread(target=insert, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    spans = sum(counts)
    return spans / (time.monotonic() - started), (time.process_time() - cpu) / spans * 1e6


def ask(store: Store, layout: Layout) -> dict[str, float]:
    """Ask with parameters that never repeat; return the 95th percentile of each question in milliseconds."""
    chance = random.Random(3)
    ids = [row[0] for row in store.query("SELECT DISTINCT TraceId FROM otel_traces ORDER BY rand() LIMIT 40").rows]

    def window(seconds: int) -> dict[str, Any]:
        begin = START // 10**9 + chance.randrange(HOURS * 3600 - seconds)
        return {"from": begin, "to": begin + seconds, "service": f"service-{chance.randrange(12)}"}

    between = "Timestamp BETWEEN fromUnixTimestamp({from:UInt32}) AND fromUnixTimestamp({to:UInt32})"
    newest = (
        "SELECT TraceId, SpanName, Duration FROM otel_traces WHERE ServiceName = {service:String} "
        f"AND StatusCode = 'Error' AND {between} ORDER BY Timestamp DESC LIMIT 20"
    )
    exact = (
        "SELECT toStartOfMinute(Timestamp) AS m, quantile(0.99)(Duration) FROM spans "
        f"WHERE ServiceName = {{service:String}} AND {between} GROUP BY m"
    )
    rolled = (
        "SELECT Minute, quantilesTDigestMerge(0.99)(Duration) FROM spans_by_minute "
        "WHERE ServiceName = {service:String} "
        "AND Minute BETWEEN fromUnixTimestamp({from:UInt32}) AND fromUnixTimestamp({to:UInt32}) GROUP BY Minute"
    )
    times = {
        "trace_ms": _p95(
            store, "SELECT * FROM otel_traces WHERE TraceId = {id:String}", [{"id": each} for each in ids]
        ),
        "newest_ms": _p95(store, newest, [window(900) for _ in range(QUESTIONS)]),
        "p99_ms": _p95(store, exact, [window(3600) for _ in range(QUESTIONS)]),
    }
    if "spans_to_minutes" not in layout.without:
        times["rollup_ms"] = _p95(store, rolled, [window(3600) for _ in range(QUESTIONS)])
    return times


def _p95(store: Store, sql: str, parameters: Sequence[dict[str, Any]]) -> float:
    taken = []
    for each in parameters:
        started = time.perf_counter()
        store.query(sql, each)
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.quantiles(taken, n=20)[-1]


def run(layout: Layout, source: Path, seconds: float) -> dict[str, Any]:
    """Measure one layout in this process."""
    distinct = pickle.loads(source.read_bytes())  # noqa: S301 (our own file)
    with tempfile.TemporaryDirectory(prefix="layout-") as folder, open_store(f"chdb://{folder}/store") as store:
        build(store, layout)
        os.chdir(folder)
        small, small_cpu = load(store, distinct, size=4 * MEGABYTE, threads=1, seconds=seconds / 2, name="small")
        large, large_cpu = load(store, distinct, size=32 * MEGABYTE, threads=2, seconds=seconds, name="large")
        [[rows, size, parts]] = store.query(
            "SELECT sum(rows), sum(bytes_on_disk), count() FROM system.parts WHERE active AND table = 'spans'"
        ).rows
        return {
            "small": small, "small_cpu": small_cpu, "large": large, "large_cpu": large_cpu,
            "rows": rows, "bytes": size / rows, "parts": parts, **ask(store, layout),
        }  # fmt: skip


_COLUMNS: Final[Sequence[tuple[str, str, Callable[[Any], str]]]] = (
    ("spans/s 4 MB x1", "small", lambda value: f"{value / 1000:.0f} k"),
    ("32 MB x2", "large", lambda value: f"{value / 1000:.0f} k"),
    ("CPU us/span", "large_cpu", lambda value: f"{value:.1f}"),
    ("spans", "rows", lambda value: f"{value / 1e6:.1f} M"),
    ("parts", "parts", str),
    ("B/span", "bytes", lambda value: f"{value:.0f}"),
    ("trace p95 ms", "trace_ms", lambda value: f"{value:.0f}"),
    ("newest 20 p95", "newest_ms", lambda value: f"{value:.0f}"),
    ("p99/min p95", "p99_ms", lambda value: f"{value:.0f}"),
    ("by rollup", "rollup_ms", lambda value: f"{value:.0f}"),
)


def main() -> None:
    """Print the table, a line as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two layouts, a few seconds each")
    parser.add_argument("--seconds", type=float, default=16.0, help="of inserts in large batches, for each layout")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--bodies", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    seconds = 4.0 if options.quick else options.seconds
    if options.one:
        [layout] = [each for each in LAYOUTS if each.name == options.one]
        print(json.dumps(run(layout, options.bodies, seconds)))
        return
    print("layout | " + " | ".join(title for title, *_ in _COLUMNS) + f" | load {os.getloadavg()[0]:.1f}")
    with tempfile.NamedTemporaryFile(suffix=".pickle") as file:
        file.write(pickle.dumps(bodies(200 if options.quick else 2000)))
        file.flush()
        for layout in LAYOUTS[:2] if options.quick else LAYOUTS:
            command = [sys.executable, __file__, "--one", layout.name, "--bodies", file.name, "--seconds", str(seconds)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            values = json.loads(done.stdout.splitlines()[-1])
            cells = [write(values[key]) if key in values else "-" for _, key, write in _COLUMNS]
            print(f"{layout.name} | " + " | ".join(cells) + f" | {os.getloadavg()[0]:.1f}", flush=True)


if __name__ == "__main__":
    main()
