"""The whole picture: totals, the table, and what the keys do."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from taskscope.model.resource_usage import LiveTask, LiveView, Usage
from taskscope.render.figures import MISSING, age, count, share
from taskscope.render.quantities import quantity
from taskscope.render.text import escape
from taskscope.render.top.columns import STATE, Manner, bar_of, fitting
from taskscope.render.top.lines import Line, is_live

_AROUND: Final = 4
"""Lines that are not of tasks: two of totals, the head, the foot."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the one who looks has chosen."""

    sort: str = "cpu"
    text: str = ""
    """Part of a name."""
    folded: Collection[str] = frozenset()
    """ARNs of tasks."""
    selected: int = 0
    """Which line; -1 for none."""
    typing: bool = False
    """The filter is being written."""


def screen(
    view: LiveView, shown: Sequence[Line], look: Look, *, scope: str, width: int, height: int, now_ns: int,
    trouble: str = "", ascii_only: bool = False,
) -> RenderableType:  # fmt: skip
    """Draw what fits into a terminal; the selected line is among it."""
    room = max(1, height - _AROUND)
    first = max(0, min(look.selected - room // 2, len(shown) - room))
    part = shown[first : first + room]
    parts = (
        totals(view, scope=scope, now_ns=now_ns, trouble=trouble),
        Text(used(view, now_ns=now_ns), no_wrap=True, overflow="ellipsis"),
        table(part, width=width, now_ns=now_ns, selected=look.selected - first, ascii_only=ascii_only),
        Text("\n" * max(0, room - len(part)), end=""),
        _foot(_chosen(view, shown, look, part, first), look, ascii_only=ascii_only),
    )
    return Group(*parts)


def table(
    shown: Sequence[Line], *, width: int, now_ns: int, selected: int = -1, ascii_only: bool = False
) -> RenderableType:
    """Draw lines as a table that is no wider than the terminal."""
    columns = fitting(width)
    has_states = any(each.title == STATE for each in columns)
    manner = Manner(now_ns, ascii_only, states_here=not has_states, spark=columns[-1].width, bar=bar_of(width))
    drawn = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold", collapse_padding=True)
    for column in columns:
        justify = "right" if column.is_number else "left"
        drawn.add_column(column.title, width=column.width, no_wrap=True, overflow="ellipsis", justify=justify)  # type: ignore[arg-type]  # both are
    for number, line in enumerate(shown):
        name, *cells = (column.cell(line, manner) for column in columns)
        if number == selected:
            name.pad_right(columns[0].width - len(name))
            name.stylize("reverse")
        drawn.add_row(name, *cells, style="" if is_live(line.shown, now_ns) else "dim")
    return drawn


def totals(view: LiveView, *, scope: str, now_ns: int, trouble: str = "") -> Text:
    """Sum up what runs, and say how old that is."""
    live = [each for each in view.tasks if is_live(each, now_ns)]
    newest = max((each.read_ns for each in view.tasks), default=0)
    read = f"read {age(now_ns - newest)} ago  " if newest else ""
    text = Text.assemble(("taskscope top", "bold"), f"  {escape(scope)}  ", read, no_wrap=True, overflow="ellipsis")
    text.append(f"{escape(trouble)}  " if trouble else "", "bold red")
    text.append(_counts(view.tasks, live))
    return text


def used(view: LiveView, *, now_ns: int) -> str:
    """Sum up what the tasks that run use."""
    usages = [each.usage for each in view.tasks if is_live(each, now_ns)]
    rx, tx = _total(each.network_rx for each in usages), _total(each.network_tx for each in usages)
    return f"CPU {_of_limits(usages)}  memory {_of_memory(usages)}  network {rx} in, {tx} out"


def _total(rates: Iterable[float | None]) -> str:
    """Add up the rates that are known: tasks of network mode host have none."""
    known = [each for each in rates if each is not None]
    return quantity(sum(known), "By/s") if known else MISSING


def _counts(tasks: Sequence[LiveTask], live: Sequence[LiveTask]) -> str:
    containers = sum(len(each.containers) for each in live)
    stale = len(tasks) - len(live)
    more = f", {stale} stale or stopped" if stale else ""
    return f"{_number(len(live), 'task')}, {_number(containers, 'container')}{more}"


def _number(number: int, what: str) -> str:
    return f"{count(number)} {what}{'' if number == 1 else 's'}"


def _of_limits(usages: Sequence[Usage]) -> str:
    used = sum(each.cpu or 0.0 for each in usages)
    limit = sum(each.cpu_limit or 0.0 for each in usages)
    bounded = sum(each.cpu or 0.0 for each in usages if each.cpu_limit)
    if not limit:
        return f"{used:.2f}" if any(each.cpu is not None for each in usages) else MISSING
    return f"{used:.2f} of {limit:g} ({share(bounded / limit)})"


def _of_memory(usages: Sequence[Usage]) -> str:
    used = sum(each.memory_bytes or 0 for each in usages)
    limit = sum(each.memory_limit_bytes or 0 for each in usages)
    return f"{quantity(used, 'By')} of {quantity(limit, 'By')}" if limit else quantity(used, "By") if used else MISSING


def _chosen(view: LiveView, shown: Sequence[Line], look: Look, part: Sequence[Line], first: int) -> str:
    said = [f"sorted by {look.sort}"]
    if look.text or look.typing:
        said.append(f"filter: {escape(look.text)}{'_' if look.typing else ''}")
    if len(part) < len(shown):
        said.append(f"lines {first + 1} to {first + len(part)} of {len(shown)}")
    if view.left_out:
        said.append(f"{count(view.left_out)} tasks more are not shown: name a cluster or a service")
    if not shown:
        said.append("no task has this in a name" if view.tasks else "no task was measured in the last five minutes")
    return "  ".join(said)


def _foot(chosen: str, look: Look, *, ascii_only: bool) -> Text:
    arrows = "j k" if ascii_only else "\u2191\u2193"
    keys = "Enter keep  Esc drop" if look.typing else f"q quit  s sort  / filter  {arrows} move  Enter fold"
    return Text.assemble(chosen, (f"   {keys}", "dim"), no_wrap=True, overflow="ellipsis", end="")
