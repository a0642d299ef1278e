"""Lists of traces."""

from dataclasses import replace

from taskscope.model.trace import TraceGroup
from taskscope.render.traces import GROUP_COLUMNS, TRACE_COLUMNS, group_cells, trace_cells
from tests.unit.render.views import START, SUMMARY


def test_a_trace_is_a_row_of_what_people_look_for() -> None:
    """A trace shows its id, age, method, status, response time, URL, services and three annotations."""
    cells = dict(zip(TRACE_COLUMNS, trace_cells(SUMMARY, START + 120 * 10**9), strict=True))
    assert cells == {
        "ID": "1-65f0c1d2-9b1e4c77a0d3f2e5c6b7a899",
        "AGE": "2m",
        "METHOD": "POST",
        "STATUS": "502",
        "DURATION": "369 ms",
        "URL OR OPERATION": "https://shop.test/orders",
        "SERVICES": "shop-api,bank",
        "ANNOTATIONS": "tenant=acme items=3 beta=false +1",
    }


def test_a_trace_that_is_not_whole_is_marked() -> None:
    """A trace in progress or without its beginning is marked, one without HTTP shows its operation and outcome."""
    summary = replace(SUMMARY, is_partial=True, is_orphan=True, http=replace(SUMMARY.http, method="", url="", status=0))
    cells = trace_cells(summary, START)
    assert cells[2:4] == ["-", "fault"]
    assert cells[5] == "\u2026 ? shop-api"


def test_a_group_shows_share_and_percentiles() -> None:
    """A group shows its share, response times and counts by outcome."""
    cells = group_cells(TraceGroup("/orders", 7, 0.07, 1, 2, 3, 1, 10**6, 2 * 10**6, 3 * 10**6, 4 * 10**6))
    assert cells == ["/orders", "7", "7.0%", "1 ms", "2 ms", "3 ms", "4 ms", "1", "3", "2", "1"]
    assert GROUP_COLUMNS[-4:] == ("OK", "THROTTLED", "ERRORS", "FAULTS")
