"""``taskscope traces``, without a server."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from taskscope.cli.traces import traces as command
from taskscope.errors import UnreachableError
from taskscope.model.trace import TracePage
from taskscope.model.window import Window
from tests.unit.render.views import SUMMARY


class _Store:
    """Answers with one trace, is away for two questions, then answers again."""

    def __init__(self, _rest: object) -> None:
        self._asked = 0

    def find(self, *_question: object, **_how: object) -> TracePage:
        """Answer the next question."""
        self._asked += 1
        if self._asked in (2, 3):
            raise UnreachableError("the server does not answer", hint="is it there?")
        if self._asked == 5:
            raise KeyboardInterrupt
        return TracePage((SUMMARY,) if self._asked == 4 else (), "", 0, 0)


@contextmanager
def _nobody(_choice: object) -> Iterator[None]:
    yield


def test_following_goes_on_when_the_server_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """That it is away is said once; what came meanwhile is printed."""
    monkeypatch.setattr(command, "Traces", _Store)
    monkeypatch.setattr(command, "asking", _nobody)
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    result = CliRunner().invoke(command.traces, ["--follow"])
    assert result.stderr.count("taskscope: the server does not answer; trying again\n") == 1
    assert "https://shop.test/orders" in result.stdout


def test_a_window_that_has_not_begun_is_refused() -> None:
    """Without --until there is nothing to exchange."""
    result = CliRunner().invoke(command.traces, ["--since", "2999-01-01"])
    assert str(result.exception) == "--since is in the future"


def test_a_window_of_a_thousand_years_begins_with_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """In 1970: there is no time before."""
    asked: list[Window] = []

    class Store(_Store):
        def find(self, *question: object, **how: object) -> TracePage:
            """Note the window."""
            asked.extend(each for each in question if isinstance(each, Window))
            return super().find(*question, **how)

    monkeypatch.setattr(command, "Traces", Store)
    monkeypatch.setattr(command, "asking", _nobody)
    assert CliRunner().invoke(command.traces, ["--since", "365000d"]).exit_code == 0
    assert asked[0].start_ns == 0
