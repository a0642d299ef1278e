"""Files into the store: what `taskscope` and the Collector write, and what is no file of ours."""

import json
from pathlib import Path

import pytest

from tests.e2e.collect.collector import Collector
from tests.e2e.conftest import Run
from tests.e2e.imports.conftest import Import

FIXTURES = Path(__file__).parents[2] / "fixtures" / "otlp"


def _lines(count: int) -> str:
    return "".join(f"{json.dumps({'timestamp': each, 'message': f'line {each % 3}'})}\n" for each in range(count))


def test_a_file_that_grew_brings_its_new_lines_only(bring: Import, target: Collector, tmp_path: Path) -> None:
    """As often as it grows."""
    path = tmp_path / "grown.jsonl"
    said = []
    for count in (5, 5, 8):
        path.write_text(_lines(count))
        said.append(bring(str(path)).stdout)

    assert said[2] == "imported 3 log records, 5 known already, 0 refused\n", said
    assert target.sql("SELECT count() FROM otel_logs WHERE ServiceName = 'grown'") == [[8]]


def test_files_of_the_collector_bring_all_signals(bring: Import, target: Collector, tmp_path: Path) -> None:
    """In one file, line by line, as its file exporter writes them."""
    names = ("node_http_01_v1_traces.json", "node_http_02_v1_metrics.json", "node_http_04_v1_logs.json")
    path = tmp_path / "all.jsonl"
    path.write_text("".join(json.dumps(json.loads((FIXTURES / name).read_text())) + "\n" for name in names))

    first, second = (bring("otlp-json", str(path), "--output", "json") for _ in range(2))

    said = json.loads(first.stdout)
    assert (said["spans"], said["logs"], said["metrics"], said["traces"]) == (2, 1, 2, 1)
    assert json.loads(second.stdout)["known"] == 5
    found = target.sql("SELECT uniqExact(SpanId), count() FROM spans WHERE ServiceName = 'node-shop'")
    assert found == [[2, 2]]


def test_a_line_that_is_nothing_is_counted_and_the_rest_is_there(
    bring: Import, target: Collector, tmp_path: Path
) -> None:
    """The exit code is 1, and the place is said."""
    path = tmp_path / "torn.jsonl"
    path.write_text(_lines(2) + '{"torn')

    ended = bring(str(path))

    assert ended.returncode == 1
    assert ended.stdout == "imported 2 log records, 0 known already, 1 refused\n"
    assert "line 3" in ended.stderr
    assert target.sql("SELECT count() FROM otel_logs WHERE ServiceName = 'torn'") == [[2]]


@pytest.mark.parametrize(
    "arguments", [["no-such-file"], ["otlp-json", "no-such-file"], ["xray", "--since", "1h", "-e", "2h"]]
)
def test_a_wrong_command_line_is_said(bring: Import, arguments: list[str]) -> None:
    """Before anything is made."""
    ended = bring(*arguments)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) <= 3


def test_without_a_server_a_store_is_made_and_filled(bring: Import, run: Run, tmp_path: Path) -> None:
    """From stdin; the command opens it itself, as the next one does."""
    alone = {"TASKSCOPE_DATA_DIR": str(tmp_path / "data")}

    ended = bring("-", "--log-group", "/shop", stdin=_lines(3), env=alone)
    shown = run("taskscope", "logs", "/shop", "--from", "store", "--since", "1970-01-01T00:00Z", env=alone)

    assert ended.stdout == "imported 3 log records, 0 known already, 0 refused\n", ended.stderr
    assert [line.rpartition("Z ")[2] for line in shown.stdout.splitlines()] == ["line 0", "line 1", "line 2"], shown
