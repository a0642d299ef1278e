"""
Questions about what a fleet uses: 125 tasks of four containers each, read every ten seconds. Run it with
``.venv/bin/python benchmarks/usage.py``: two minutes; ``--hours`` says of how long (1 by default).

One process with the embedded store and the functions that the API calls. The engine makes the points, and they pass the
views as all others do. CPU is that of the process, all threads: on a machine that does other things as well it says
more than the time.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Template
from typing import Any, Final

from table import lines
from taskscope.model.resource_usage import Level, ResourceKey
from taskscope.model.window import Window
from taskscope.query.usage.live import live
from taskscope.query.usage.map import resource_map
from taskscope.query.usage.resources import list_resources
from taskscope.query.usage.series import usage_series
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate

START: Final = 1_790_000_400
"""Seconds since the epoch, at a full minute."""
TASKS: Final = 125
CONTAINERS: Final = 4
BATCH: Final = 60_000
"""Readings at once."""

_USED: Final = "toFloat64(cityHash64(number) % 1000)"
_COUNTED: Final = "toFloat64(tick * (1000 + place))"
_PARTS: Final = (
    f"[('container.cpu.usage', map(), {_USED} / 4000), ('container.cpu.reserved', map(), 0.25),"
    f" ('container.memory.working_set', map(), {_USED} * 250000), ('container.memory.limit', map(), 268435456.),"
    " ('container.uptime', map(), tick * 10.), ('container.pids', map(), 7.)]"
)
_OWN: Final = (
    f"[('ecs.task.cpu.usage', map(), {_USED} / 1000), ('ecs.task.cpu.limit', map(), 1.),"
    f" ('ecs.task.memory.working_set', map(), {_USED} * 1000000), ('ecs.task.memory.limit', map(), 1073741824.)]"
)
_DISK: Final = (
    f"[('container.disk.io', map('disk.io.direction', 'read'), {_COUNTED}),"
    f" ('container.disk.io', map('disk.io.direction', 'write'), {_COUNTED}), ('container.cpu.time', map(), {_COUNTED})]"
)
_NETWORK: Final = (
    "[('ecs.task.network.io', map('network.io.direction', 'receive', 'network.interface.name', 'eth1'), "
    f"{_COUNTED}), ('ecs.task.network.io', map('network.io.direction', 'transmit', 'network.interface.name', 'eth1'), "
    f"{_COUNTED})]"
)
_GAUGE: Final = {"table": "otel_metrics_gauge", "columns": "Value", "values": "point.3"}
_SUM: Final = {
    "table": "otel_metrics_sum",
    "columns": "Value, AggregationTemporality, IsMonotonic",
    "values": "point.3, 2, true",
}
_LOADS: Final = ((_GAUGE, _PARTS, CONTAINERS), (_SUM, _DISK, CONTAINERS), (_GAUGE, _OWN, 1), (_SUM, _NETWORK, 1))


def load(store: Store, hours: int) -> None:
    """Make the points."""
    template = Template((Path(__file__).parent / "loads" / "usage.sql").read_text(encoding="utf-8"))
    for table, points, parts in _LOADS:
        rows = hours * 360 * TASKS * parts
        for first in range(0, rows, BATCH):
            values = {"first": first, "count": min(BATCH, rows - first), "parts": parts, "own": int(parts == 1)}
            statement = template.substitute(
                table, points=points, database=store.database, start=START, tasks=TASKS, **values
            )
            store.execute(statement)
        print(f"{rows:,} readings of {'tasks' if parts == 1 else 'containers'}", file=sys.stderr, flush=True)


def questions(store: Store, hours: int) -> Iterator[tuple[str, Callable[[int], Any]]]:
    """Yield each question by its name."""
    begin, hour, minute = START * 1_000_000_000, 3_600_000_000_000, 60_000_000_000
    window, end = Window(begin, begin + hours * hour), begin + hours * hour
    for level in Level:
        yield f"list of {level}s", lambda _, level=level: list_resources(store, window, level=level, limit=100)  # type: ignore[misc]
    one = list_resources(store, window, level=Level.CONTAINER, limit=1).resources[0].key
    keys = {
        "cluster": ResourceKey(Level.CLUSTER, one.cluster),
        "service": ResourceKey(Level.SERVICE, one.cluster, one.service),
        "task": ResourceKey(Level.TASK, one.cluster, one.service, one.task),
        "container": one,
    }
    for name, key in keys.items():
        yield (
            f"series of a {name}, by the minute",
            lambda _, key=key: usage_series(store, window, key=key, step_ns=hours * minute, now_ns=end),  # type: ignore[misc]
        )
    yield "live: every task and container", lambda _: live(store, now_ns=end)
    yield "map: every node", lambda _: resource_map(store, window)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=1)
    hours = parser.parse_args().hours
    with tempfile.TemporaryDirectory() as folder, open_store(f"chdb://{folder}/store") as store:
        migrate(store)
        store.enter()
        load(store, hours)
        print(f"{TASKS * CONTAINERS} containers, {hours} h\n")
        for line in lines(questions(store, hours)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
