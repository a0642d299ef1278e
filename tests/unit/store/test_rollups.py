"""Minutes computed in the store: the same map as of the spans at hand, however they came in."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import Any, Final
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskscope.clock import SECOND
from taskscope.errors import TaskscopeError, UnavailableError
from taskscope.model.resource import Resource
from taskscope.model.service_map import ServiceMap
from taskscope.model.span import Span
from taskscope.model.window import Window
from taskscope.query.minutes import survey
from taskscope.query.service_map import service_map
from taskscope.query.trace.service_map import map_of
from taskscope.store import rollups
from taskscope.store.columns.tables import SPANS, columns_of
from taskscope.store.engine import Store, open_store
from taskscope.store.migrate import migrate
from taskscope.store.rollups import Rollups
from tests.unit.query.shop import request
from tests.unit.store.any_traces import any_traces

_HOUR: Final = 3_600 * SECOND
_START: Final = 1_790_000_040 * SECOND
_hours = count()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store with the newest schema; each example has hours of its own in it."""
    with open_store(f"chdb://{tmp_path_factory.mktemp('rollups')}") as opened:
        migrate(opened)
        yield opened


def _insert(store: Store, spans: list[Span], token: str) -> None:
    if spans:
        store.insert_columns(SPANS, columns_of(SPANS, spans), token=token)


def _map(store: Store, base: int) -> ServiceMap:
    return service_map(store, Window(base - 60 * SECOND, base + _HOUR), now_ns=base + _HOUR)


def _fresh_base() -> int:
    return _START + 2 * _HOUR * next(_hours)


class Interrupted(Store):
    """A store that fails after so many statements, as if the process had been killed between two."""

    left: int

    def execute(self, statement: str, **settings: Any) -> None:
        """Fail, or do it."""
        self.left -= 1
        if self.left < 0:
            raise UnavailableError("killed")
        super().execute(statement, **settings)


def _interrupted(store: Store, left: int) -> Store:
    other = Interrupted(store.dsn, database=store.database, read_only=False)
    other.left = left
    return other


@settings(max_examples=3)
@given(data=st.data())
def test_live_map_is_that_of_the_spans(store: Store, data: Any) -> None:
    """Before anything is computed."""
    base = _fresh_base()
    spans = data.draw(any_traces(base))
    _insert(store, spans, f"live:{base}")

    assert _map(store, base) == map_of(spans)


@settings(max_examples=3)
@given(data=st.data())
def test_computed_map_is_that_of_the_spans(store: Store, data: Any) -> None:
    """Whatever came late, twice or in another order, and whoever was interrupted or did the same at the same time."""
    base = _fresh_base()
    spans = data.draw(any_traces(base))
    batches = data.draw(st.lists(st.integers(0, 2), min_size=len(spans), max_size=len(spans)))
    workers = [Rollups(store, rest_seconds=0), Rollups(store, rest_seconds=0)]
    at_once = patch.object(rollups, "_SPANS_AT_ONCE", data.draw(st.sampled_from([4, 1_000])))
    for batch in data.draw(st.permutations(range(3))):
        chosen = [span for span, number in zip(spans, batches, strict=True) if number == batch]
        for _ in range(data.draw(st.integers(1, 2))):
            _insert(store, chosen, f"{base}:{batch}")
        match data.draw(st.sampled_from(["compute", "interrupted", "nothing"])):
            case "compute":
                with at_once:
                    data.draw(st.sampled_from(workers)).refresh(base + _HOUR, budget_seconds=60)
            case "interrupted":
                with _interrupted(store, data.draw(st.integers(0, 7))) as other, suppress(UnavailableError):
                    Rollups(other, rest_seconds=0).refresh(base + _HOUR, budget_seconds=60)
    workers[0].refresh(base + _HOUR, budget_seconds=60)

    assert _rest(store, base) == []
    assert _map(store, base) == map_of(spans)
    assert workers[1].refresh(base + _HOUR) == 0


def _rest(store: Store, base: int) -> object:
    """Return what would be answered live."""
    return survey(store, Window(base - 60 * SECOND, base + _HOUR), now_ns=base + _HOUR).live


class Failing(Store):
    """A store in which one minute cannot be computed."""

    minute: int

    def execute(self, statement: str, **settings: Any) -> None:
        """Fail for that minute."""
        if "INSERT" in statement and f"Timestamp >= toDateTime64({self.minute}, " in statement:
            raise TaskscopeError("too much memory")
        super().execute(statement, **settings)


def test_a_minute_that_fails_keeps_no_other_back(store: Store) -> None:
    """It is told of, and tried again."""
    base = _fresh_base()
    _insert(store, [span for number in range(6) for span in request(number, base)], f"fail:{base}")
    with Failing(store.dsn, database=store.database, read_only=False) as failing:
        failing.minute = base // SECOND + 60
        worker = Rollups(failing)
        with pytest.raises(TaskscopeError, match="too much memory"):
            worker.refresh(base + _HOUR, budget_seconds=60)
        assert len(survey(store, Window(base, base + _HOUR), now_ns=base + _HOUR).live) == 1
        failing.minute = 0
        assert worker.refresh(base + _HOUR, budget_seconds=60) >= 1
        assert _rest(store, base) == []


def test_it_yields_to_others_and_ends_in_time(store: Store) -> None:
    """Nothing while it is busy; a minute at least where time is short, the newest first; one that is not over never."""
    base = _fresh_base()
    _insert(store, [span for number in range(6) for span in request(number, base)], f"yield:{base}")
    worker = Rollups(store)

    assert worker.refresh(base + 2 * 60 * SECOND + 19 * SECOND, busy=lambda: True) == 0
    assert worker.refresh(base + 2 * 60 * SECOND + 19 * SECOND, budget_seconds=0) == 1
    assert worker.refresh(base + 2 * 60 * SECOND + 19 * SECOND) == 0
    assert worker.refresh(base + _HOUR, budget_seconds=0) >= 1
    live = survey(store, Window(base, base + _HOUR), now_ns=base + _HOUR).live
    assert live == [(base // SECOND + 60, base // SECOND + 120)]
    assert worker.refresh(base + _HOUR) >= 1
    assert _rest(store, base) == []


def test_subsegments_of_one_id_above_one_another_come_to_an_end(store: Store) -> None:
    """Whoever sends such a ring, its minute is computed."""
    base = _fresh_base()
    spans = request(1, base)
    alone = {"aws.xray.document": "subsegment"}
    first, second = bytes([1]) * 8, bytes([2]) * 8
    ring = [
        spans[0]._replace(span_id=own, parent_span_id=above, attributes=alone, resource=Resource({}))
        for own, above in ((first, second), (second, first), (spans[0].span_id, first), (first, spans[0].span_id))
    ]
    _insert(store, [*spans, *ring], f"ring:{base}")

    assert Rollups(store).refresh(base + _HOUR, budget_seconds=60) >= 1
    assert _rest(store, base) == []
