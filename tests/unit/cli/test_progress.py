"""Progress is for people at a terminal who have to wait."""

import pytest

from taskscope.cli import progress
from taskscope.cli.progress import counting


def test_nothing_is_said_off_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A script's log holds no spinner."""
    with counting("logs") as count:
        count(5)

    assert capsys.readouterr().err == ""


def test_quick_work_says_nothing_at_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there before anyone wonders needs no word."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(progress, "_PATIENCE", 60)

    with counting("logs") as count:
        count(5)

    assert capsys.readouterr().err == ""


def test_error_of_the_work_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the watcher's thread ends with it."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)

    with pytest.raises(ZeroDivisionError), counting("logs"):
        raise ZeroDivisionError
