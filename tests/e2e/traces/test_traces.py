"""`taskscope traces` lists what a server keeps, and counts it in groups."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.e2e.conftest import clean_environment
from tests.e2e.traces.conftest import Ask, Shop
from tests.e2e.traces.shop import ORDERS, is_refused, trace_id

_SCRIPT = Path(sys.executable).parent / "taskscope"
_REFUSED = [number for number in range(ORDERS) if is_refused(number)]


def _ids(printed: subprocess.CompletedProcess[str]) -> list[str]:
    assert printed.returncode == 0, printed.stderr
    return [line.split("\t")[0] for line in printed.stdout.splitlines()[1:]]


def test_the_newest_traces_come_first(ask: Ask, kept: Shop) -> None:
    """Each with its id, age, method, status, duration, URL, services and annotations."""
    printed = ask("traces", "--limit", "3")
    head, first, *_ = printed.stdout.splitlines()

    assert _ids(printed) == [trace_id(number, kept.began) for number in (19, 18, 17)]
    assert head.split("\t") == [
        "ID",
        "AGE",
        "METHOD",
        "STATUS",
        "DURATION",
        "URL OR OPERATION",
        "SERVICES",
        "ANNOTATIONS",
    ]
    assert first.split("\t")[2:] == [
        "POST", "200", "388 ms", "https://shop.test/orders", "shop-api,payments", "items=19 tenant=acme",
    ]  # fmt: skip


def test_the_slowest_come_first_where_that_is_asked_for(ask: Ask, kept: Shop) -> None:
    """And all pages are read, however many a limit takes."""
    assert _ids(ask("traces", "--sort", "duration", "--limit", "2")) == [
        trace_id(each, kept.began) for each in (19, 18)
    ]
    assert len(_ids(ask("traces", "--limit", "10000"))) == ORDERS


def test_a_filter_is_x_rays_language(ask: Ask, kept: Shop) -> None:
    """By outcome, by service, by annotation."""
    refused = [trace_id(number, kept.began) for number in reversed(_REFUSED)]
    assert _ids(ask("traces", "fault")) == refused
    assert _ids(ask("traces", 'service("payments") { fault }')) == refused
    assert _ids(ask("traces", 'edge("shop-api", "payments") { fault } AND annotation.items > 10')) == refused[:1]
    assert len(_ids(ask("traces", 'annotation.tenant = "acme"'))) == ORDERS // 2


def test_a_mistake_in_a_filter_is_shown_at_its_place(ask: Ask) -> None:
    """With what was probably meant, and exit code 2."""
    printed = ask("traces", "http.stauts = 5")
    assert printed.returncode == 2
    assert "column 1" in printed.stderr
    assert "did you mean http.status?" in printed.stderr


def test_groups_are_counted(ask: Ask) -> None:
    """By what traces share, with their share, response times and outcomes."""
    printed = ask("traces", "--group-by", "annotation.tenant", "--output", "json")
    groups = {each["value"]: each for each in json.loads(printed.stdout)}

    assert {name: each["count"] for name, each in groups.items()} == {"acme": 10, "initech": 10}
    assert groups["acme"]["faults"] == len(_REFUSED)
    assert groups["initech"]["share"] == 0.5
    assert ask("traces", "--group-by", "url").stdout.splitlines()[1].split("\t")[:3] == [
        "https://shop.test/orders",
        "20",
        "100%",
    ]


def test_documents_are_one_a_line_or_an_array(ask: Ask) -> None:
    """With the same content."""
    array = json.loads(ask("traces", "fault", "--output", "json").stdout)
    lines = [json.loads(line) for line in ask("traces", "fault", "--output", "jsonl").stdout.splitlines()]
    assert array == lines
    assert array[0]["http"]["status"] == 502


def test_no_trace_is_said(ask: Ask) -> None:
    """On stderr; an empty list is no failure."""
    printed = ask("traces", "--since", "2h", "--until", "1h")
    assert printed.returncode == 0
    assert "no trace in these 60 minutes" in printed.stderr


def test_following_prints_what_comes_once(kept: Shop) -> None:
    """What is there already comes first, oldest first; Ctrl-C ends it with 130."""
    command = [str(_SCRIPT), "traces", "fault", "--follow", "--data-dir", str(kept.server.data)]
    process = subprocess.Popen(command, env=clean_environment({}), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline().split("\t")[0] for _ in range(1 + len(_REFUSED))]
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=20)

    assert lines == ["ID", *(trace_id(number, kept.began) for number in _REFUSED)]
    assert rest == ""
    assert process.returncode == 130
