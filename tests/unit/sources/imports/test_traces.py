"""Reading X-Ray's traces: slices, order, patience."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from taskscope.aws.xray import TraceHead
from taskscope.clock import SECOND
from taskscope.errors import DeniedError, TaskscopeError, ThrottledError
from taskscope.model.window import Window
from taskscope.sources.imports.traces import SLICE_NS, TraceReader, slices


def _head(number: int) -> TraceHead:
    return TraceHead(f"1-{number:08x}-{number:024x}", is_partial=False, revision=1)


class FakeXRay:
    """Has traces with even numbers; fails as often as it is told."""

    def __init__(self, *failures: TaskscopeError) -> None:
        self.failures = list(failures)

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.pop()

    def summaries(self, _start: int, _end: int, *, expression: str) -> Iterator[TraceHead]:
        """Yield the same traces twice, as pages may."""
        self._fail()
        yield from [_head(len(expression)), _head(2), _head(2)]

    def traces(self, ids: Sequence[str]) -> list[list[str]]:
        """Return those that are there, in another order."""
        self._fail()
        return [[json.dumps({"trace_id": each})] for each in reversed(ids) if int(each[2:10], 16) % 2 == 0]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Give threads."""
    with ThreadPoolExecutor(3) as threads:
        yield threads


def _reader(xray: FakeXRay, pool: ThreadPoolExecutor, slept: list[float]) -> TraceReader:
    return TraceReader(cast("Any", xray), pool, sleep=slept.append)


@pytest.mark.parametrize("length", [1, SLICE_NS, SLICE_NS + 1, 7 * SLICE_NS])
def test_slices_cover_a_window_and_are_short(length: int) -> None:
    """X-Ray refuses more than six hours."""
    found = list(slices(Window(SECOND, SECOND + length)))

    assert [each.start_ns for each in found[1:]] == [each.end_ns for each in found[:-1]]
    assert (found[0].start_ns, found[-1].end_ns) == (SECOND, SECOND + length)
    assert all(0 < each.end_ns - each.start_ns <= SLICE_NS for each in found)


def test_each_trace_is_listed_once(pool: ThreadPoolExecutor) -> None:
    """Whatever pages say."""
    assert _reader(FakeXRay(), pool, []).heads(Window(0, 1), "abc") == [_head(3), _head(2)]


def test_traces_come_in_the_order_in_which_they_were_asked_for(pool: ThreadPoolExecutor) -> None:
    """Those that are not there any more are empty."""
    heads = [_head(number) for number in range(53)]

    found = list(_reader(FakeXRay(), pool, []).fetch(heads))

    assert [each.head for each in found] == heads
    assert [bool(each.documents) for each in found] == [number % 2 == 0 for number in range(53)]


def test_what_is_throttled_is_tried_again(pool: ThreadPoolExecutor) -> None:
    """With longer and longer rests."""
    slept: list[float] = []

    reader = _reader(FakeXRay(ThrottledError("slow"), ThrottledError("slow")), pool, slept)

    assert len(list(reader.fetch([_head(2)]))) == 1
    assert slept == [1.0, 2.0]


@pytest.mark.parametrize(("failures", "rests"), [([ThrottledError("slow")] * 9, 6), ([DeniedError("no")], 0)])
def test_it_gives_up_where_patience_does_not_help(
    pool: ThreadPoolExecutor, failures: list[TaskscopeError], rests: int
) -> None:
    """After a minute, or at once."""
    slept: list[float] = []

    with pytest.raises(type(failures[0])):
        _reader(FakeXRay(*failures), pool, slept).heads(Window(0, 1))
    assert len(slept) == rests
