"""
Questions to a store of ten million spans and ten million log lines. Run it with
``.venv/bin/python benchmarks/query.py``: ten minutes; ``--quick`` takes 200,000 of each.

One process with the embedded store and the functions that the API calls. Spans come in traces of six over six hours:
twelve services that call one another, a table, a database; a hundredth fails. The engine makes them, so that loading
does not take long; they pass the views and the rollups as all others do. Each question is asked with other parameters
each time, at a tenth of the rows and at all of them. *Cold* is the first answer after the store was opened anew with
the page cache dropped (as root; said where that is not allowed).
"""

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Template
from typing import Any, Final

from taskscope.model.window import Window
from taskscope.query.logs.search import search_logs
from taskscope.query.search.find import find_traces
from taskscope.query.series import service_series
from taskscope.query.service_map import service_map
from taskscope.query.trace.read import read_trace
from taskscope.query.trace.view import view_trace
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate
from taskscope.store.rollups import Rollups
from taskscope.store.stats import table_stats

START: Final = 1_790_000_400
"""Seconds since the epoch, at a full minute."""
HOURS: Final = 6
SPANS_IN_TRACE: Final = 6
ROWS: Final = 10_000_000
QUICK: Final = 200_000
TIMES: Final = 40
BATCH: Final = 500_000
TARGETS: Final = {
    "trace by id, as a waterfall": (50, 10),
    "newest 20 traces by filter": (300, 50),
    "newest 20 traces, rare filter": (300, 50),
    "service map of an hour": (300, 50),
    "p99 per minute, an hour": (300, 50),
    "newest 100 log lines with a word": (300, 50),
}

_SQL: Final = Path(__file__).parent / "loads"


def load(store: Store, first: int, last: int, total: int) -> None:
    """Make rows from ``first`` up to ``last``, of spans and of log lines, in batches in order of time."""
    values = {
        "database": store.database,
        "start": START,
        "hours": HOURS,
        "traces": total // SPANS_IN_TRACE,
        "all": total,
    }
    for begin in range(first, last, BATCH):
        count = min(BATCH, last - begin)
        for name in ("spans.sql", "logs.sql"):
            statement = Template((_SQL / name).read_text(encoding="utf-8"))
            store.execute(statement.substitute(values, first=begin, count=count))
        say(f"{begin + count:,} of {total:,} spans and as many log lines")


def roll_up(store: Store) -> float:
    """Compute the rollups of all minutes; return the seconds that it took."""
    began = time.perf_counter()
    rollups = Rollups(store, rest_seconds=0)
    while rollups.refresh(time.time_ns(), budget_seconds=60):
        pass
    return time.perf_counter() - began


def questions(store: Store, until: int, total: int) -> Iterator[tuple[str, Callable[[int], Any]]]:
    """Yield each question by its name; the number that it takes chooses its parameters. Rows end at ``until``."""
    span = HOURS * 3600 * until // total
    end_ns = (START + span) * 1_000_000_000
    hour = min(3600, span)
    ids = _some_ids(store, TIMES + 1)

    def window(number: int) -> Window:
        """Return an hour, another one each time."""
        shift = random.Random(number).randrange(max(1, span - hour))
        return Window(end_ns - (shift + hour) * 1_000_000_000, end_ns - shift * 1_000_000_000)

    def by_id(number: int) -> Any:
        spans, _ = read_trace(store, ids[number % len(ids)])
        return view_trace(spans)

    yield "trace by id, as a waterfall", by_id
    yield (
        "newest 20 traces by filter",
        lambda number: find_traces(
            store,
            Window(START * 1_000_000_000, end_ns),
            expression=f'service("shop-{number % 12}") {{ fault }} AND responsetime > {0.01 + number / 1000}',
        ),
    )
    yield (
        "newest 20 traces, rare filter",
        lambda number: find_traces(
            store, window(number), expression=f'annotation.tenant = "t-{number * 31 % 2000}" AND fault'
        ),
    )
    yield (
        "service map of an hour",
        lambda number: service_map(store, window(number), now_ns=time.time_ns()),
    )
    yield (
        "p99 per minute, an hour",
        lambda number: service_series(
            store, window(number), step_ns=60_000_000_000, name=f"shop-{number % 12}", now_ns=time.time_ns()
        ),
    )
    yield (
        "newest 100 log lines with a word",
        lambda number: search_logs(
            store, Window(START * 1_000_000_000, end_ns), text=f"customer u-{number * 977 % 50000}", limit=100
        ),
    )


def _some_ids(store: Store, count: int) -> list[bytes]:
    some = "SELECT DISTINCT lower(hex(TraceId)) FROM spans WHERE cityHash64(TraceId) % 401 = 0"
    return [bytes.fromhex(row[0]) for row in store.query(some, max_rows=count).rows]


def ask(dsn: str, until: int, total: int) -> list[dict[str, Any]]:
    """Ask everything, first cold and then warm."""
    rows = []
    with open_store(dsn) as store:
        for name, question in questions(store, until, total):
            began = time.perf_counter()
            question(0)
            cold = time.perf_counter() - began
            took = []
            for number in range(1, TIMES + 1):
                began = time.perf_counter()
                question(number)
                took.append(time.perf_counter() - began)
            took.sort()
            p95 = took[round(0.95 * (len(took) - 1))]
            rows.append({"question": name, "cold": cold, "p50": statistics.median(took), "p95": p95})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return [{**row, "peak": peak} for row in rows]


def drop_page_cache() -> bool:
    """Make the disk be read again; return whether this machine lets us."""
    try:
        Path("/proc/sys/vm/drop_caches").write_text("1", encoding="ascii")
    except OSError:
        return False
    return True


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)


def apart(*arguments: str) -> Any:
    """Run a part in a process of its own, as chDB opens one folder in a process; return what it says."""
    done = subprocess.run([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def step(dsn: str, first: int, last: int, total: int) -> dict[str, Any]:
    """Load and roll up."""
    with open_store(dsn) as store:
        migrate(store)
        store.enter()
        began = time.perf_counter()
        load(store, first, last, total)
        loaded = time.perf_counter() - began
        rolled = roll_up(store)
        size = {each.table: (each.bytes_on_disk, each.rows) for each in table_stats(store)}
    return {"load": loaded, "roll_up": rolled, "tables": size}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--folder", help="use this folder, and leave it behind")
    parser.add_argument("--part", nargs="*", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        kind, dsn, *numbers = given.part
        first, last, total = (int(each) for each in numbers)
        print(json.dumps(step(dsn, first, last, total) if kind == "load" else ask(dsn, last, total)))
        return
    total = QUICK if given.quick else ROWS
    with tempfile.TemporaryDirectory() as made:
        dsn = f"chdb://{Path(given.folder or made) / 'store'}"
        for first, last in ((0, total // 10), (total // 10, total)):
            told = apart("--part", "load", dsn, str(first), str(last), str(total))
            cold = drop_page_cache()
            answers = apart("--part", "ask", dsn, "0", str(last), str(total))
            took = f"loaded in {told['load']:.0f} s, rolled up in {told['roll_up']:.1f} s"
            print(f"\n{last:,} spans, {last:,} log lines; {took}")
            print("" if cold else "(the page cache could not be dropped: cold is without the engine's caches only)")
            print("| Question | cold | p50 | p95 | at least | aim |\n|---|---:|---:|---:|---:|---:|")
            for row in answers:
                least, aim = TARGETS[row["question"]]
                figures = " | ".join(f"{1000 * row[each]:.0f} ms" for each in ("cold", "p50", "p95"))
                print(f"| {row['question']} | {figures} | {least} ms | {aim} ms |")
            print(f"memory of the process that asks: {answers[0]['peak'] / 1e6:.0f} MB at most")
            spans = told["tables"]["spans"]
            print(f"on disk: {spans[0] / spans[1]:.0f} bytes a span")


if __name__ == "__main__":
    main()
