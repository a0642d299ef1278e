"""
Questions about metrics to a store of ten million points. Run it with ``.venv/bin/python benchmarks/metrics.py``: three
minutes; ``--quick`` takes 200,000.

One process with the embedded store and the functions that the API calls. Points come every ten seconds: 20 counters of
120 series each, one of 1,200, 20 gauges and 10 histograms with 16 buckets of 120 each; resources have ten attributes,
points three. The engine makes them. Each question is asked of another hour each time. CPU is that of the process, all
threads: on a machine that does other things as well it says more than the time.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Template
from typing import Any, Final, NamedTuple

from table import lines
from taskscope.model.window import Window
from taskscope.query.metrics.entries import list_metrics
from taskscope.query.metrics.labels import list_labels
from taskscope.query.metrics.range import range_query
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate

START: Final = 1_790_000_400
"""Seconds since the epoch, at a full minute."""
ROWS: Final = 10_000_000
QUICK: Final = 200_000
BATCH: Final = 500_000
TICK: Final = 10


class Load(NamedTuple):
    """Some metrics of a kind."""

    name: str
    table: str
    share: float
    """Of all points."""
    metrics: int
    series: int
    columns: str
    values: str


_COUNTED: Final = ("Value, AggregationTemporality, IsMonotonic", "toFloat64(tick * (1 + one % 7)), 2, true")
LOADS: Final = (
    Load("counter", "otel_metrics_sum", 0.55, 20, 120, *_COUNTED),
    Load("big", "otel_metrics_sum", 0.1, 1, 1200, *_COUNTED),
    Load("gauge", "otel_metrics_gauge", 0.2, 20, 120, "Value", "toFloat64(cityHash64(number) % 1000)"),
    Load(
        "histogram", "otel_metrics_histogram", 0.15, 10, 120,
        "Count, Sum, BucketCounts, ExplicitBounds, AggregationTemporality",
        "tick * 10, tick * 3.0, arrayMap(i -> toUInt64(tick * (i % 3)), range(16)),"
        " arrayMap(i -> pow(2, i) / 100, range(15)), 2",
    ),
)  # fmt: skip


def load(store: Store, total: int) -> dict[str, int]:
    """Make points in batches in order of time; return how many seconds each kind goes on."""
    template = Template((Path(__file__).parent / "loads" / "metrics.sql").read_text(encoding="utf-8"))
    seconds = {}
    for each in LOADS:
        rows = round(total * each.share)
        for first in range(0, rows, BATCH):
            count = min(BATCH, rows - first)
            values = {"database": store.database, "start": START, "first": first, "count": count}
            store.execute(template.substitute(each._asdict(), **values))
        seconds[each.name] = TICK * rows // (each.metrics * each.series)
        print(f"{rows:,} points of {each.name} over {seconds[each.name] / 3600:.1f} h", file=sys.stderr, flush=True)
    return seconds


def questions(store: Store, seconds: dict[str, int]) -> Iterator[tuple[str, Callable[[int], Any]]]:
    """Yield each question by its name; the number that it takes chooses the hour."""

    def window(kind: str, number: int) -> Window:
        hour = min(3600, seconds[kind])
        shift = random.Random(number).randrange(max(1, seconds[kind] - hour))
        return Window((START + shift) * 1_000_000_000, (START + shift + hour) * 1_000_000_000)

    def ask(kind: str, **asked: Any) -> Callable[[int], Any]:
        step: dict[str, Any] = {"step_ns": 60_000_000_000, "now_ns": time.time_ns()}
        return lambda number: range_query(store, window(kind, number), name=f"{kind}.0", **step, **asked)

    label = ("http.response.status_code",)
    yield "rate by label, 43,000 points", ask("counter", by=label)
    yield "rate of all, 43,000 points", ask("counter")
    yield "rate by label, 430,000 points", ask("big", by=label)
    yield "rate of all, 430,000 points", ask("big")
    yield "average by service of a gauge", ask("gauge", by=("service",))
    yield "95th percentile by service", ask("histogram", by=("service",), percentile=95)
    yield "labels, 43,000 points", lambda number: list_labels(store, window("counter", number), name="counter.0")
    yield "labels, 430,000 points", lambda number: list_labels(store, window("big", number), name="big.0")
    yield "list of 51 metrics, 2.6 million points", lambda number: list_metrics(store, window("big", number))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    total = QUICK if parser.parse_args().quick else ROWS
    with tempfile.TemporaryDirectory() as folder, open_store(f"chdb://{folder}/store") as store:
        migrate(store)
        store.enter()
        seconds = load(store, total)
        print(f"{total:,} points; an hour each\n")
        for line in lines(questions(store, seconds)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
