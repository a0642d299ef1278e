"""Names and texts of what containers' statistics and metadata become, and how each is read."""

from collections.abc import Callable
from typing import Final

from taskscope.exporter.metrics.family import seconds
from taskscope.model.task_metadata import ContainerStats, TaskContainer
from taskscope.model.task_usage import reserved_cpus

FROM_STATISTICS: Final[tuple[tuple[str, str, Callable[[ContainerStats], float | None]], ...]] = (
    (
        "ecs_container_stats_timestamp_seconds",
        "When the statistics were taken; Fargate takes them every 10 s",
        lambda stats: seconds(stats.read_ns),
    ),
    (
        "ecs_container_cpu_usage_seconds_total",
        "Processor time",
        lambda stats: seconds(stats.cpu.total_ns),
    ),
    (
        "ecs_container_cpu_user_seconds_total",
        "Processor time in user mode",
        lambda stats: seconds(stats.cpu.user_ns),
    ),
    (
        "ecs_container_cpu_system_seconds_total",
        "Processor time in kernel mode",
        lambda stats: seconds(stats.cpu.kernel_ns),
    ),
    (
        "ecs_container_cpu_periods_total",
        "Periods of the scheduler in which the container could run, where it has a quota",
        lambda stats: stats.cpu.periods,
    ),
    (
        "ecs_container_cpu_throttled_periods_total",
        "Periods in which the container used up its quota",
        lambda stats: stats.cpu.throttled_periods,
    ),
    (
        "ecs_container_cpu_throttled_seconds_total",
        "Time for which the container was throttled",
        lambda stats: seconds(stats.cpu.throttled_ns),
    ),
    (
        "ecs_container_memory_usage_bytes",
        "Memory in use, with page cache",
        lambda stats: stats.memory.usage_bytes,
    ),
    (
        "ecs_container_memory_working_set_bytes",
        "Memory in use without inactive file pages, which the kernel can take back",
        lambda stats: stats.memory.working_set_bytes,
    ),
    (
        "ecs_container_memory_page_cache_size_bytes",
        "Page cache",
        lambda stats: stats.memory.cache_bytes,
    ),
    (
        "ecs_container_memory_anonymous_bytes",
        "Memory that is no file's: heap and stacks",
        lambda stats: stats.memory.rss_bytes,
    ),
    (
        "ecs_container_memory_max_usage_bytes",
        "Most memory that was in use; cgroup v1 only",
        lambda stats: stats.memory.max_usage_bytes,
    ),
    (
        "ecs_container_disk_read_bytes_total",
        "Bytes read from block devices",
        lambda stats: stats.disk.read_bytes,
    ),
    (
        "ecs_container_disk_written_bytes_total",
        "Bytes written to block devices",
        lambda stats: stats.disk.write_bytes,
    ),
    (
        "ecs_container_disk_reads_completed_total",
        "Reads of block devices",
        lambda stats: stats.disk.reads,
    ),
    (
        "ecs_container_disk_writes_completed_total",
        "Writes to block devices",
        lambda stats: stats.disk.writes,
    ),
    (
        "ecs_container_pids",
        "Processes and threads",
        lambda stats: stats.pids,
    ),
)
FROM_MEMORY_DETAILS: Final = (
    ("active_file", "active_file_bytes", "Page cache that was used lately"),
    ("inactive_file", "inactive_file_bytes", "Page cache that was not used lately; the kernel takes it back first"),
    ("anon_thp", "anonymous_thp_bytes", "Anonymous memory in transparent huge pages"),
    ("file_mapped", "mapped_file_bytes", "Files that are mapped into memory"),
    ("file_dirty", "dirty_bytes", "Page cache that is to be written to disk"),
    ("file_writeback", "writeback_bytes", "Page cache that is being written to disk"),
    ("shmem", "shared_bytes", "Shared memory and tmpfs"),
    ("unevictable", "unevictable_bytes", "Memory that the kernel cannot take back, such as locked pages"),
    ("kernel_stack", "kernel_stack_bytes", "Kernel stacks; cgroup v2 only"),
    ("slab_reclaimable", "slab_reclaimable_bytes", "Kernel objects that can be given up; cgroup v2 only"),
    ("slab_unreclaimable", "slab_unreclaimable_bytes", "Kernel objects that cannot be given up; cgroup v2 only"),
    ("sock", "socket_bytes", "Buffers of network connections; cgroup v2 only"),
    ("pgfault", "page_faults_total", "Page faults, major ones among them"),
    ("pgmajfault", "major_page_faults_total", "Page faults that had to read from disk"),
    ("pgscan", "pages_scanned_total", "Pages that the kernel looked at to take them back; cgroup v2 only"),
    ("pgsteal", "pages_reclaimed_total", "Pages that the kernel took back; cgroup v2 only"),
)
"""The name in ``memory.stat``, what follows ``ecs_container_memory_``, and the text."""
FROM_METADATA: Final[tuple[tuple[str, str, Callable[[TaskContainer], float | None]], ...]] = (
    (
        "ecs_container_cpu_reservation_vcpus",
        "CPUs that the definition reserves; the container may use more where others leave it",
        reserved_cpus,
    ),
    (
        "ecs_container_restarts_total",
        "Restarts by the restart policy; absent without one",
        lambda container: container.restarts,
    ),
    (
        "ecs_container_exit_code",
        "Exit code of the last run; absent before it ended",
        lambda container: container.exit_code,
    ),
    (
        "ecs_container_created_timestamp_seconds",
        "When the container was made",
        lambda container: seconds(container.created_ns),
    ),
    (
        "ecs_container_started_timestamp_seconds",
        "When the container started",
        lambda container: seconds(container.started_ns),
    ),
    (
        "ecs_container_finished_timestamp_seconds",
        "When the container ended",
        lambda container: seconds(container.finished_ns),
    ),
    (
        "ecs_container_health_since_timestamp_seconds",
        "Since when its health is what it is; absent without a health check",
        lambda container: seconds(container.health_since_ns),
    ),
)
