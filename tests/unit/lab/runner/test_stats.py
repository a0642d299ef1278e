"""Docker's shape of statistics, pure; and readings of real processes."""

import os

from taskscope.clock import SECOND
from taskscope.lab.runner.cgroup import Reading
from taskscope.lab.runner.stats import Sample, read_processes, stats_document


def sample(seconds: int, *, received: int, maximum: int | None = 9) -> Sample:
    """Return a sample at a time."""
    counters = {f"{way}_{what}": 0 for way in ("rx", "tx") for what in ("bytes", "packets", "errors", "dropped")}
    reading = Reading(seconds, 0, 0, memory_bytes=5, memory_limit_bytes=10, memory_max_bytes=maximum)
    return Sample(seconds * SECOND, reading, seconds, 2, {"eth1": {**counters, "rx_bytes": received}})


def test_the_first_sample_has_no_rate_and_no_precpu() -> None:
    """As Docker's first answer: zero time before, no figure of the system."""
    document = stats_document(sample(1, received=100), None, name="app", runtime_id="x")

    assert document["preread"] == "0001-01-01T00:00:00Z"
    assert "system_cpu_usage" not in document["precpu_stats"]
    assert "network_rate_stats" not in document
    assert document["networks"]["eth1"]["rx_bytes"] == 100


def test_the_next_sample_has_a_rate() -> None:
    """Bytes between two samples by the seconds between them."""
    document = stats_document(sample(5, received=500), sample(1, received=100), name="app", runtime_id="x")

    assert document["network_rate_stats"] == {"rx_bytes_per_sec": 100.0, "tx_bytes_per_sec": 0.0}
    assert document["precpu_stats"]["cpu_usage"]["total_usage"] == 1


def test_what_the_kernel_does_not_know_is_absent() -> None:
    """cgroup v2 before Linux 5.19 has no highest usage: it is absent, not 0."""
    document = stats_document(sample(1, received=0, maximum=None), None, name="app", runtime_id="x")

    assert "max_usage" not in document["memory_stats"]


def test_processes_are_summed() -> None:
    """This process uses memory and processor time; one that has ended has nothing to read."""
    reading = read_processes(os.getpid())

    assert reading
    assert reading.memory_bytes > 1_000_000
    assert reading.cpu_ns > 0
    assert read_processes(2**22 + 1) is None
