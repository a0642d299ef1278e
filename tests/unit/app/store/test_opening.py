"""A store that may not answer yet; the engine itself is held to its contract elsewhere."""

import os
from pathlib import Path
from typing import Any

import pytest

from taskscope.app.store import opening
from taskscope.app.store.opening import OpenedStore
from taskscope.errors import TaskscopeError, UnavailableError
from taskscope.store.dsn import Dsn
from taskscope.store.owner import read_owner


class Engine:
    """A store that notes what is done to it."""

    def __init__(self, folder: Path) -> None:
        self.dsn = Dsn.parse(f"chdb://{folder}")
        self.done: list[str] = []

    def enter(self) -> None:
        """Note it."""
        self.done.append("enter")

    def execute(self, statement: str) -> None:
        """Note it."""
        self.done.append(statement)

    def close(self) -> None:
        """Note it."""
        self.done.append("close")


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Give what `OpenedStore` opens."""
    made = Engine(tmp_path)
    monkeypatch.setattr(opening, "open_store", lambda _dsn: made)
    monkeypatch.setattr(opening, "migrate", lambda _store: made.done.append("migrate"))
    return made


def test_a_store_is_opened_once_and_owned_by_who_answers_for_it(engine: Engine, tmp_path: Path) -> None:
    """Its schema is renewed first; who finds it locked reads whom to ask."""
    told: list[object] = []
    opened = OpenedStore("chdb:///x", url="http://127.0.0.1:7", opened=told.append)
    assert opened.try_open()
    assert opened.get() is opened.get()
    assert told == [engine]
    owner = read_owner(tmp_path)
    assert owner is not None
    assert owner == (os.getpid(), "http://127.0.0.1:7")

    opened.close()
    opened.close()
    assert read_owner(tmp_path) is None
    assert engine.done == ["migrate", "enter", "KILL QUERY WHERE query_kind = 'Select' ASYNC", "close"]


def test_a_store_that_is_closed_stays_so(engine: Engine) -> None:
    """A question that comes late does not open it again."""
    opened = OpenedStore("chdb:///x")
    opened.close()
    with pytest.raises(UnavailableError):
        opened.get()
    assert engine.done == []


def test_a_store_that_is_away_is_tried_with_each_use(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is received meanwhile waits in the spool."""
    answers: list[Any] = [UnavailableError("away"), UnavailableError("away"), engine]

    def take(_dsn: str) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(opening, "open_store", take)
    opened = OpenedStore("chdb:///x")
    assert not opened.try_open()
    with pytest.raises(UnavailableError):
        opened.get()
    assert opened.try_open()


def test_a_schema_that_cannot_be_renewed_leaves_nothing_open(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer one ends the start."""

    def refuse(_store: object) -> None:
        raise TaskscopeError("newer")

    monkeypatch.setattr(opening, "migrate", refuse)
    with pytest.raises(TaskscopeError, match="newer"):
        OpenedStore("chdb:///x").try_open()
    assert engine.done == ["close"]
