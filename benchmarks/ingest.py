"""
What the collector takes in: acknowledged, stored and to be asked for, beside a bare insert of the same rows.

Run it with ``.venv/bin/python benchmarks/ingest.py [--seconds 60] [--only otlp-http,…]``. Load comes from processes of
its own on the same machine, which costs cores: their time is in the table. The rate is that of rows that can be asked
for, over the time from the first request until the last row can be.
"""

import argparse
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from loads import bodies
from loads import server as serving
from loads.server import Server
from taskscope.store.engine import open_store
from taskscope.store.migrate import migrate

TARGETS = {"otlp-http": 150_000, "otlp-grpc": 120_000, "xray": 15_000, "statsd": 500_000}
AIMS = {"otlp-http": 350_000, "otlp-grpc": 300_000, "xray": 50_000, "statsd": 1_200_000}
UNITS = {"otlp-http": "spans", "otlp-grpc": "spans", "xray": "datagrams", "statsd": "lines", "fluent": "records"}
RATES = {"xray": (15_000, 25_000, 35_000, 50_000), "statsd": (250_000, 500_000, 800_000, 1_200_000)}


@dataclass
class Line:
    """One line of the table."""

    kind: str
    rate: float
    acknowledged: float
    queryable_ms: float
    lost: int
    cpu_us: float
    load_cores: float
    memory_mb: float
    notes: list[str] = field(default_factory=list)


def streams(kind: str, seconds: float, processes: int) -> Line:
    """Measure a protocol that acknowledges: as fast as it answers."""
    table = "otel_logs" if kind == "fluent" else "spans"
    with Server("--otlp-processes", str(processes)) as server:
        loads = [serving.load(kind, server.ports[kind], seconds, number) for number in range(1, 3)]
        before = server.cpu_seconds()
        began = time.perf_counter()
        for each in loads:
            serving.go(each)
        sampler = _sample_memory(server, seconds)
        results = [serving.result(each) for each in loads]
        sampler.join()
        acknowledged = int(sum(each["acknowledged"] for each in results))
        acknowledging = time.perf_counter() - began
        there, waited = server.wait_until(table, acknowledged)
        took = time.perf_counter() - began
        cpu = server.cpu_seconds() - before
        line = Line(
            kind,
            rate=there / took,
            acknowledged=acknowledged / acknowledging,
            queryable_ms=waited * 1e3,
            lost=acknowledged - there,
            cpu_us=cpu / max(there, 1) * 1e6,
            load_cores=sum(each["cpu_seconds"] for each in results) / took,
            memory_mb=server.peak_bytes / 1e6,
        )
        line.notes.append(f"answer p50 {results[0]['p50_ms']:.1f} ms, p99 {results[0]['p99_ms']:.1f} ms")
        if refused := int(sum(each["refused"] for each in results)):
            line.notes.append(f"{refused} requests told to come later")
        if table == "spans":
            line.notes.append(f"{server.disk_bytes / max(there, 1):.0f} bytes a span on disk")
        return line


def datagrams(kind: str, seconds: float) -> Line:
    """Measure a protocol that does not: the highest rate that loses nothing."""
    best: Line | None = None
    for rate in RATES[kind]:
        line = _at_rate(kind, seconds, rate)
        if best is None or not line.lost:
            best = line
        if line.lost:
            best.notes.append(f"at {rate:,}/s {line.lost:,} lost")
            break
    assert best is not None
    return best


def _at_rate(kind: str, seconds: float, rate: float) -> Line:
    with Server("--statsd-interval-seconds", "1") as server:
        load = serving.load(kind, server.ports[kind], seconds, 1, rate)
        before = server.cpu_seconds()
        began = time.perf_counter()
        serving.go(load)
        sampler = _sample_memory(server, seconds)
        sent = serving.result(load)
        sampler.join()
        units = int(sent["sent"])
        if kind == "xray":
            there, waited = server.wait_until("spans", units * bodies.DATAGRAM_SPANS, seconds=30)
            there //= bodies.DATAGRAM_SPANS
        else:
            there, waited = server.wait_until("otel_metrics_sum", units, what="sum(Value)", seconds=10)
        took = time.perf_counter() - began
        received = server.counters()[f'taskscope_received_total{{part="{kind}"}}'] * (
            1 if kind == "xray" else bodies.LINES
        )
        cpu = server.cpu_seconds() - before
        line = Line(
            kind,
            rate=there / took,
            acknowledged=received / seconds,
            queryable_ms=waited * 1e3,
            lost=units - received,
            cpu_us=cpu / max(there, 1) * 1e6,
            load_cores=sent["cpu_seconds"] / took,
            memory_mb=server.peak_bytes / 1e6,
        )
        kernel = server.counters().get(f'taskscope_dropped_total{{part="{kind}.kernel"}}', 0)
        if there < units:
            line.notes.append(f"{units - there:,} still in the spool after that")
        if kernel:
            line.notes.append(f"{kernel:,} dropped by the kernel and counted")
        return line


def rotel(kind: str, seconds: float, program: str) -> None:
    """Measure what rotel, an OpenTelemetry collector in Rust, takes in and throws away: it neither keeps nor stores."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flag = "--otlp-http-endpoint" if kind == "otlp-http" else "--otlp-grpc-endpoint"
    other = "--otlp-grpc-endpoint" if kind == "otlp-http" else "--otlp-http-endpoint"
    command = [program, "start", flag, f"127.0.0.1:{port}", other, "127.0.0.1:0", "--exporter", "blackhole"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(2)
        loads = [serving.load(kind, port, seconds, number) for number in range(1, 3)]
        began = time.perf_counter()
        for each in loads:
            serving.go(each)
        results = [serving.result(each) for each in loads]
        took = time.perf_counter() - began
        times = psutil.Process(process.pid).cpu_times()
        acknowledged = sum(each["acknowledged"] for each in results)
        cpu = (times.user + times.system) / max(acknowledged, 1) * 1e6
        print(f"rotel, {kind}, into nothing: {acknowledged / took:,.0f} spans/s acknowledged, {cpu:.1f} us a span")
    finally:
        process.kill()
        process.wait()


def bare(seconds: float) -> float:
    """Return spans a second that two clients insert, 32 MB at once, with nothing else on the machine."""
    made = bodies.otlp_bodies(120, 1)
    with (
        tempfile.TemporaryDirectory(prefix="taskscope-bench-") as folder,
        open_store(f"chdb://{folder}/store") as store,
    ):
        migrate(store)
        store.enter()
        counted = [0, 0]
        ends = time.monotonic() + seconds

        def insert(client: int) -> None:
            number = client
            while time.monotonic() < ends:
                batch = [made[(number * 70 + each) % 120].fresh(number * 128 + each) for each in range(140)]
                store.insert_otlp_spans(batch, token=f"bench:{number}")
                counted[client] += len(batch) * bodies.SPANS
                number += 2

        began = time.perf_counter()
        threads = [threading.Thread(target=insert, args=(client,)) for client in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(counted) / (time.perf_counter() - began)


def _sample_memory(server: Server, seconds: float) -> threading.Thread:
    def sample() -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            server.cpu_seconds()
            time.sleep(1)

    thread = threading.Thread(target=sample)
    thread.start()
    return thread


def show(line: Line, bare_rate: float | None) -> None:
    """Print a line of the table."""
    target = f"{TARGETS[line.kind]:,}" if line.kind in TARGETS else ""
    aim = f"{AIMS[line.kind]:,}" if line.kind in AIMS else ""
    of_bare = ["", ""]
    if bare_rate and line.kind.startswith("otlp"):
        of_bare = [f"{each / bare_rate:.2f}" for each in (line.acknowledged, line.rate)]
    acknowledged = f"{line.acknowledged:,.0f}/s" if line.acknowledged else ""
    cells = [
        line.kind, acknowledged, of_bare[0], f"{line.rate:,.0f} {UNITS[line.kind]}/s", of_bare[1], target, aim,
        f"{line.queryable_ms:,.0f} ms",
        f"{line.lost:,}", f"{line.cpu_us:.1f} us", f"{line.load_cores:.2f}", f"{line.memory_mb:,.0f} MB",
        "; ".join(line.notes),
    ]  # fmt: skip
    print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", default="bare,otlp-http,otlp-grpc,fluent,xray,statsd")
    parser.add_argument("--rotel", metavar="PROGRAM", help="rotel-agent of the package rotel, to compare with")
    parser.add_argument("--processes", type=int, default=1, help="of OTLP")
    options = parser.parse_args()
    measures: dict[str, Callable[[], Line]] = {
        "otlp-http": lambda: streams("otlp-http", options.seconds, options.processes),
        "otlp-grpc": lambda: streams("otlp-grpc", options.seconds, options.processes),
        "fluent": lambda: streams("fluent", options.seconds / 2, options.processes),
        "xray": lambda: datagrams("xray", options.seconds / 4),
        "statsd": lambda: datagrams("statsd", options.seconds / 4),
    }
    wanted = options.only.split(",")
    bare_rate = bare(options.seconds / 2) if "bare" in wanted else None
    if bare_rate:
        print(f"bare insert of encoded requests, two clients, 32 MB at once: {bare_rate:,.0f} spans/s\n")
    print(
        "| protocol | rate | at least | aim | of bare | queryable after | lost | CPU a unit | load, cores | memory | |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|", flush=True)
    for name, measure in measures.items():
        if name in wanted:
            show(measure(), bare_rate)
            if options.rotel and name.startswith("otlp"):
                rotel(name, options.seconds / 2, options.rotel)


if __name__ == "__main__":
    main()
