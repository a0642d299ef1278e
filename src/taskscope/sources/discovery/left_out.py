"""What is said of tasks that cannot be scraped."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from taskscope.model.placement import PlacedTask

_SHOWN: Final = 5
"""Tasks that one line names."""
_SHORT_ID: Final = 8


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A task, or an exporter of it, that is no target."""

    task: PlacedTask
    reason: str


def lines(left_out: Iterable[LeftOut]) -> list[str]:
    """Return a line for each task definition and reason, with the first tasks by id."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for each in left_out:
        where = (each.task.cluster, f"{each.task.family}:{each.task.revision}", each.reason)
        groups.setdefault(where, []).append(each.task.id)
    return [
        f"left out {_counted(ids)} of {definition} in cluster {cluster}: {reason}"
        for (cluster, definition, reason), ids in sorted(groups.items())
    ]


def _counted(ids: list[str]) -> str:
    shown = ", ".join(each[:_SHORT_ID] for each in sorted(ids)[:_SHOWN])
    more = ", …" if len(ids) > _SHOWN else ""
    return f"task {shown}" if len(ids) == 1 else f"{len(ids)} tasks ({shown}{more})"
