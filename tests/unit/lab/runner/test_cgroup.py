"""Control groups of both versions, against folders with the kernel's files; containers are tested with real ones."""

import os
from pathlib import Path

from taskscope.clock import MICROSECOND
from taskscope.lab.runner import cgroup_v1, cgroup_v2
from taskscope.lab.runner.cgroup import NO_LIMIT, NoLimits, Request, read_pairs, remove_leftovers
from taskscope.lab.runner.cgroup_v1 import GroupV1, LimitsV1
from taskscope.lab.runner.cgroup_v2 import GroupV2, LimitsV2

MIB = 1_048_576


def write(folder: Path, **files: str) -> None:
    """Write files; ``__`` in a name stands for a dot."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def test_version_1_reads_one_folder_for_each_controller(tmp_path: Path) -> None:
    """Figures of memory, processors, processes and disks."""
    write(
        tmp_path / "memory",
        memory__usage_in_bytes="500\n",
        memory__max_usage_in_bytes="900\n",
        memory__limit_in_bytes=f"{NO_LIMIT}\n",
        memory__stat="cache 1\nrss 2\n",
        memory__oom_control="oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
    )
    write(tmp_path / "cpuacct", cpuacct__usage="77\n", cpuacct__stat="user 3\nsystem 4\n")
    write(tmp_path / "pids", pids__current="5\n")
    write(tmp_path / "blkio", blkio__throttle__io_service_bytes="8:0 Read 10\n8:0 Write 20\n8:16 Read 1\nTotal 31\n")
    group = GroupV1({path.name: path for path in tmp_path.iterdir()})

    reading = group.read()

    assert reading
    assert (reading.memory_bytes, reading.memory_max_bytes, reading.memory_limit_bytes) == (500, 900, NO_LIMIT)
    assert reading.memory_details == {"cache": 1, "rss": 2}
    assert (reading.cpu_ns, reading.cpu_user_ns, reading.cpu_kernel_ns) == (77, 30_000_000, 40_000_000)
    assert (reading.processes, reading.read_bytes, reading.written_bytes) == (5, 11, 20)
    assert group.oom_kills() == 1


def test_version_1_limits_task_and_container(tmp_path: Path) -> None:
    """Memory and memory with swap are limited to the same; CPU shares are set."""
    bases = {controller: tmp_path / controller for controller in ("memory", "cpu")}
    for base in bases.values():
        base.mkdir()
    limits = LimitsV1(bases)

    group = limits.create("task", "c-app", Request(64 * MIB, 512 * MIB, 128))

    assert [path.parent.name for path in group.procs] == ["c-app", "c-app"]
    assert (tmp_path / "memory/task/memory.limit_in_bytes").read_text() == str(512 * MIB)
    assert (tmp_path / "memory/task/c-app/memory.memsw.limit_in_bytes").read_text() == str(64 * MIB)
    assert (tmp_path / "cpu/task/c-app/cpu.shares").read_text() == "128"


def test_version_2_reads_one_folder(tmp_path: Path) -> None:
    """Names in lower case; no limit is ``max``; an older kernel knows no peak."""
    write(
        tmp_path,
        memory__current="500\n",
        memory__max="max\n",
        memory__stat="anon 1\nfile 2\n",
        memory__events="low 0\noom 1\noom_kill 2\n",
        cpu__stat="usage_usec 7\nuser_usec 4\nsystem_usec 3\n",
        pids__current="5\n",
        io__stat="8:0 rbytes=10 wbytes=20 rios=1\n8:16 rbytes=1 wbytes=2\n",
    )
    group = GroupV2(tmp_path)

    reading = group.read()

    assert reading
    assert (reading.memory_bytes, reading.memory_max_bytes, reading.memory_limit_bytes) == (500, None, NO_LIMIT)
    assert (reading.cpu_ns, reading.processes) == (7 * MICROSECOND, 5)
    assert (reading.read_bytes, reading.written_bytes, reading.operation_names) == (11, 22, ("read", "write"))
    assert group.oom_kills() == 2


def test_version_2_limits_task_and_container(tmp_path: Path) -> None:
    """Swap is off, shares become a weight, and the task hands its controllers down."""
    limits = LimitsV2(tmp_path)

    group = limits.create("task", "c-app", Request(64 * MIB, 512 * MIB, 1024))

    assert list(group.procs) == [tmp_path / "task/c-app/cgroup.procs"]
    assert "+memory" in (tmp_path / "task/cgroup.subtree_control").read_text()
    assert (tmp_path / "task/memory.max").read_text() == str(512 * MIB)
    assert (tmp_path / "task/c-app/memory.swap.max").read_text() == "0"
    assert (tmp_path / "task/c-app/cpu.weight").read_text() == "39"


def test_a_machine_without_a_writable_hierarchy_has_no_limits(tmp_path: Path) -> None:
    """Neither version pretends; plain folders are no control groups."""
    (tmp_path / "memory").mkdir()

    assert cgroup_v1.open_limits("taskscope-1a", tmp_path) is None
    assert cgroup_v2.open_limits("taskscope-1a", tmp_path) is None
    assert not NoLimits().enforces_memory


def test_groups_of_dead_labs_are_removed_wherever_they_are(tmp_path: Path) -> None:
    """Those of the living, and other folders, stay."""
    dead, alive = "taskscope-99999999a", f"taskscope-{os.getpid()}a"
    for name in (f"memory/{dead}/task/c-app", f"memory/a/b/{dead}", f"memory/{alive}", "memory/taskscope-x"):
        (tmp_path / name).mkdir(parents=True)

    remove_leftovers([tmp_path / "memory"])

    left = sorted(path.name for path in (tmp_path / "memory").rglob("*") if path.is_dir())
    assert left == sorted(["a", "b", alive, "taskscope-x"])


def test_a_file_that_cannot_be_read_has_no_pairs(tmp_path: Path) -> None:
    """A group may vanish while it is read."""
    assert read_pairs(tmp_path / "none") == {}
