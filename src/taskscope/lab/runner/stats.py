"""Figures of a container, from its control group or its processes, in the shape of Docker's statistics."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import psutil

from taskscope.clock import SECOND
from taskscope.lab.runner.cgroup import NO_LIMIT, Group, Reading
from taskscope.lab.runner.times import rfc3339

Document: TypeAlias = dict[str, Any]
Counters: TypeAlias = dict[str, int]
"""``rx_`` and ``tx_`` bytes, packets, errors and dropped of one interface."""

NEVER: Final = "0001-01-01T00:00:00Z"
"""``preread`` of the first sample: Go's zero time."""
_NO_CPU: Final[Document] = {
    "cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
    "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading with its time and what the whole machine had used by then."""

    read_ns: int
    reading: Reading
    system_cpu_ns: int
    processors: int
    networks: Mapping[str, Counters] | None


def take_sample(
    now_ns: int, *, group: Group | None, pid: int | None, networks: Mapping[str, Counters] | None
) -> Sample | None:
    """Read a container now; None when it has ended meanwhile."""
    reading = group.read() if group else None
    if reading is None and pid is not None:
        reading = read_processes(pid)
    if reading is None:
        return None
    return Sample(now_ns, reading, _system_cpu_ns(), os.cpu_count() or 1, networks)


def read_processes(pid: int) -> Reading | None:
    """Sum over a process and its descendants, where there is no control group; None when it has ended."""
    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.Error:
        return None
    user = kernel = memory = read = written = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            with process.oneshot():
                times = process.cpu_times()
                user += int((times.user + times.children_user) * SECOND)
                kernel += int((times.system + times.children_system) * SECOND)
                memory += process.memory_info().rss
            if hasattr(process, "io_counters"):  # not on every system
                counters = process.io_counters()
                read, written = read + counters.read_bytes, written + counters.write_bytes
    return Reading(
        cpu_ns=user + kernel,
        cpu_kernel_ns=kernel,
        cpu_user_ns=user,
        memory_bytes=memory,
        memory_limit_bytes=NO_LIMIT,
        memory_details={"cache": 0, "rss": memory, "total_cache": 0, "total_rss": memory},
        processes=len(processes),
        read_bytes=read,
        written_bytes=written,
    )


def stats_document(sample: Sample, previous: Sample | None, *, name: str, runtime_id: str) -> Document:
    """Return one container's statistics; without a previous sample there is no ``precpu`` and no rate. Pure."""
    reading = sample.reading
    memory: Document = {"usage": reading.memory_bytes}
    if reading.memory_max_bytes is not None:
        memory["max_usage"] = reading.memory_max_bytes
    document = {
        "read": rfc3339(sample.read_ns),
        "preread": rfc3339(previous.read_ns) if previous else NEVER,
        "pids_stats": {"current": reading.processes},
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": _cpu(sample),
        "precpu_stats": _cpu(previous) if previous else _NO_CPU,
        "memory_stats": {**memory, "limit": reading.memory_limit_bytes, "stats": reading.memory_details},
        "blkio_stats": {"io_service_bytes_recursive": _operations(reading)},
        "name": f"/{name}",
        "id": runtime_id,
    }
    if sample.networks is not None:
        document["networks"] = {interface: dict(counters) for interface, counters in sample.networks.items()}
        if rates := _rates(sample, previous):
            document["network_rate_stats"] = rates
    return document


def _cpu(sample: Sample) -> Document:
    reading = sample.reading
    return {
        "cpu_usage": {
            "total_usage": reading.cpu_ns,
            "usage_in_kernelmode": reading.cpu_kernel_ns,
            "usage_in_usermode": reading.cpu_user_ns,
        },
        "system_cpu_usage": sample.system_cpu_ns,
        "online_cpus": sample.processors,
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    }


def _operations(reading: Reading) -> list[Document]:
    values = zip(reading.operation_names, (reading.read_bytes, reading.written_bytes), strict=True)
    return [{"major": 0, "minor": 0, "op": name, "value": value} for name, value in values]


def _rates(sample: Sample, previous: Sample | None) -> Document | None:
    """Return bytes for each second between two samples, over all interfaces."""
    if previous is None or previous.networks is None or sample.networks is None or sample.read_ns <= previous.read_ns:
        return None
    seconds = (sample.read_ns - previous.read_ns) / SECOND
    return {f"{way}_bytes_per_sec": (_total(sample, way) - _total(previous, way)) / seconds for way in ("rx", "tx")}


def _total(sample: Sample, way: str) -> int:
    return sum(counters[f"{way}_bytes"] for counters in (sample.networks or {}).values())


def _system_cpu_ns() -> int:
    """Return the time that all processors of the machine have counted, idle time included."""
    times = psutil.cpu_times()
    return int(sum(times[:_GUEST_FROM]) * SECOND)


_GUEST_FROM: Final = 8
"""On Linux guest time comes after these members and is already contained in user time."""
