"""``kill -9`` of every process under load: what was acknowledged is stored, exactly once."""

from tests.e2e.collect.conftest import StartCollector
from tests.e2e.collect.kills import kill_in_rounds


def test_killed_processes_lose_nothing_acknowledged(collector: StartCollector) -> None:
    """
    Three rounds of killing each process and the supervisor: every acknowledged span is there once, no request in part,
    and every datagram that was sent while their process was away; the receipt counts what was started again.
    """
    running = collector()

    kill_in_rounds(running, 3)

    before = running.counters()
    running.kill_process("udp")
    running.until_restarted("udp", before)
    assert running.stop()["restarts.udp"] == 1
