"""Hosts files of the tasks' namespaces."""

from pathlib import Path

from taskscope.lab.runner.hosts import Entry, HostsFiles, name_lines, render_hosts


def test_a_hosts_file_names_the_lab_and_every_task() -> None:
    """By id, by service, and by service and cluster."""
    entries = [Entry("169.254.96.2", "aa", "demo", "web"), Entry("169.254.96.3", "bb")]

    text = render_hosts(name_lines(entries, lab="169.254.96.1"), own="bb")

    assert text.splitlines() == [
        "127.0.0.1\tlocalhost bb",
        "::1\tlocalhost",
        "169.254.96.1\tlab",
        "169.254.96.2\taa web web.demo",
        "169.254.96.3\tbb",
    ]


def test_all_files_follow_every_change_in_place(tmp_path: Path) -> None:
    """A mounted file stays the same file; that of a task which has ended goes with its folder."""
    files = HostsFiles(lab="169.254.96.1", folder=tmp_path)
    files.add("ns-1", Entry("169.254.96.2", "aa", "demo", "a-long-name-of-a-service"))
    first = (tmp_path / "ns-1" / "hosts").stat().st_ino

    files.add("ns-2", Entry("169.254.96.3", "bb"))
    both = (tmp_path / "ns-1" / "hosts").read_text()
    files.remove("ns-2")
    alone = (tmp_path / "ns-1" / "hosts").read_text()

    assert "169.254.96.3\tbb\n" in both
    assert "bb" not in alone
    assert (tmp_path / "ns-1" / "hosts").stat().st_ino == first
    assert not (tmp_path / "ns-2").exists()
