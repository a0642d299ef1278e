"""The lab's own `taskscope serve`: started by the first call of X-Ray, gone with the lab however that ends."""

import json
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from taskscope.clock import SECOND, system_clock
from taskscope.lab.client.connection import Lab
from taskscope.lab.client.watch import until
from tests.e2e.conftest import Run
from tests.e2e.lab_process import lab_up

ID = "5759e988bd862e3fe1be46a9"


def segment(trace_id: str, start: int) -> str:
    """Return a whole segment document."""
    times = {"start_time": float(start), "end_time": start + 0.25}
    return json.dumps({"name": "till", "id": "70de5b6f19ff9a0a", "trace_id": trace_id, **times})


def server_of(pid: int) -> list[psutil.Process]:
    """Return the processes of a lab's server."""
    [server] = [each for each in psutil.Process(pid).children() if "serve" in each.cmdline()]
    return [server, *server.children(recursive=True)]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_segments_of_any_client_are_kept_and_shown_and_nothing_is_left(number: signal.Signals, run: Run) -> None:
    """boto3 sends and gets back, `taskscope traces` lists by the exported address; then all of it ends with the lab."""
    with lab_up("--port", "0") as up:
        environment = up.exports()
        assert psutil.Process(up.process.pid).children() == []
        client: Any = Lab(environment["AWS_ENDPOINT_URL"], "us-east-1").client("xray")
        start = system_clock() // SECOND
        trace_id = f"1-{start:08x}-{ID}"
        sent = client.put_trace_segments(TraceSegmentDocuments=[segment(trace_id, start), "{}"])
        assert len(sent["UnprocessedTraceSegments"]) == 1
        assert until(lambda: client.batch_get_traces(TraceIds=[trace_id])["Traces"], at_most=20)
        listed = run("taskscope", "traces", "--output", "json", env=environment)
        assert [each["trace_id"] for each in json.loads(listed.stdout)] == [f"{start:08x}{ID}"], listed.stderr

        processes = server_of(up.process.pid)
        folder = Path(processes[0].cwd())
        up.end(number)
        gone, left = psutil.wait_procs(processes, timeout=20)
        assert left == []
        assert len(gone) > 1
        if number is signal.SIGTERM:
            assert not folder.exists()
        else:
            with lab_up("--port", "0") as next_lab:
                next_lab.exports()
                assert not folder.exists()
                next_lab.end(signal.SIGTERM)
