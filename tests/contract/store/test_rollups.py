"""Computed minutes are those of the spans at hand, on both engines."""

import pytest

from taskscope.clock import SECOND
from taskscope.model.window import Window
from taskscope.query import minutes
from taskscope.query.service_map import service_map
from taskscope.query.trace.service_map import map_of
from taskscope.store import rollups
from taskscope.store.columns.tables import SPANS, columns_of
from taskscope.store.engine import Store
from taskscope.store.rollups import Rollups
from tests.unit.query.shop import START, request

_LATER = START + 3_600 * SECOND
_WINDOW = Window(START, _LATER)


def test_an_open_minute_of_many_spans_is_answered_as_it_was_computed(
    fresh: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a while: then what came since is joined live, until it is computed again."""
    monkeypatch.setattr(rollups, "EARLY_SPANS", 5)
    monkeypatch.setattr(minutes, "EARLY_SPANS", 5)
    now = START + 40 * SECOND
    many = [*request(0), *request(0, START + SECOND)]
    more = request(1)
    fresh.insert_columns(SPANS, columns_of(SPANS, many), token="begun")
    assert Rollups(fresh, rest_seconds=0).refresh(now, budget_seconds=60) == 1

    fresh.insert_columns(SPANS, columns_of(SPANS, more), token="more")
    assert Rollups(fresh).refresh(now, budget_seconds=60) == 0
    assert service_map(fresh, _WINDOW, now_ns=now) == map_of(many)
    monkeypatch.setattr(minutes, "FRESH_SECONDS", -60)
    assert service_map(fresh, _WINDOW, now_ns=now) == map_of([*many, *more])
    assert Rollups(fresh, rest_seconds=0).refresh(now, budget_seconds=60) == 1
    assert service_map(fresh, _WINDOW, now_ns=now) == map_of([*many, *more])


def test_map_is_that_of_the_spans_before_and_after(fresh: Store) -> None:
    """Joined live, then computed; and computed anew when a call's answer comes late."""
    spans = [span for number in range(6) for span in request(number)]
    early, late = spans[:-1], spans[-1:]
    fresh.insert_columns(SPANS, columns_of(SPANS, early), token="early")
    assert service_map(fresh, _WINDOW, now_ns=_LATER) == map_of(early)
    job = Rollups(fresh, rest_seconds=0)
    assert job.refresh(_LATER, budget_seconds=60) == 3
    assert service_map(fresh, _WINDOW, now_ns=_LATER) == map_of(early)

    fresh.insert_columns(SPANS, columns_of(SPANS, late), token="late")
    assert service_map(fresh, _WINDOW, now_ns=_LATER) == map_of(spans)
    assert job.refresh(_LATER, budget_seconds=60) == 1
    assert service_map(fresh, _WINDOW, now_ns=_LATER) == map_of(spans)
    assert job.refresh(_LATER) == 0
