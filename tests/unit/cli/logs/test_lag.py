"""How far behind following is."""

import pytest

from taskscope.cli.logs.lag import Lag
from taskscope.clock import SECOND
from taskscope.model.log_reading import LogBatch, LogEntry

NOW = 1000 * SECOND


def _batch(*ages: float, is_backlog: bool = False) -> LogBatch:
    entries = [LogEntry(NOW - int(age * SECOND), "x", "/g", "s") for age in sorted(ages, reverse=True)]
    return LogBatch(entries, "live tail", is_backlog=is_backlog)


def test_line_on_a_terminal_is_renewed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how lines are heard of, how old the newest is, how long it took, and how many came late."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    lag = Lag(clock=lambda: NOW)

    lag.show(_batch(500, 100, is_backlog=True))
    lag.show(_batch(3, 1.5))
    lag.show(_batch(200, 1))
    lag.clear()

    backlog, first, late, cleared = capsys.readouterr().err.split("\r\x1b[K")[1:]
    assert backlog == "following by live tail · newest line 100 s old"
    assert first == "following by live tail · newest line 1 s old · lag 1.5 s"
    assert late == "following by live tail · newest line 1 s old · lag 1.0 s · 1 came late"
    assert cleared == ""


def test_line_never_wraps(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It could not be taken off again."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")

    Lag(clock=lambda: NOW).show(_batch(1))

    assert capsys.readouterr().err == "\r\x1b[Kfollowing by live t"


def test_much_lag_is_said_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Once, and once that it is over; what was there at first is no lag."""
    lag = Lag(clock=lambda: NOW)

    for batch in (_batch(500, is_backlog=True), _batch(2), _batch(90), _batch(80), _batch(), _batch(1), _batch(1)):
        lag.show(batch)
    lag.clear()

    assert capsys.readouterr().err.splitlines() == [
        "taskscope: lines come 90 s after their time",
        "taskscope: lines come in time again",
    ]
