"""What is used, in cells of plain tables."""

from collections.abc import Sequence
from typing import Final

from taskscope.model.resource_usage import AlarmEntry, Level, LiveTask, ResourceEntry, Usage
from taskscope.render.figures import MISSING, share
from taskscope.render.quantities import quantity
from taskscope.render.top.lines import Line, state

RESOURCE_COLUMNS: Final = ("NAME", "TYPE", "CLUSTER", "STATUS", "TASKS", "CPU", "MEMORY", "ALARMS")
LIVE_COLUMNS: Final = (
    "CLUSTER", "SERVICE", "TASK", "CONTAINER", "STATE", "CPU", "CPU%", "MEMORY", "MEMORY%", "RX/s", "TX/s", "READ/s",
    "WRITE/s", "HEALTH", "RESTARTS",
)  # fmt: skip


def resource_cells(entry: ResourceEntry) -> tuple[str, ...]:
    """Return the cells of a resource: percents are averages over the window, of the limit."""
    key, usage = entry.key, entry.usage
    return (
        resource_name(entry),
        key.level.value,
        key.cluster,
        entry.status or MISSING,
        str(entry.tasks) if key.level in {Level.CLUSTER, Level.SERVICE} else MISSING,
        _percent(usage.cpu_share),
        _percent(usage.memory_share),
        _alarms(entry.alarms),
    )


def resource_name(entry: ResourceEntry) -> str:
    """Return a name that tells a resource from others of its cluster."""
    key = entry.key
    names = {
        Level.CLUSTER: key.cluster,
        Level.SERVICE: key.service,
        Level.TASK: f"{key.service}/{key.task}" if key.service else key.task,
        Level.CONTAINER: f"{key.task}/{key.container}",
    }
    return names[key.level]


def live_cells(line: Line, now_ns: int) -> tuple[str, ...]:
    """Return the cells of a line of `top` where it is written once, to a file or a pipe."""
    task: LiveTask = line.task
    shown = line.shown
    usage: Usage = shown.usage
    return (
        task.key.cluster,
        task.key.service or MISSING,
        task.key.task,
        line.container.name if line.container else MISSING,
        state(shown, now_ns),
        MISSING if usage.cpu is None else f"{usage.cpu:.3f}",
        _percent(usage.cpu_share),
        MISSING if usage.memory_bytes is None else quantity(usage.memory_bytes, "By"),
        _percent(usage.memory_share),
        *(_rate(each) for each in (usage.network_rx, usage.network_tx, usage.storage_read, usage.storage_write)),
        shown.health or MISSING,
        MISSING if shown.restarts is None else str(shown.restarts),
    )


def _percent(part: float | None) -> str:
    return MISSING if part is None else share(part)


def _rate(value: float | None) -> str:
    return MISSING if value is None else quantity(value, "By")


def _alarms(alarms: Sequence[AlarmEntry]) -> str:
    """Write those that are in alarm by name, and count the others."""
    ringing = [each.name for each in alarms if each.state == "ALARM"]
    quiet = len(alarms) - len(ringing)
    said = [f"{', '.join(ringing)} in ALARM"] if ringing else []
    return "; ".join([*said, *([f"{quiet} not in ALARM"] if quiet else [])]) or MISSING
