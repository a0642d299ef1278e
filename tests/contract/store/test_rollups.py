"""Computed minutes are those of the spans at hand, on both engines."""

from taskscope.clock import SECOND
from taskscope.model.window import Window
from taskscope.query.service_map import service_map
from taskscope.query.trace.service_map import map_of
from taskscope.store.columns.tables import SPANS, columns_of
from taskscope.store.engine import Store
from taskscope.store.rollups import Rollups
from tests.unit.query.shop import START, request

_LATER = START + 3_600 * SECOND
_WINDOW = Window(START, _LATER)


def test_map_is_that_of_the_spans_before_and_after(fresh: Store) -> None:
    """Joined live, then computed; and computed anew when a call's answer comes late."""
    spans = [span for number in range(6) for span in request(number)]
    early, late = spans[:-1], spans[-1:]
    fresh.insert_columns(SPANS, columns_of(SPANS, early), token="early")
    assert service_map(fresh, _WINDOW, now_ns=_LATER) == map_of(early)
    rollups = Rollups(fresh, rest_seconds=0)
    assert rollups.refresh(_LATER, budget_seconds=60) == 3
    assert service_map(fresh, _WINDOW, now_ns=_LATER) == map_of(early)

    fresh.insert_columns(SPANS, columns_of(SPANS, late), token="late")
    assert service_map(fresh, _WINDOW, now_ns=_LATER) == map_of(spans)
    assert rollups.refresh(_LATER, budget_seconds=60) == 1
    assert service_map(fresh, _WINDOW, now_ns=_LATER) == map_of(spans)
    assert rollups.refresh(_LATER) == 0
