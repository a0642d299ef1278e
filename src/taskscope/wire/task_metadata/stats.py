"""
Statistics of containers by id, as ``/task/stats`` (versions 3 and 4) and ``/v2/stats`` give them.

They are Docker's ``StatsJSON``. A container that just started, or has stopped, has null (Fargate) or ``{}`` (EC2).
Cgroup v1 and v2 name their memory and their I/O operations differently; see ``ContainerStats`` for what each becomes.
"""

from collections.abc import Mapping
from typing import Any, Final

from taskscope.model.task_metadata import (
    ContainerStats,
    CpuCounters,
    DiskIo,
    InterfaceCounters,
    MemoryUse,
    TaskContainer,
    TaskInfo,
)
from taskscope.wire.task_metadata.fields import count, instant, part, parts, text

_NO_LIMIT: Final = 1 << 60
"""From here on a limit of memory is the kernel's way to say none: 2**63 less a page, as Fargate shows it."""
_NEVER: Final = "0001-01-01T00:00:00Z"
"""Go's zero time: as ``read`` Docker's answer for a container that does not run, as ``preread`` the first reading."""
_INTERFACE: Final = tuple(f"{way}_{what}" for way in ("rx", "tx") for what in ("bytes", "packets", "errors", "dropped"))

_DETAILS: Final = {
    "active_file": ("active_file",),
    "inactive_file": ("inactive_file",),
    "anon_thp": ("anon_thp", "rss_huge"),
    "file_mapped": ("file_mapped", "mapped_file"),
    "file_dirty": ("file_dirty", "dirty"),
    "file_writeback": ("file_writeback", "writeback"),
    "shmem": ("shmem",),
    "unevictable": ("unevictable",),
    "kernel_stack": ("kernel_stack",),
    "slab_reclaimable": ("slab_reclaimable",),
    "slab_unreclaimable": ("slab_unreclaimable",),
    "sock": ("sock",),
    "pgfault": ("pgfault",),
    "pgmajfault": ("pgmajfault",),
    "pgscan": ("pgscan",),
    "pgsteal": ("pgsteal",),
}
"""What cgroup v2 names in ``memory.stat``, and v1 after it where it has another name for the same."""


def read_stats(document: object, task: TaskInfo) -> tuple[Mapping[str, ContainerStats | None], tuple[str, ...]]:
    """
    Return the statistics of the task's containers by id, and a line for each that could not be read.

    None stands for no statistics and for unreadable ones. Nothing is raised, and a container costs no other its own.
    """
    if not isinstance(document, dict):
        return {each.id: None for each in task.containers if each.id}, ("the statistics are no JSON object",)
    stats: dict[str, ContainerStats | None] = {}
    faults: list[str] = []
    for container in task.containers:
        if not container.id:  # not made yet
            continue
        try:
            stats[container.id] = _read(document.get(container.id))
        except ValueError as error:
            stats[container.id] = None
            faults.append(_fault(container, error))
    return stats, tuple(faults)


def _fault(container: TaskContainer, error: ValueError) -> str:
    return f"the statistics of container {container.name or container.id} cannot be read: {error}"


def _read(document: object) -> ContainerStats | None:
    if document is None or document == {}:
        return None
    if not isinstance(document, dict):
        raise ValueError(f"they are no JSON object but {repr(document)[:80]}")  # noqa: TRY004 - of data, not of a caller
    if document.get("read") == _NEVER:
        return None
    read_ns = instant(document.get("read"))
    if read_ns is None:
        raise ValueError(f"read {repr(document.get('read'))[:80]} is no time")
    cpu = _cpu(document, "cpu_stats")
    if cpu is None:
        raise ValueError("cpu_stats.cpu_usage.total_usage is no count")
    previous_ns = instant(document.get("preread"))
    return ContainerStats(
        read_ns=read_ns,
        cpu=cpu,
        memory=_memory(part(document, "memory_stats")),
        disk=_disk(part(document, "blkio_stats")),
        networks=_networks(part(document, "networks")) or None,
        pids=count(part(document, "pids_stats").get("current")),
        previous_read_ns=previous_ns,
        previous_cpu=_cpu(document, "precpu_stats") if previous_ns is not None else None,
    )


def _cpu(document: Mapping[str, Any], name: str) -> CpuCounters | None:
    stats = part(document, name)
    usage, throttling = part(stats, "cpu_usage"), part(stats, "throttling_data")
    total_ns = count(usage.get("total_usage"))
    if total_ns is None:
        return None
    each_cpu = usage.get("percpu_usage")  # cgroup v1 only
    return CpuCounters(
        total_ns=total_ns,
        system_ns=count(stats.get("system_cpu_usage")),
        user_ns=count(usage.get("usage_in_usermode")),
        kernel_ns=count(usage.get("usage_in_kernelmode")),
        online=count(stats.get("online_cpus")) or (len(each_cpu) or None if isinstance(each_cpu, list) else None),
        periods=count(throttling.get("periods")),
        throttled_periods=count(throttling.get("throttled_periods")),
        throttled_ns=count(throttling.get("throttled_time")),
    )


def _memory(document: Mapping[str, Any]) -> MemoryUse:
    usage = count(document.get("usage"))
    if usage is None:
        raise ValueError("memory_stats.usage is no count")
    pages, limit = part(document, "stats"), count(document.get("limit"))
    inactive = _first(pages, "total_inactive_file", "inactive_file")
    return MemoryUse(
        usage_bytes=usage,
        cache_bytes=_first(pages, "cache", "file"),
        working_set_bytes=usage - inactive if inactive is not None and inactive < usage else usage,  # as docker stats
        rss_bytes=_first(pages, "rss", "anon"),
        max_usage_bytes=count(document.get("max_usage")),
        limit_bytes=limit if limit and limit < _NO_LIMIT else None,
        said_limit_bytes=limit,
        details={name: value for name, names in _DETAILS.items() if (value := _first(pages, *names)) is not None},
    )


def _first(document: Mapping[str, Any], *names: str) -> int | None:
    return next((value for name in names if (value := count(document.get(name))) is not None), None)


def _disk(document: Mapping[str, Any]) -> DiskIo:
    sizes, operations = "io_service_bytes_recursive", "io_serviced_recursive"
    return DiskIo(
        read_bytes=_operations(document, sizes, "read"),
        write_bytes=_operations(document, sizes, "write"),
        reads=_operations(document, operations, "read"),
        writes=_operations(document, operations, "write"),
    )


def _operations(document: Mapping[str, Any], name: str, operation: str) -> int | None:
    """Add up an operation's devices; None where no device says it: cgroup v2 has null for some arrays."""
    values = [count(each.get("value")) for each in parts(document, name) if text(each.get("op")).lower() == operation]
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _networks(document: Mapping[str, Any]) -> dict[str, InterfaceCounters]:
    return {
        text(name): counters
        for name, each in document.items()
        if isinstance(each, dict) and (counters := _interface(each)) is not None
    }


def _interface(document: Mapping[str, Any]) -> InterfaceCounters | None:
    counters = {name: value for name in _INTERFACE if (value := count(document.get(name, 0))) is not None}
    return InterfaceCounters(**counters) if len(counters) == len(_INTERFACE) else None
