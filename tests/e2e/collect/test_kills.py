"""``kill -9`` of every process under load: what was acknowledged is stored, exactly once."""

from tests.e2e.collect.collector import Collector
from tests.e2e.collect.conftest import StartCollector
from tests.e2e.collect.kills import kill_in_rounds
from tests.e2e.collect.load import SpanLoad


def test_killed_processes_lose_nothing_acknowledged(collector: StartCollector) -> None:
    """
    Three rounds of killing each process and the supervisor: every acknowledged span is there once, no request in part,
    and every datagram that was sent while their process was away; the receipt counts what was started again.
    """
    running = collector("--statsd-interval-seconds", "1", "--otlp-processes", "2")

    kill_in_rounds(running, 3)

    before = running.counters()
    running.kill_process("udp")
    running.until_restarted("udp", before)
    assert running.stop()["restarts.udp"] == 1


def test_a_killed_sidecar_forwards_all_that_it_acknowledged(collector: StartCollector, server: Collector) -> None:
    """``collect`` is killed twice under load, and its process of UDP: every acknowledged span arrives at least once."""
    sidecar = collector("--to", f"otlp=http://127.0.0.1:{server.ports['http']}", command="collect")
    load = SpanLoad(sidecar, "sidecar", pause=0.005)

    with load.running() as promises:
        for _ in range(2):
            before = sidecar.counters()
            sidecar.kill_process("udp")
            sidecar.until_restarted("udp", before)
            sidecar.kill()
            sidecar.start()

    assert len(promises.acknowledged) > 100
    promises.check(server, "sidecar", once=False)
