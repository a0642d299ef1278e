"""X-Ray's traces among log lines."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from taskscope.aws.xray import TraceHead, XRay
from taskscope.clock import MILLISECOND, SECOND
from taskscope.model.log_reading import LogSelection, TraceNode
from taskscope.model.timeline import Window
from taskscope.sources.logs.traces import XRayTraces

T0 = 1_795_000_000
NOTHING = LogSelection()


def _segment(identity: str, start: float, end: float | None, **more: Any) -> dict[str, Any]:
    document = {"id": identity, "name": identity, "start_time": T0 + start, **more}
    return document if end is None else {**document, "end_time": T0 + end}


class Account(XRay):
    """Traces by id, with the number of their revision."""

    def __init__(self, **traces: list[dict[str, Any]]) -> None:
        self.held = traces
        self.revisions = dict.fromkeys(traces, 1)
        self.partial: set[str] = set()
        self.searched: list[tuple[int, int, str]] = []
        self.fetched: list[str] = []

    def summaries(self, start_ns: int, end_ns: int, *, expression: str = "") -> Iterator[TraceHead]:
        """Yield those that began in the window."""
        self.searched.append((start_ns, end_ns, expression))
        for each, segments in self.held.items():
            if start_ns <= segments[0]["start_time"] * SECOND < end_ns:
                yield TraceHead(each, each in self.partial, self.revisions[each])

    def traces(self, ids: Sequence[str]) -> list[list[str]]:
        """Return their documents."""
        self.fetched += ids
        return [[json.dumps({**one, "trace_id": each}) for one in self.held[each]] for each in ids]


def _source(account: Account, *functions: str, now: float = 100) -> XRayTraces:
    return XRayTraces(account, functions, clock=lambda: int((T0 + now) * SECOND))


def _window(start: float, end: float | None = None) -> Window:
    return Window(int((T0 + start) * SECOND), None if end is None else int((T0 + end) * SECOND))


def test_trace_stands_at_its_end_with_its_tree() -> None:
    """Segments hang under the subsegments that called them; what failed says how."""
    account = Account(
        t=[
            _segment("api", 1, 3, http={"response": {"status": 502}}, fault=True,
                     subsegments=[_segment("call", 1.5, 2.5), _segment("early", 1.2, 1.3, throttle=True)]),
            _segment("worker", 1.6, 2.4, parent_id="call", error=True),
            _segment("orphan", 2, None, parent_id="gone"),
        ]
    )  # fmt: skip

    [found] = _source(account).traces(NOTHING, _window(0))

    assert (found.time_ns, found.duration_ns, found.trace_id, found.revision) == ((T0 + 3) * SECOND, 2 * SECOND, "t", 1)
    assert found.nodes == (
        TraceNode(0, "api", 2 * SECOND, 502, "fault"),
        TraceNode(1, "early", 100 * MILLISECOND, None, "throttle"),
        TraceNode(1, "call", SECOND),
        TraceNode(2, "worker", 800 * MILLISECOND, None, "error"),
        TraceNode(0, "orphan", None),
    )


def test_only_traces_that_ended_in_the_window_are_told_in_order() -> None:
    """They are searched by their beginning, which may be before it; those in progress wait."""
    account = Account(
        a=[_segment("x", 1, 30)], b=[_segment("x", 2, 20)], c=[_segment("x", 3, 5)], d=[_segment("x", 4, 25)]
    )
    account.partial = {"d"}

    found = _source(account).traces(NOTHING, _window(10, 90))

    assert [each.trace_id for each in found] == ["b", "a"]


def test_trace_is_told_again_only_with_a_new_revision() -> None:
    """While following, windows overlap."""
    account = Account(a=[_segment("x", 1, 2)])
    source = _source(account)

    first, second = list(source.traces(NOTHING, _window(0))), list(source.traces(NOTHING, _window(0)))
    account.revisions["a"] = 2
    third = list(source.traces(NOTHING, _window(0)))

    assert [len(first), len(second), len(third)] == [1, 0, 1]
    assert account.fetched == ["a", "a"]


def test_functions_narrow_the_search_and_long_windows_are_cut() -> None:
    """X-Ray takes six hours at most; the services of functions bear their names."""
    account = Account()

    assert list(_source(account, "f", "g", "f", now=8 * 3600).traces(NOTHING, _window(0))) == []

    assert {each for _, _, each in account.searched} == {'service("f") OR service("g")'}
    assert [end - start for start, end, _ in account.searched] == [6 * 3600 * SECOND, (2 * 3600 + 900) * SECOND]


def test_document_that_does_not_read_is_left_out() -> None:
    """The others of its trace are told."""
    account = Account(a=[_segment("x", 1, 2), {"id": "broken", "start_time": "soon"}])

    [found] = _source(account).traces(NOTHING, _window(0))

    assert [each.name for each in found.nodes] == ["x"]
