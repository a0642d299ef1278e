"""The columns of the table: what each shows, how wide it is, and which ones a narrow terminal does without."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from rich.text import Text

from taskscope.model.resource_usage import LiveContainer, LiveTask
from taskscope.render.figures import MISSING, share
from taskscope.render.quantities import quantity
from taskscope.render.sparkline import ASCII, BLOCKS, sparkline
from taskscope.render.text import escape
from taskscope.render.top.lines import Line, is_live, state

_BAR: Final = 8
_CPU: Final = 12
_MEMORY: Final = 15
"""Characters of figures, beside the bars."""
STATE: Final = "STATE"
_SPARK: Final = 12
_LONG_SPARK: Final = 30
"""One character for each reading of five minutes."""
_HIGH: Final = 0.7
_FULL: Final = 0.9
_SHORT_ID: Final = 8
_NARROWEST: Final = 16
_NARROW: Final = 24
"""Characters of the first column, where that leaves half of the terminal."""
_WIDEST: Final = 44
_DIM: Final = "dim"


class Manner(NamedTuple):
    """How cells are drawn."""

    now_ns: int
    ascii_only: bool = False
    ids: int = _SHORT_ID
    """Characters of a task's id."""
    states_here: bool = False
    """Whether what is not measured any more says so in place of its CPU: there is no room for a column of states."""
    spark: int = _SPARK
    """Characters of a sparkline."""
    bar: int = _BAR
    """Characters of a bar; without one the percents have its colour."""


class Column(NamedTuple):
    """A column of the table."""

    title: str
    width: int
    rank: int
    """A narrow terminal does without the greatest first; those of one rank are there together or not at all."""
    cell: Callable[[Line, Manner], Text]
    is_number: bool = False


def bar_of(width: int) -> int:
    """Return the length of bars: there are none where CPU and memory would not fit side by side with them."""
    return _BAR if width - _least(width) >= _CPU + _MEMORY + 2 * (_BAR + 1) else 0


def _least(width: int) -> int:
    return min(_NARROW, max(_NARROWEST, width // 3))


def fitting(width: int) -> Sequence[Column]:
    """Return the columns that fit into so many characters; the first one takes what is left."""
    columns = _columns(bar_of(width))
    least = _least(width)
    left = width - least
    chosen: list[Column] = []
    for _, found in groupby(sorted(columns, key=lambda column: column.rank), key=lambda column: column.rank):
        together = list(found)
        if (taken := sum(each.width + 1 for each in together)) > left:
            break
        chosen += together
        left -= taken
    name = min(_WIDEST, least + left)
    left -= name - least
    rest = [
        each._replace(width=min(_LONG_SPARK, each.width + left)) if each.cell is _spark else each
        for each in columns
        if each in chosen
    ]
    return [Column("TASK / CONTAINER", name, 0, _name), *rest]


def _name(line: Line, manner: Manner) -> Text:
    task, container = line.task, line.container
    if container is not None:
        return Text(f"  {escape(container.name)}")
    marks = "+-" if manner.ascii_only else "\u25b8\u25be"
    mark = marks[0 if line.is_folded else 1] if task.containers else " "
    name = task.key.service or task.family or task.key.cluster
    return Text.assemble(f"{mark} ", (escape(name), "bold"), f" {escape(task.key.task)[: manner.ids]}")


def _state(line: Line, manner: Manner) -> Text:
    text = state(line.shown, manner.now_ns)
    return Text(text, style="" if text == "RUNNING" else "yellow" if text.startswith("stale") else _DIM)


def _bar(part: float | None, manner: Manner) -> Text:
    """Draw a share of 0 to 1; more than all of it is a full bar."""
    if part is None:
        return Text(" " * manner.bar)
    filled = round(min(1.0, max(0.0, part)) * manner.bar)
    full, rest = "#." if manner.ascii_only else "\u2501\u2500"
    return Text.assemble((full * filled, _colour(part)), (rest * (manner.bar - filled), _DIM))


def _colour(part: float | None) -> str:
    if part is None:
        return ""
    return "red" if part >= _FULL else "yellow" if part >= _HIGH else "green"


def _percent(part: float | None) -> str:
    return MISSING if part is None else share(part)


def _cpu(line: Line, manner: Manner) -> Text:
    usage = line.shown.usage
    cpus = MISSING if usage.cpu is None else f"{usage.cpu:.2f}"
    if manner.states_here and not is_live(line.shown, manner.now_ns):
        return _state(line, manner)
    return _measure(line, manner, usage.cpu_share, f"{cpus:>5}")


def _memory(line: Line, manner: Manner) -> Text:
    usage = line.shown.usage
    size = MISSING if usage.memory_bytes is None else quantity(usage.memory_bytes, "By")
    return _measure(line, manner, usage.memory_share, f"{size:>8}")


def _measure(line: Line, manner: Manner, part: float | None, value: str) -> Text:
    percent = (f"{_percent(part):>5} ", "" if manner.bar else _colour(part))
    text = Text.assemble(_bar(part, manner), " " if manner.bar else "", percent, value)
    return text if is_live(line.shown, manner.now_ns) else Text(text.plain, _DIM)


def _rate(value: Callable[[LiveTask | LiveContainer], float | None]) -> Callable[[Line, Manner], Text]:
    def cell(line: Line, manner: Manner) -> Text:
        found = value(line.shown) if is_live(line.shown, manner.now_ns) else None
        return Text(MISSING if found is None else quantity(found, "By").replace(" ", ""), _DIM if not found else "")

    return cell


def _health(line: Line, manner: Manner) -> Text:
    health = line.shown.health if is_live(line.shown, manner.now_ns) else ""
    return Text(health.lower() or MISSING, style={"UNHEALTHY": "bold red", "HEALTHY": "green"}.get(health, _DIM))


def _restarts(line: Line, _: Manner) -> Text:
    count = line.shown.restarts
    return Text(MISSING if count is None else str(count), style="yellow" if count else _DIM)


def _spark(line: Line, manner: Manner) -> Text:
    shown = line.shown
    levels = ASCII if manner.ascii_only else BLOCKS
    return Text(sparkline(shown.cpu_history, manner.spark, top=shown.usage.cpu_limit, levels=levels), style="cyan")


def _columns(bar: int) -> Sequence[Column]:
    return (
        Column(STATE, 10, 3, _state),
        Column("CPU OF LIMIT", bar + _CPU, 1, _cpu),
        Column("MEMORY OF LIMIT", bar + _MEMORY, 2, _memory),
        Column("RX/s", 8, 6, _rate(lambda each: each.usage.network_rx), is_number=True),
        Column("TX/s", 8, 6, _rate(lambda each: each.usage.network_tx), is_number=True),
        Column("READ/s", 8, 7, _rate(lambda each: each.usage.storage_read), is_number=True),
        Column("WRITE/s", 8, 7, _rate(lambda each: each.usage.storage_write), is_number=True),
        Column("HEALTH", 9, 4, _health),
        Column("RST", 3, 5, _restarts, is_number=True),
        Column("CPU, 5 MIN", _SPARK, 8, _spark),
    )
