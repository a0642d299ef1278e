"""A window of many groups: in order, each line once, with memory for a page or two of each."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskscope.clock import MILLISECOND, SECOND
from taskscope.errors import DeniedError, NotFoundError
from taskscope.model.timeline import Window
from taskscope.sources.logs.place import LogPlace
from taskscope.sources.logs.window import order, read_window

GROUPS = ("/a", "/b", "/c")


@pytest.fixture(scope="module")
def pool() -> Iterator[Executor]:
    """Give a few threads."""
    with ThreadPoolExecutor(3) as executor:
        yield executor


@given(
    lines=st.lists(st.tuples(st.sampled_from(GROUPS), st.sampled_from("st"), st.integers(0, 20)), max_size=30),
    start=st.integers(0, 20),
    length=st.one_of(st.none(), st.integers(0, 10)),
)
def test_lines_of_all_groups_come_in_order_and_once(
    make_search: Callable[..., Any], pool: Executor, lines: list[tuple[str, str, int]], start: int, length: int | None
) -> None:
    """By time, group and stream; lines of one stream and time as they arrived; the window's end is not in it."""
    search = make_search(*GROUPS)
    for number, (group, stream, time) in enumerate(lines):
        search.put(group, stream, time * MILLISECOND, str(number), ingested_ns=0)
    window = Window(start * MILLISECOND, None if length is None else (start + length) * MILLISECOND)
    counted: list[int] = []

    found = list(
        read_window(
            [LogPlace(each) for each in GROUPS], window, "", search=lambda _region: search, pool=pool,
            progress=counted.append,
        )
    )  # fmt: skip

    expected = [
        (time * MILLISECOND, group, stream, number)
        for number, (group, stream, time) in enumerate(lines)
        if time * MILLISECOND in window
    ]
    assert [(*order(each), int(each.message)) for each in found] == sorted(expected)
    assert sum(counted) == len(found)


def test_missing_group_matters_only_if_it_was_named(make_search: Callable[..., Any], pool: Executor) -> None:
    """A function's may not exist yet; a permission that is missing always matters."""
    search = make_search("/a")
    search.put("/a", "s", SECOND, "x", ingested_ns=0)

    def read(*places: LogPlace) -> list[str]:
        found = read_window(places, Window(0), "", search=lambda _region: search, pool=pool)
        return [each.message for each in found]

    assert read(LogPlace("/a"), LogPlace("/missing", required=False)) == ["x"]
    with pytest.raises(NotFoundError):
        read(LogPlace("/a"), LogPlace("/missing"))
    search.failing["/a"] = [DeniedError("no")]
    with pytest.raises(DeniedError):
        read(LogPlace("/a", required=False))


def test_pages_are_read_one_ahead_and_no_more(make_search: Callable[..., Any], pool: Executor) -> None:
    """Who takes one line of a long log has not read it all."""
    search = make_search("/a")
    for number in range(100):
        search.put("/a", "s", number * MILLISECOND, "x", ingested_ns=0)
    counted: list[int] = []

    found = read_window(
        [LogPlace("/a")], Window(0), "", search=lambda _region: search, pool=pool, progress=counted.append
    )

    next(found)
    assert sum(counted) <= 4
    assert len(list(found)) == 99
