"""`taskscope top` in a terminal, and where there is none."""

import json
import signal

import pytest

from tests.e2e.collect.collector import Collector
from tests.e2e.fleet.conftest import JOBS, WEB, Ask, Terminal

_ALTERNATE, _BACK = "\x1b[?1049h", "\x1b[?1049l"
_SHOWN_CURSOR = "\x1b[?25h"


def _top(kept: Collector, *arguments: str, columns: int = 120, lines: int = 24, **variables: str) -> Terminal:
    where = ("--data-dir", str(kept.data), "--interval", "500ms")
    return Terminal("top", *where, *arguments, columns=columns, lines=lines, **variables)


def test_it_shows_tasks_with_their_containers_and_leaves_at_q(kept: Collector) -> None:
    """What uses most of its limit is first; the terminal is as it was afterwards."""
    with _top(kept) as terminal:
        shown = terminal.until("Enter fold")
        terminal.press("q")

        assert terminal.end() == 0
        assert terminal.raw.endswith(_SHOWN_CURSOR) or _BACK in terminal.raw
        assert terminal.mode == terminal.before
    assert shown.index("web 00000000") < shown.index("nginx") < shown.index("jobs 00000000") < shown.index("worker")
    assert "2 tasks, 2 containers" in shown
    assert "80%" in shown
    assert "1KiB" in shown
    assert "healthy" in shown


def test_keys_sort_filter_move_and_fold(kept: Collector) -> None:
    """As the foot says."""
    with _top(kept) as terminal:
        terminal.until("sorted by cpu")
        terminal.press("s")
        terminal.until("sorted by memory")
        terminal.press("/jo\x7fobs\r")
        assert "web 0" not in terminal.until("filter: jobs   q quit").rpartition("taskscope top")[2]
        terminal.press("\x1b[B")
        terminal.until("sorted by")
        terminal.press("\r")
        assert "worker" not in terminal.until("\u25b8 jobs").rpartition("taskscope top")[2]
        terminal.press("q")
        assert terminal.end() == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_the_terminal_is_as_it_was_however_it_ends(kept: Collector, number: signal.Signals, code: int) -> None:
    """By Ctrl-C, or told to end: no other screen, a cursor, keys that are seen."""
    with _top(kept) as terminal:
        terminal.until("Enter fold")
        assert _ALTERNATE in terminal.raw
        if number == signal.SIGINT:
            terminal.press("\x03")
        else:
            terminal.send(number)

        assert terminal.end() == code
        assert _BACK in terminal.raw
        assert _SHOWN_CURSOR in terminal.raw
        assert terminal.mode == terminal.before
        assert "Traceback" not in terminal.raw


def test_no_colour_where_none_is_wanted(kept: Collector) -> None:
    """NO_COLOR leaves bold and the like."""
    with _top(kept, NO_COLOR="1") as terminal:
        terminal.until("Enter fold")
        assert "\x1b[32m" not in terminal.raw
        assert "\x1b[31m" not in terminal.raw


def test_a_narrow_terminal_has_fewer_columns(kept: Collector) -> None:
    """And no line is broken."""
    with _top(kept, columns=50) as terminal:
        shown = terminal.until("sorted by")

    assert "CPU OF LIMIT" in shown
    assert "HEALTH" not in shown


def test_once_in_a_terminal_is_a_table(kept: Collector) -> None:
    """Nothing is cleared."""
    with _top(kept, "--once") as terminal:
        assert terminal.end() == 0
        assert _ALTERNATE not in terminal.raw
        assert "CPU OF LIMIT" in terminal.raw


def test_without_a_terminal_it_is_written_once(ask: Ask) -> None:
    """A line for each task and container, tabs between the values."""
    done = ask("top", "shop", "--sort", "name")

    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [line[1:4] for line in lines[1:]] == [
        ["jobs", JOBS.id, "-"], ["jobs", JOBS.id, "worker"], ["web", WEB.id, "-"], ["web", WEB.id, "nginx"],
    ]  # fmt: skip
    assert lines[3][5:9] == ["0.400", "80%", "256 MiB", "50%"]
    assert lines[3][9] == "1 KiB"


def test_json_is_what_the_api_answers(ask: Ask) -> None:
    """All of it, or a task a line."""
    view = json.loads(ask("top", "--service", "web", "--output", "json").stdout)
    [line] = ask("top", "--filter", "WORKER", "--output", "jsonl").stdout.splitlines()

    [task] = view["tasks"]
    assert (task["key"]["service"], task["usage"]["cpu_share"], task["restarts"]) == ("web", 0.8, 2)
    assert json.loads(line)["key"]["service"] == "jobs"


def test_nothing_measured_is_said(ask: Ask) -> None:
    """With what there would be."""
    done = ask("top", "nowhere")

    assert done.returncode == 0
    assert "no task was measured in the last five minutes, but of: shop jobs, shop web" in done.stderr
