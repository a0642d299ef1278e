"""Events cut into calls of PutLogEvents."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from taskscope.sinks.cloudwatch.calls import Call, Entry, cut_calls

_DAY_MS = 86_400_000


def _cut(entries: list[Entry]) -> list[Call]:
    return list(cut_calls("group", "stream", entries))


def test_events_are_ordered_by_time_and_equal_ones_stay_in_order() -> None:
    """A call must be chronological; lines of one millisecond keep the order in which they came."""
    [call] = _cut([Entry(2, "c", [0]), Entry(1, "a", [1]), Entry(1, "b", [2])])

    assert [entry.message for entry in call.entries] == ["a", "b", "c"]


def test_a_call_has_at_most_10000_events() -> None:
    """One more begins a second call."""
    assert [len(call.entries) for call in _cut([Entry(1, "x", [at]) for at in range(10_001)])] == [10_000, 1]


def test_a_call_spans_at_most_24_hours() -> None:
    """An event one millisecond past a day after the first begins another call."""
    calls = _cut([Entry(0, "a", [0]), Entry(_DAY_MS, "b", [1]), Entry(_DAY_MS + 1, "c", [2])])

    assert [len(call.entries) for call in calls] == [2, 1]


def test_a_call_counts_utf8_bytes_and_26_more_an_event() -> None:
    """Two events that fill a call exactly share it; one byte more and they do not."""
    half = (1_048_576 - 52) // 2
    assert len(_cut([Entry(1, "x" * half, [0]), Entry(1, "x" * half, [1])])) == 1
    assert len(_cut([Entry(1, "x" * half, [0]), Entry(1, "x" * (half - 1) + "é", [1])])) == 2


@given(st.lists(st.tuples(st.integers(0, 3 * _DAY_MS), st.integers(1, 400_000)), max_size=40))
def test_every_call_keeps_the_rules_and_nothing_is_lost(drawn: list[tuple[int, int]]) -> None:
    """Whatever the times and sizes: in order, within a day, within a megabyte, each event once."""
    entries = [Entry(timestamp, "x" * size, [at]) for at, (timestamp, size) in enumerate(drawn)]
    calls = _cut(entries)

    assert sorted(row for call in calls for entry in call.entries for row in entry.rows) == list(range(len(drawn)))
    for call in calls:
        times = [entry.timestamp_ms for entry in call.entries]
        assert all(earlier <= later for earlier, later in pairwise(times))
        assert times[-1] - times[0] <= _DAY_MS
        assert sum(len(entry.message) + 26 for entry in call.entries) <= 1_048_576
