"""The traces of an account: everything once, also after a command that was interrupted."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.api.conftest import xray_client
from tests.e2e.collect.collector import Collector
from tests.e2e.imports.conftest import Begin, Import, notes, until

_TRACES = 120
"""Over five hours: each hour is fetched and noted by itself."""


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """Give a server whose X-Ray API stands for AWS's, with traces of a service that calls another and a table."""
    with Collector(tmp_path_factory.mktemp("account"), "--receivers", "xray") as server:
        client = xray_client(server)
        began = int(time.time()) - 60
        documents = [text for number in range(_TRACES) for text in _order(began - number * 150, number)]
        for start in range(0, len(documents), 50):
            client.put_trace_segments(TraceSegmentDocuments=documents[start : start + 50])
        server.until_sql("SELECT count() FROM spans", [[_TRACES * 3]])
        yield server


def _order(start: int, number: int) -> Iterator[str]:
    trace = {"trace_id": f"1-{start:08x}-{number:024x}"}
    call = {
        "id": f"{number * 3 + 2:016x}",
        "name": "Orders",
        "namespace": "aws",
        "start_time": start,
        "end_time": start + 1,
    }
    shop = {"id": f"{number * 3 + 1:016x}", "name": "shop", "start_time": start, "end_time": start + 2, **trace}
    yield json.dumps({**shop, "subsegments": [call]})
    parent = {"parent_id": f"{number * 3 + 1:016x}"}
    yield json.dumps(
        {"id": f"{number * 3 + 3:016x}", "name": "till", **parent, "start_time": start, "end_time": start + 1, **trace}
    )


def _env(account: Collector) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "anything", "AWS_REGION": "eu-west-1"}
    return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{account.ports['api']}", **keys}


def _counts(target: Collector) -> list[list[int]]:
    return target.sql(
        "SELECT count(), uniqExact(TraceId, SpanId), uniqExact(TraceId)"
        " FROM spans WHERE ServiceName IN ('shop', 'till')"
    )


def test_an_interrupted_import_is_finished_by_the_next_and_a_third_brings_nothing(
    account: Collector, target: Collector, bring: Import, begin: Begin, cache: Path
) -> None:
    """Nothing is there twice, and segments that X-Ray infers for the table are left out."""
    with begin("xray", env=_env(account)) as process:
        until(lambda: notes(cache))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    if process.returncode:  # else it was faster
        assert (process.returncode, "goes on from there" in said) == (130, True)

    second = bring("xray", "--output", "json", env=_env(account))
    third = bring("xray", "--restart", env=_env(account))
    chosen = bring("xray", "--since", "1h", "--filter", 'service("till")', env=_env(account))

    assert json.loads(second.stdout)["known"] > 0, second.stderr
    assert third.stdout == f"imported nothing new, {_TRACES * 3} known already, 0 refused\n", third.stderr
    assert chosen.stdout.startswith("imported nothing new, "), chosen.stderr
    assert _counts(target) == [[_TRACES * 3, _TRACES * 3, _TRACES]]


def test_a_server_takes_it_with_the_token_of_senders(account: Collector, bring: Import, tmp_path: Path) -> None:
    """And with no other."""
    tokens = {"TASKSCOPE_READ_TOKEN": "for-readers", "TASKSCOPE_WRITE_TOKEN": "for-senders"}
    with Collector(tmp_path, "--receivers", "xray", env=tokens) as server:
        target = {**_env(account), "TASKSCOPE_DATA_DIR": str(server.data)}
        refused = bring("xray", "--since", "10m", env={**target, "TASKSCOPE_WRITE_TOKEN": "guessed"})
        taken = bring("xray", "--since", "10m", env={**target, **tokens})

    assert (refused.returncode, "write token" in refused.stderr) == (4, True)
    assert (taken.returncode, taken.stdout.startswith("imported ")) == (0, True), taken.stderr


def test_what_is_wrong_with_the_account_is_said(bring: Import) -> None:
    """In a line, with the exit code of its kind."""
    ended = bring("xray", env={"AWS_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"})

    assert ended.returncode == 4
    assert "no AWS credentials are found" in ended.stderr
