"""A server with tokens, asked by clients that sign, show, or do neither."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.e2e.api.conftest import xray_client
from tests.e2e.api.shop import documents
from tests.e2e.collect.collector import Collector


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """Give a server that wants tokens."""
    tokens = {"TASKSCOPE_READ_TOKEN": "for-readers", "TASKSCOPE_WRITE_TOKEN": "for-senders"}
    with Collector(tmp_path_factory.mktemp("guarded"), "--receivers", "xray", env=tokens) as collector:
        yield collector


def test_the_token_is_the_secret_access_key(guarded: Collector) -> None:
    """Of senders to send, of readers to read; samplers poll with either."""
    sender, reader = (xray_client(guarded, key=key) for key in ("for-senders", "for-readers"))

    assert sender.put_trace_segments(TraceSegmentDocuments=documents())["UnprocessedTraceSegments"] == []
    assert reader.get_groups()["Groups"]
    assert sender.get_sampling_rules()["SamplingRuleRecords"] == reader.get_sampling_rules()["SamplingRuleRecords"]


def test_another_key_is_refused(guarded: Collector) -> None:
    """Also the right one for something else."""
    sender, reader, stranger = (xray_client(guarded, key=key) for key in ("for-senders", "for-readers", "guessed"))

    for refused in (
        sender.get_groups,
        stranger.get_groups,
        lambda: reader.put_trace_segments(TraceSegmentDocuments=documents()),
        stranger.get_sampling_rules,
    ):
        with pytest.raises(ClientError, match="InvalidSignatureException"):
            refused()


@pytest.mark.parametrize(
    ("path", "shown", "status"),
    [
        ("/api/status", None, 401),
        ("/api/status", "for-senders", 401),
        ("/api/status", "for-readers", 200),
        ("/api/openapi.json", None, 401),
        ("/api/traces", "for-readers", 200),
    ],
)
def test_rest_wants_the_readers_token(guarded: Collector, path: str, shown: str | None, status: int) -> None:
    """As ``Bearer``."""
    headers = {"authorization": f"Bearer {shown}"} if shown else {}
    request = urllib.request.Request(f"http://127.0.0.1:{guarded.ports['api']}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (our own)
            found = answer.status
    except urllib.error.HTTPError as error:
        with error:
            found = error.code

    assert found == status


def test_tokens_are_in_no_settings_that_are_shown(guarded: Collector) -> None:
    """Neither in the answer nor in a file of the data directory."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{guarded.ports['api']}/api/settings", headers={"authorization": "Bearer for-readers"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (our own)
        shown = answer.read().decode()
    files = [path for path in Path(guarded.data / "run").rglob("*") if path.is_file()]

    assert "read_token" in shown
    assert "for-readers" not in shown
    assert "for-senders" not in shown
    assert not [path for path in files if b"for-readers" in path.read_bytes()]
