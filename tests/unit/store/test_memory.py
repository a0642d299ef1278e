"""How much memory there is for the embedded engine."""

import os
from pathlib import Path

import pytest

from taskscope.store import memory
from taskscope.store.memory import cgroup_limits, engine_bytes, machine_bytes, question_bytes


def _machine(root: Path, groups: str, **limits: str) -> list[int]:
    """Make a machine whose files say that, ``limits`` by folder under ``/sys/fs/cgroup``; return what is found."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(groups)
    for place, text in limits.items():
        file = root / "sys/fs/cgroup" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    return list(cgroup_limits(root))


@pytest.mark.parametrize(
    ("groups", "limits", "found"),
    [
        ("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": "7", "memory.max": "9"}, [7, 9]),
        ("0::/\n", {"memory.max": "7"}, [7]),
        ("0::/of/the/host\n", {"memory.max": "7"}, [7]),
        ("4:cpu,memory:/a\n0::/\n", {"memory/a/memory.limit_in_bytes": "7"}, [7]),
        ("4:memory:/docker/1\n", {"memory/memory.limit_in_bytes": "7"}, [7]),
        ("4:cpu:/a\n", {"memory/a/memory.limit_in_bytes": "7"}, []),
        ("0::/a:b\n", {"a:b/memory.max": "7"}, [7]),
        ("0::/\n", {"memory.max": ""}, []),
    ],
)
def test_limits_of_a_container_are_found(tmp_path: Path, groups: str, limits: dict[str, str], found: list[int]) -> None:
    """Of both versions, and where the path is one of the host."""
    assert _machine(tmp_path, groups, **limits) == found


def test_a_machine_without_control_groups_has_no_limits(tmp_path: Path) -> None:
    """As macOS."""
    assert list(cgroup_limits(tmp_path)) == []


def test_memory_is_at_most_that_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Version 1 writes a number beyond all machines where there is no limit."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limits, expected in (([], physical), ([1 << 62], physical), ([7000, 8000], 7000)):
        machine_bytes.cache_clear()
        monkeypatch.setattr(memory, "cgroup_limits", lambda _root, limits=limits: iter(limits))
        assert machine_bytes() == expected
    machine_bytes.cache_clear()


def test_a_question_gets_what_it_asks_for_or_a_quarter(monkeypatch: pytest.MonkeyPatch) -> None:
    """And all that the engine does, most of it."""
    monkeypatch.setattr(memory, "machine_bytes", lambda: 4000)

    assert (question_bytes(10), question_bytes(2000), engine_bytes()) == (10, 1000, 2400)
