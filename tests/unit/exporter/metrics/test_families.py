"""Recorded and constructed answers of the endpoint in, the text of ``/metrics`` out."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_open_metrics
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from taskscope.errors import MalformedPayloadError
from taskscope.exporter.metrics.families import COMPAT, MODERN, SETS, families
from taskscope.exporter.reading import Outcome
from taskscope.model.task_metadata import TaskReading
from taskscope.wire.task_metadata.decode import read

_TESTS = Path(__file__).parents[3]
_FIXTURES = _TESTS / "fixtures" / "tmde"
_SNAPSHOTS = _TESTS / "snapshots" / "exporter"
_NAMES = sorted(each.parent.name for each in _FIXTURES.glob("*/task.json"))


class _Scrape(Collector):
    def __init__(self, outcome: Outcome, sets: frozenset[str]) -> None:
        self._outcome = outcome
        self._sets = sets

    def collect(self) -> Iterator[Metric]:
        return families(self._outcome, sets=self._sets)


def _read(name: str) -> TaskReading:
    folder = _FIXTURES / name
    return read((folder / "task.json").read_bytes(), (folder / "stats.json").read_bytes())


def _text(outcome: Outcome, *sets: str) -> str:
    return generate_latest(_Scrape(outcome, frozenset(sets))).decode()


@pytest.mark.parametrize("name", _NAMES)
def test_metrics_of_every_platform(name: str) -> None:
    """Both sets are those of the golden file; delete the file to write it anew."""
    text = _text(Outcome(_read(name), seconds=0.0125), *SETS)
    text = "".join(line for line in text.splitlines(keepends=True) if "taskscope_exporter_build_info{" not in line)
    golden = _SNAPSHOTS / f"{name}.txt"
    if not golden.exists():
        golden.write_text(text)

    assert text == golden.read_text()


@pytest.mark.parametrize("name", _NAMES)
def test_promtool_finds_nothing_in_the_modern_set(name: str) -> None:
    """Names, units and texts are as Prometheus' own linter wants them."""
    if (promtool := shutil.which("promtool")) is None:
        pytest.skip("promtool is not installed: the names of metrics are not linted (Debian package prometheus)")
    checked = subprocess.run(
        [promtool, "check", "metrics"],
        input=_text(Outcome(_read(name)), MODERN),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


@pytest.mark.parametrize("name", _NAMES)
def test_no_series_is_there_twice(name: str) -> None:
    """Prometheus drops a scrape's doubles; names of families are of one set only."""
    _assert_no_doubles(_text(Outcome(_read(name)), *SETS))


def _assert_no_doubles(text: str) -> None:
    parsed = list(text_string_to_metric_families(text))
    series = [(each.name, tuple(sorted(each.labels.items()))) for family in parsed for each in family.samples]

    assert len(series) == len(set(series))
    assert len({family.name for family in parsed}) == len(parsed)


@pytest.mark.parametrize("name", _NAMES)
def test_open_metrics_can_be_written_too(name: str) -> None:
    """That format is stricter about names and kinds."""
    text = generate_open_metrics(_Scrape(Outcome(_read(name)), SETS))  # type: ignore[no-untyped-call]  # the library's

    assert text.endswith(b"# EOF\n")


def test_compatible_set_without_metadata_is_one_zero() -> None:
    """The scrape answers all the same."""
    text = _text(Outcome(None, "it does not answer", 1.0), COMPAT)

    assert [line for line in text.splitlines() if line[0] != "#"] == ["ecs_container_exporter_up 0.0"]


def test_modern_set_without_metadata_tells_of_the_exporter() -> None:
    """Its state, how long it tried, and its version."""
    text = _text(Outcome(None, "it does not answer", 1.0), MODERN)

    assert [line.partition("{")[0].split()[0] for line in text.splitlines() if line[0] != "#"] == [
        "taskscope_exporter_up",
        "taskscope_exporter_scrape_duration_seconds",
        "taskscope_exporter_build_info",
    ]


def test_sets_can_be_had_alone() -> None:
    """``compat`` has five families, and no family is in both sets."""
    outcome = Outcome(_read("ec2-awsvpc-cgroup-v2"))
    of_compat = {each.name for each in families(outcome, sets=frozenset({COMPAT}))}
    of_modern = {each.name for each in families(outcome, sets=frozenset({MODERN}))}

    assert len(of_compat) == 5
    assert not of_compat & of_modern


@settings(max_examples=150)
@given(
    st.data(),
    st.sampled_from(["task", "stats"]),
    st.none() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
)
def test_whatever_is_read_can_be_written(data: st.DataObject, answer: str, value: object) -> None:
    """Any member of the answers may be anything: the text stays one that Prometheus takes, without doubles."""
    folder = _FIXTURES / "ec2-awsvpc-cgroup-v2"
    answers = {name: json.loads((folder / f"{name}.json").read_bytes()) for name in ("task", "stats")}
    inside = answers[answer]
    while isinstance(inside, dict | list) and inside:
        place = data.draw(st.sampled_from(sorted(inside)) if isinstance(inside, dict) else _places(inside))
        if not isinstance(inside[place], dict | list) or data.draw(st.booleans()):
            inside[place] = value
            break
        inside = inside[place]
    try:
        reading = read(json.dumps(answers["task"]).encode(), json.dumps(answers["stats"]).encode())
    except MalformedPayloadError:
        reading = None
    _assert_no_doubles(_text(Outcome(reading), *SETS))


def _places(inside: list[object]) -> st.SearchStrategy[int]:
    return st.sampled_from(range(len(inside)))


def test_ten_containers_cost_few_milliseconds() -> None:
    """The budget of a scrape is 15 ms of CPU, reading included; the best of some runs, for other tests run beside."""
    task, stats = _ten_containers()
    spent = []
    for _ in range(10):
        began = time.process_time()
        _text(Outcome(read(task, stats)), *SETS)
        spent.append(time.process_time() - began)

    assert min(spent) < 0.015


def _ten_containers() -> tuple[bytes, bytes]:
    """Return a task of ten like the busiest container of a fixture."""
    folder = _FIXTURES / "ec2-awsvpc-cgroup-v2"
    task, stats = (json.loads((folder / f"{name}.json").read_bytes()) for name in ("task", "stats"))
    api = task["Containers"][0]
    task["Containers"] = [{**api, "Name": f"api-{each}", "DockerId": str(each)} for each in range(10)]
    return json.dumps(task).encode(), json.dumps({str(each): stats[api["DockerId"]] for each in range(10)}).encode()
